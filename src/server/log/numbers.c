/* Numbers in the text of a record. */
#include "server/log/numbers.h"

#include <microhttpd.h>
#include <string.h>

#include "base/text.h"
#include "spec/server/route.h"

struct search {
    fz_number_seen seen;
    void *argument;
};

/* The name as it stands here; NULL if it is not one that is looked for. */
static const char *wanted(const char *name, size_t size)
{
    static const char *const names[] = {"out_refund_no", "refund_id",      "out_order_no", "order_id",
                                        "out_trade_no",  "transaction_id", "id",           "sub_mchid"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strlen(names[i]) == size && memcmp(names[i], name, size) == 0)
            return names[i];
    return NULL;
}

static bool show(const struct search *search, const char *name, const char *value, size_t size,
                 bool is_encoded)
{
    char text[3 * FZ_NUMBER_MAX + 1];
    if (name == NULL || size == 0 || size >= sizeof text)
        return false;
    fz_copy_part(text, sizeof text, value, size);
    if (is_encoded)
        MHD_http_unescape(text);
    return strlen(text) <= FZ_NUMBER_MAX && search->seen(search->argument, name, text);
}

/* ---- path and query ---- */

static bool search_path(const struct search *search, const char *method, const char *target)
{
    struct fz_route route;
    struct fz_error error;
    if (fz_route_find(method, target, &route, &error) != FZ_OK)
        return false;
    for (size_t i = 0; i < route.value_count; i++)
        if (show(search, wanted(route.values[i].name, strlen(route.values[i].name)), route.values[i].text,
                 route.values[i].size, true))
            return true;
    return false;
}

static bool search_query(const struct search *search, const char *query)
{
    while (*query != '\0') {
        size_t size = strcspn(query, "&"), name = strcspn(query, "=&");
        if (name < size && show(search, wanted(query, name), query + name + 1, size - name - 1, true))
            return true;
        query += size + (query[size] == '&' ? 1 : 0);
    }
    return false;
}

static bool search_target(const struct search *search, const struct fz_request_record *record)
{
    const struct fz_kept *parts = record->parts;
    char method[FZ_KEPT_METHOD + 1], target[FZ_KEPT_TARGET + 1];
    fz_copy_part(method, sizeof method, record->text + parts[FZ_PART_METHOD].at, parts[FZ_PART_METHOD].size);
    fz_copy_part(target, sizeof target, record->text + parts[FZ_PART_TARGET].at, parts[FZ_PART_TARGET].size);
    const char *query = strchr(target, '?');
    return search_path(search, method, target) || (query != NULL && search_query(search, query + 1));
}

/* ---- bodies ---- */

static const char *skip_blanks(const char *at, const char *end)
{
    while (at < end && *at != '\0' && strchr(" \t\r\n", *at) != NULL)
        at++;
    return at;
}

/* Goes from quote to quote: "name" : "value". A body may be cut or broken, so it is not parsed. */
static bool search_body(const struct search *search, const struct fz_request_record *record,
                        enum fz_record_part part)
{
    const char *at = record->text + record->parts[part].at, *end = at + record->parts[part].size, *close;
    for (at = memchr(at, '"', (size_t)(end - at)); at != NULL; at = close) {
        close = memchr(at + 1, '"', (size_t)(end - at - 1));
        const char *name = close == NULL ? NULL : wanted(at + 1, (size_t)(close - at - 1));
        if (name == NULL)
            continue;
        const char *value = skip_blanks(close + 1, end);
        if (value == end || *value != ':')
            continue;
        value = skip_blanks(value + 1, end);
        const char *last =
            value < end && *value == '"' ? memchr(value + 1, '"', (size_t)(end - value - 1)) : NULL;
        if (last != NULL && show(search, name, value + 1, (size_t)(last - value - 1), false))
            return true;
    }
    return false;
}

bool fz_record_numbers(const struct fz_request_record *record, fz_number_seen seen, void *argument)
{
    const struct search search = {.seen = seen, .argument = argument};
    return search_target(&search, record) || search_body(&search, record, FZ_PART_ASKED_BODY) ||
           search_body(&search, record, FZ_PART_ANSWER_BODY);
}
