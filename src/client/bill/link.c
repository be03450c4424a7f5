/* Whether a link to a bill may be followed, and what has to be signed of it. */
#include "client/bill/link.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"

/* Where the vendor's libraries take a file without a signature, whatever the connection is. */
#define UNSIGNED_PATH "/v3/billdownload/file"
/* The vendor's documents have links at other hosts of its own than the one that was asked: api.mch.weixin.qq.com. */
#define VENDOR_DOMAIN ".mch.weixin.qq.com"

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

static bool begins(const char *text, const char *with)
{
    return strncasecmp(text, with, strlen(with)) == 0;
}

/* ---- whose host it is ---- */

/* https, a name below the vendor's domain, no port. */
static bool is_vendor(const char *host, size_t size)
{
    static const char scheme[] = "https://";
    size_t head = sizeof scheme - 1, tail = sizeof VENDOR_DOMAIN - 1;
    if (size <= head + tail || !begins(host, scheme) || strncasecmp(host + size - tail, VENDOR_DOMAIN, tail) != 0)
        return false;
    return strspn(host + head, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.") >= size - head;
}

static bool is_allowed(const fz_client *client, const char *host, size_t size)
{
    for (size_t i = 0; i < client->host_count; i++) {
        const char *own = client->hosts[i];
        if (strlen(own) == size && strncasecmp(own, host, size) == 0)
            return true;
        if (is_vendor(own, strlen(own)) && is_vendor(host, size))
            return true;
    }
    return false;
}

/* ---- whether the file may be unsigned ---- */

static bool is_loopback(const char *host)
{
    static const char *const names[] = {"localhost", "[::1]"};
    const char *name = strstr(host, "://") + 3;
    size_t size = name[0] == '[' ? strcspn(name, "]") + 1 : strcspn(name, ":");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (size == strlen(names[i]) && begins(name, names[i]))
            return true;
    return begins(name, "127.") && strspn(name, "0123456789.") == size;
}

/* On the way from such a host nobody changes the file: where it is was told under a signature, and who sends it is known. */
static bool is_safe_way(const char *host)
{
    return begins(host, "https://") || is_loopback(host);
}

static bool is_unsigned_path(const char *target)
{
    size_t path = strcspn(target, "?");
    return path == strlen(UNSIGNED_PATH) && memcmp(target, UNSIGNED_PATH, path) == 0;
}

enum fz_result fz_bill_link_read(const fz_client *client, const char *link, struct fz_bill_link *out)
{
    const char *authority = strstr(link, "://");
    if (authority == NULL)
        return FZ_ABSENT;
    const char *target = authority + 3 + strcspn(authority + 3, "/");
    size_t size = (size_t)(target - link);
    if (size >= sizeof out->host || !is_sent_as_it_is(target) || !is_allowed(client, link, size))
        return FZ_ABSENT;
    (void)fz_copy_part(out->host, sizeof out->host, link, size);
    out->target = target;
    out->unsigned_ok = is_safe_way(out->host) || is_unsigned_path(target);
    return FZ_OK;
}
