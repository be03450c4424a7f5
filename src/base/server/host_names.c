/* Names under which clients reach this server: read, and found again. */
#include "base/server/host_names.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/text.h"

#define LABEL_MAX 63

/* ---- one name ---- */

/* As inet_ntop writes it, so that the same address is the same text. */
static bool read_address(const char *text, char out[FZ_HOST_NAME_SIZE])
{
    unsigned char address[sizeof(struct in6_addr)];
    int family = strchr(text, ':') == NULL ? AF_INET : AF_INET6;
    return inet_pton(family, text, address) == 1 && inet_ntop(family, address, out, FZ_HOST_NAME_SIZE) != NULL;
}

/* RFC 1123, 2.1. No underscore: Java refuses a certificate that has one in a name. */
static bool is_label(const char *label, size_t size)
{
    return size >= 1 && size <= LABEL_MAX && label[0] != '-' && label[size - 1] != '-' &&
           strspn(label, "abcdefghijklmnopqrstuvwxyz0123456789-") >= size;
}

/* What ends with a number is read as an IPv4 address by some, also where it is none: 1.2.3, 127.0x1. */
static bool is_number(const char *label)
{
    return strspn(label, "0123456789") == strlen(label) || strncmp(label, "0x", 2) == 0;
}

static bool is_name(const char *name)
{
    const char *label = name;
    for (const char *dot; (dot = strchr(label, '.')) != NULL; label = dot + 1)
        if (!is_label(label, (size_t)(dot - label)))
            return false;
    return is_label(label, strlen(label)) && !is_number(label);
}

static bool read_name(const char *text, size_t size, char out[FZ_HOST_NAME_SIZE])
{
    char name[FZ_HOST_NAME_SIZE];
    if (!fz_copy_part(name, sizeof name, text, size))
        return false;
    for (char *at = name; *at != '\0'; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at - 'A' + 'a');
    return read_address(name, out) || (is_name(name) && fz_copy(out, FZ_HOST_NAME_SIZE, name));
}

/* ---- all of them ---- */

static bool has(const struct fz_host_names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->names[i], name) == 0)
            return true;
    return false;
}

enum fz_result fz_host_names_add(struct fz_host_names *names, const char *list, char bad[FZ_HOST_NAME_SIZE])
{
    const size_t before = names->count;
    enum fz_result result = FZ_OK;
    for (const char *at = list; at != NULL && result == FZ_OK;) {
        char name[FZ_HOST_NAME_SIZE];
        size_t size = strcspn(at, ",");
        if (!read_name(at, size, name)) {
            fz_copy_clean(bad, FZ_HOST_NAME_SIZE, at, size, FZ_HOST_NAME_SIZE / 4);
            result = FZ_MALFORMED;
        } else if (!has(names, name)) {
            if (names->count == FZ_HOST_NAMES_MAX)
                result = FZ_FULL;
            else
                fz_copy(names->names[names->count++], FZ_HOST_NAME_SIZE, name);
        }
        at = at[size] == ',' ? at + size + 1 : NULL;
    }
    if (result != FZ_OK)
        names->count = before;
    return result;
}

bool fz_host_names_have(const struct fz_host_names *names, const char *host)
{
    char name[FZ_HOST_NAME_SIZE];
    size_t size = strlen(host);
    bool bracketed = size > 2 && host[0] == '[' && host[size - 1] == ']';
    if (names == NULL || !read_name(host + (bracketed ? 1 : 0), size - (bracketed ? 2 : 0), name))
        return false;
    return bracketed == (strchr(name, ':') != NULL) && has(names, name);
}

bool fz_host_is_address(const char *name)
{
    char address[FZ_HOST_NAME_SIZE];
    return read_address(name, address);
}
