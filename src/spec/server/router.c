/* From method and target to a call. The target is split as it was sent, so an encoded slash stays part
 * of its value. */
#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "spec/calls.h"
#include "spec/server/route.h"

#define OLD_PREFIX   "/hk/v3"
#define PATTERNS_MAX 128
#define METHODS_MAX  4 /* of one path */

struct segment {
    const char *text;
    size_t size;
};

/* The segment behind the slash that `*at` points to; moves `*at` to the next slash or the end. */
static struct segment next_segment(const char **at, const char *end)
{
    const char *start = *at + 1;
    const char *slash = memchr(start, '/', (size_t)(end - start));
    *at = slash == NULL ? end : slash;
    return (struct segment){start, (size_t)(*at - start)};
}

static bool is_variable(struct segment segment)
{
    return segment.size > 2 && segment.text[0] == '{';
}

/* Whether `path` fits `pattern`; fills the values of `out`. An empty value fits: that it is empty is then
 * said as a fault of its parameter. */
static bool path_fits(const char *pattern, const char *path, const char *path_end, struct fz_route *out)
{
    const char *pattern_end = pattern + strlen(pattern);
    out->value_count = 0;
    while (pattern < pattern_end && path < path_end) {
        struct segment wanted = next_segment(&pattern, pattern_end), sent = next_segment(&path, path_end);
        if (is_variable(wanted)) {
            assert(out->value_count < FZ_PATH_VALUES_MAX);
            out->values[out->value_count].name = wanted.text + 1;
            out->values[out->value_count].text = sent.text;
            out->values[out->value_count++].size = sent.size;
        } else if (wanted.size != sent.size || memcmp(wanted.text, sent.text, sent.size) != 0) {
            return false;
        }
    }
    return pattern == pattern_end && path == path_end;
}

/* The pattern's names end in a brace; the declared ones, which are the same, end in a NUL. */
static void name_values(struct fz_route *route)
{
    for (size_t i = 0; i < route->value_count; i++) {
        const char *in_pattern = route->values[i].name;
        size_t size = strcspn(in_pattern, "}");
        for (const struct fz_member *p = route->spec->request; p->name != NULL; p++)
            if (p->place == FZ_IN_PATH && strlen(p->name) == size && memcmp(p->name, in_pattern, size) == 0)
                route->values[i].name = p->name;
    }
}

/* What the rows have for a path, as far as the scan got. Of two patterns that fit, the one with fewer
 * variables is meant, whatever the method: /orders/unfreeze is not a number of /orders/{out_order_no}. */
struct scan {
    bool known;
    size_t variables; /* of the pattern that is meant */
    const char *methods[METHODS_MAX]; /* that it takes, in the order of the calls */
    size_t method_count;
    struct fz_route route; /* with the method asked for; no call: there is none */
};

/* All patterns, each with the size of its part before the first variable. */
static struct known {
    const struct fz_spec *spec;
    size_t number; /* the call's */
    const char *pattern;
    size_t fixed;
} known[PATTERNS_MAX];
static size_t known_count;

static void try_pattern(const struct known *at, const char *method, const char *path, const char *end,
                        struct scan *scan)
{
    struct fz_route route = {.spec = at->spec, .number = at->number};
    if (!path_fits(at->pattern, path, end, &route) || (scan->known && route.value_count > scan->variables))
        return;
    if (!scan->known || route.value_count < scan->variables)
        *scan = (struct scan){.known = true, .variables = route.value_count};
    assert(scan->method_count < METHODS_MAX);
    scan->methods[scan->method_count++] = at->spec->method;
    if (strcmp(at->spec->method, method) == 0)
        scan->route = route;
}

static void list_patterns(void)
{
    size_t count;
    const struct fz_spec *const *rows = fz_specs(&count);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < FZ_PATHS_MAX && rows[i]->paths[j] != NULL; j++) {
            const char *pattern = rows[i]->paths[j];
            assert(known_count < PATTERNS_MAX);
            known[known_count++] = (struct known){rows[i], i, pattern, strcspn(pattern, "{")};
        }
}

/* Nearly all patterns fail at their fixed part: to take the path apart for each would cost ten times as much. */
static struct scan scan_patterns(const char *method, const char *path, const char *end)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, list_patterns);
    struct scan scan = {0};
    size_t size = (size_t)(end - path);
    for (const struct known *at = known; at < known + known_count; at++)
        if (at->fixed <= size && path[at->fixed - 1] == at->pattern[at->fixed - 1] &&
            memcmp(at->pattern, path, at->fixed) == 0)
            try_pattern(at, method, path, end, &scan);
    return scan;
}

static bool is_post_only(const struct scan *scan)
{
    return scan->method_count == 1 && strcmp(scan->methods[0], "POST") == 0;
}

enum fz_result fz_route_find(const char *method, const char *target, struct fz_route *out,
                             struct fz_error *error)
{
    const char *end = target + strcspn(target, "?");
    size_t prefix = strlen(OLD_PREFIX);
    bool old = strncmp(target, OLD_PREFIX, prefix) == 0 && strchr("/?", target[prefix]) != NULL;
    out->old_spelling = old;

    struct scan scan = {0};
    if (target[0] == '/')
        scan = scan_patterns(method, target, end);
    if (!scan.known)
        return fz_refuse(error, FZ_NOT_FOUND);
    if (scan.route.spec == NULL && old && is_post_only(&scan) && strcmp(method, "GET") == 0)
        return fz_refuse(error, FZ_REQUIRE_POST_METHOD);
    if (scan.route.spec == NULL)
        return fz_refuse(error, FZ_METHOD_NOT_ALLOWED);
    *out = scan.route;
    name_values(out);
    out->old_spelling = old;
    out->query = *end == '?' ? end + 1 : NULL;
    return FZ_OK;
}

void fz_route_methods(const char *target, char out[FZ_METHODS_SIZE])
{
    struct scan scan = scan_patterns("", target, target + strcspn(target, "?"));
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < scan.method_count && used < FZ_METHODS_SIZE; i++)
        used += (size_t)snprintf(out + used, FZ_METHODS_SIZE - used, "%s%s", i == 0 ? "" : ", ", scan.methods[i]);
}
