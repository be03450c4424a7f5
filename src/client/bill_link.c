/* Whether a link to a bill may be followed, and what has to be signed of it. */
#include "client/bill_link.h"

#include <string.h>
#include <strings.h>

/* Where the vendor's libraries take a file without a signature, and nowhere else. */
#define UNSIGNED_PATH "/v3/billdownload/file"

/* What libcurl sends otherwise than it stands here would not be what was signed. */
static bool is_sent_as_it_is(const char *target)
{
    if (*target != '/')
        return false;
    for (; *target != '\0'; target++)
        if (*target <= ' ' || *target >= 0x7f || *target == '#')
            return false;
    return true;
}

enum fz_result fz_bill_link_read(const fz_client *client, const char *link, struct fz_bill_link *out)
{
    for (size_t i = 0; i < client->host_count; i++) {
        size_t size = strlen(client->hosts[i]);
        const char *target = strncasecmp(link, client->hosts[i], size) == 0 ? link + size : "";
        if (!is_sent_as_it_is(target))
            continue;
        size_t path = strcspn(target, "?");
        *out = (struct fz_bill_link){client->hosts[i], target,
                                     path == strlen(UNSIGNED_PATH) && memcmp(target, UNSIGNED_PATH, path) == 0};
        return FZ_OK;
    }
    return FZ_ABSENT;
}
