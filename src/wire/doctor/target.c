/* Other texts for the second line of a message: host in front, another path, no query. */
#include <stdio.h>
#include <string.h>

#include "wire/api_hosts.h"
#include "wire/doctor/internal.h"

#define TARGET_MAX 2560 /* with a host in front */
#define VARIED_MAX 2048 /* longer targets are not varied: no real one is, and each variant would cost */

/* Beginnings of paths that are taken for one another; the longer ones first. */
static const struct {
    const char *sent, *was_signed, *how;
    bool likely;
} prefixes[] = {
    {"/v3/global/", "/v3/", "without /global", true},
    {"/v3/global/profit-sharing/", "/v3/profitsharing/", "that of the mainland", true},
    {"/v3/global/profit-sharing/", "/v3/profit-sharing/", "without /global", false},
    {"/v3/global/refunds", "/v3/refund/domestic/refunds", "that of the mainland", true},
    {"/v3/global/refunds", "/v3/refund/refunds", "that of the mainland", false},
    {"/v3/global/transactions/", "/v3/pay/transactions/", "that of the mainland", true},
    {"/v3/global/transactions/", "/v3/pay/partner/transactions/", "that of the mainland", false},
    {"/v3/global/", "/hk/v3/", "that of the older documents", true},
    {"/hk/v3/", "/v3/global/", "that of the newer documents", true},
    {"/hk/v3/", "/v3/", "without /hk", false},
    {"/hk/v3/", "/", "without the base URL's path", false},
    {"/v3/global/", "/global/", "without /v3", false},
    {"/v3/global/", "/", "without the base URL's path", false},
    {"/v3/profitsharing/", "/v3/global/profit-sharing/", "that of the global API", false},
    {"/v3/refund/domestic/refunds", "/v3/global/refunds", "that of the global API", false},
    {"/v3/pay/transactions/", "/v3/global/transactions/", "that of the global API", false},
    {"/v3/pay/partner/transactions/", "/v3/global/transactions/", "that of the global API", false},
    {"/v3/", "/v3/global/", "that of the global API", false},
    {"/v3/", "/", "without the base URL's path", false},
};

static void mark(struct fz_variant *variant, enum fz_mistake also, bool likely)
{
    if (variant == NULL)
        return;
    variant->also = also;
    variant->likely = likely;
}

/* ---- scheme and host ---- */

static void add_host(struct fz_variants *out, const char *host, const char *target, size_t size,
                     enum fz_mistake also, bool likely)
{
    static const char *const schemes[] = {"https://", "http://", ""};
    char text[TARGET_MAX];
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        int length = snprintf(text, sizeof text, "%s%s%.*s", schemes[i], host, (int)size, target);
        if (length > 0 && (size_t)length < sizeof text)
            mark(fz_variants_add(out, FZ_MISTAKE_HOST_IN_PATH, NULL, text, (size_t)length), also,
                 likely && schemes[i][0] != '\0');
    }
}

/* The request's own host, and those that libraries have built in. */
static void add_hosts(const struct fz_arrival *arrival, size_t path_size, struct fz_variants *out)
{
    size_t size = strlen(arrival->target);
    const char *own = arrival->host == NULL || strlen(arrival->host) > 255 ? fz_api_hosts[0] : arrival->host;
    add_host(out, own, arrival->target, size, FZ_MISTAKE_NONE, true);
    add_host(out, own, arrival->target, path_size, FZ_MISTAKE_QUERY_MISSING, false);
    for (size_t i = 0; i < FZ_API_HOSTS; i++)
        if (strcmp(own, fz_api_hosts[i]) != 0)
            add_host(out, fz_api_hosts[i], arrival->target, size, FZ_MISTAKE_NONE, false);
}

/* ---- path ---- */

static void add_joined(struct fz_variants *out, enum fz_mistake mistake, const char *how, bool likely,
                       const char *head, const char *middle, const char *tail)
{
    char text[TARGET_MAX];
    int length = snprintf(text, sizeof text, "%s%s%s", head, middle, tail);
    if (length > 0 && (size_t)length < sizeof text)
        mark(fz_variants_add(out, mistake, how, text, (size_t)length), FZ_MISTAKE_NONE, likely);
}

static void add_prefixes(const char *target, struct fz_variants *out)
{
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        size_t size = strlen(prefixes[i].sent);
        if (strncmp(target, prefixes[i].sent, size) == 0)
            add_joined(out, FZ_MISTAKE_PATH_PREFIX, prefixes[i].how, prefixes[i].likely,
                       prefixes[i].was_signed, "", target + size);
    }
}

static void add_placeholders(const struct fz_arrival *arrival, const char *query, struct fz_variants *out)
{
    for (const char *const *pattern = arrival->patterns; pattern != NULL && *pattern != NULL; pattern++) {
        if (strchr(*pattern, '{') == NULL)
            continue;
        add_joined(out, FZ_MISTAKE_PATH_PLACEHOLDER, NULL, false, *pattern, "", query);
        if (query[0] != '\0')
            add_joined(out, FZ_MISTAKE_PATH_PLACEHOLDER, "nor was the query signed", false, *pattern, "", "");
    }
}

static void add_slashes(const char *target, size_t path_size, const char *query, struct fz_variants *out)
{
    char path[TARGET_MAX];
    snprintf(path, sizeof path, "%.*s", (int)path_size, target);
    add_joined(out, FZ_MISTAKE_PATH_SLASH, "the first one is missing", false, target + 1, "", "");
    add_joined(out, FZ_MISTAKE_PATH_SLASH, "two at the beginning", false, "/", target, "");
    add_joined(out, FZ_MISTAKE_PATH_SLASH, "one at the end", false, path, "/", query);
    if (path_size > 1 && path[path_size - 1] == '/') {
        path[path_size - 1] = '\0';
        add_joined(out, FZ_MISTAKE_PATH_SLASH, "none at the end", false, path, "", query);
    }
}

/* ASCII letters of the whole target in one case. */
static void add_cases(const char *target, struct fz_variants *out)
{
    char text[TARGET_MAX];
    snprintf(text, sizeof text, "%s", target);
    for (char *c = text; *c != '\0'; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c |= 0x20;
    add_joined(out, FZ_MISTAKE_TARGET_CASE, NULL, false, text, "", "");
}

void fz_doctor_target_variants(const struct fz_arrival *arrival, struct fz_variants *out)
{
    const char *target = arrival->target;
    size_t path_size = strcspn(target, "?");
    const char *query = target + path_size;
    if (target[0] != '/' || strlen(target) > VARIED_MAX)
        return;
    if (query[0] == '\0')
        add_joined(out, FZ_MISTAKE_QUERY_MARK, NULL, false, target, "?", "");
    else
        mark(fz_variants_add(out, query[1] == '\0' ? FZ_MISTAKE_QUERY_MARK : FZ_MISTAKE_QUERY_MISSING, NULL,
                             target, path_size),
             FZ_MISTAKE_NONE, true);
    add_hosts(arrival, path_size, out);
    add_prefixes(target, out);
    fz_doctor_query_variants(arrival, out);
    add_placeholders(arrival, query, out);
    add_slashes(target, path_size, query, out);
    add_cases(target, out);
}
