/* Names and addresses under which clients reach this server besides those that it has anyway: service names of a network of
 * containers, names of one's own. */
#ifndef FZ_BASE_SERVER_HOST_NAMES_H
#define FZ_BASE_SERVER_HOST_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/result.h"

#define FZ_HOST_NAMES_MAX 16
#define FZ_HOST_NAME_SIZE 254 /* a DNS name has at most 253 letters */

/* Zero-initialise. Names are in lower case, addresses as inet_ntop writes them, without brackets. */
struct fz_host_names {
    size_t count;
    char names[FZ_HOST_NAMES_MAX][FZ_HOST_NAME_SIZE];
};

/* Adds the names of `list`, with commas between them; one that is there already is not added again. FZ_MALFORMED: `bad` got the
 * first that is no name and no address. FZ_FULL: there are more than FZ_HOST_NAMES_MAX. `names` is then as it was. */
FZ_MUST_CHECK enum fz_result fz_host_names_add(struct fz_host_names *names, const char *list, char bad[FZ_HOST_NAME_SIZE]);

/* Whether `host` is one of them, in whatever case; an IPv6 address may have its brackets. `names` may be NULL. */
bool fz_host_names_have(const struct fz_host_names *names, const char *host);

/* Whether `name`, one of a list, is an address. */
bool fz_host_is_address(const char *name);

#endif
