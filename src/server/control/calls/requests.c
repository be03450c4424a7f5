/* GET /requests, /requests/ID, /requests/stream: the request log. */
#include <string.h>

#include "base/text.h"
#include "server/control/calls/routes.h"
#include "server/control/request/stream.h"
#include "server/log/json.h"

#define LIMIT_MAX      100
#define LIMIT_FALLBACK 50
#define BATCH          64 /* records looked at between two visits to the log's lock */
#define SEQUENCE_MAX   INT64_C(999999999999999999)

static bool has_log(struct fz_control_call *call)
{
    if (call->parts->request_log != NULL)
        return true;
    fz_control_refuse(call, MHD_HTTP_NOT_FOUND,
                      "There is no request log: the server was told to keep none. Start it without "
                      "--log-requests 0 and --log-bytes 0.");
    return false;
}

/* ---- what is asked for ---- */

/* "404", or "4xx" for all of its hundred. */
static void read_status(struct fz_control_call *call, struct fz_request_filter *out)
{
    const char *text = fz_control_query_text(call, "status", 3);
    if (text[0] == '\0')
        return;
    int digits = strspn(text, "0123456789") == 3 ? 3 : 1;
    if (text[0] < '1' || text[0] > '5' || (digits == 1 && strcmp(text + 1, "xx") != 0)) {
        fz_body_fault(call, "\"status\" is neither a status, like 404, nor a hundred of them, like 4xx");
        return;
    }
    out->status_min =
        digits == 3 ? (text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0') : (text[0] - '0') * 100;
    out->status_max = digits == 3 ? out->status_min : out->status_min + 99;
}

#define READ(name)                                                                                           \
    fz_copy(out->name, sizeof out->name, fz_control_query_text(call, #name, sizeof out->name - 1))

static void read_filter(struct fz_control_call *call, struct fz_request_filter *out)
{
    *out = (struct fz_request_filter){0};
    READ(mchid);
    READ(sub_mchid);
    READ(path);
    READ(code);
    READ(request_id);
    READ(number);
    read_status(call, out);
}

/* ---- GET /requests ---- */

struct listing {
    struct fz_request_filter filter;
    size_t limit;
    json_t *list;
    uint64_t before; /* records under this sequence are still to be looked at */
    bool ended;
};

/* Puts what fits of a batch into the list. */
static void list_batch(struct listing *listing, struct fz_request_record *records[], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (json_array_size(listing->list) < listing->limit) {
            if (fz_request_filter_fits(&listing->filter, records[i]))
                (void)json_array_append_new(listing->list, fz_record_summary(records[i]));
            listing->before = records[i]->sequence;
        }
        fz_request_record_unref(records[i]);
    }
}

static void list(struct fz_request_log *log, struct listing *listing)
{
    struct fz_request_record *records[BATCH];
    size_t count = BATCH;
    while (count == BATCH && json_array_size(listing->list) < listing->limit) {
        count = fz_request_log_before(log, listing->before, records, BATCH);
        list_batch(listing, records, count);
    }
    struct fz_request_log_state state;
    fz_request_log_state(log, &state);
    listing->ended = listing->before == 0 || listing->before <= state.first;
}

void fz_control_list_requests(struct fz_control_call *call)
{
    struct listing listing;
    if (!has_log(call))
        return;
    fz_control_query_read(call);
    read_filter(call, &listing.filter);
    listing.limit = (size_t)fz_control_query_integer(call, "limit", 1, LIMIT_MAX, LIMIT_FALLBACK);
    listing.before = (uint64_t)fz_control_query_integer(call, "before", 1, SEQUENCE_MAX, 0);
    if (!fz_control_query_is_sound(call))
        return;
    listing.list = json_array();
    list(call->parts->request_log, &listing);
    json_t *answer = json_pack("{s:s, s:o}", "process", call->parts->process_id, "requests", listing.list);
    if (answer != NULL && !listing.ended)
        (void)json_object_set_new(answer, "before", json_integer((json_int_t)listing.before));
    fz_control_answer(call, answer);
}

/* ---- GET /requests/ID ---- */

/* Request-IDs are as long as each other up to their dash; that much has to be given. */
static struct fz_request_record *find(struct fz_request_log *log, const char *request_id)
{
    struct fz_request_record *records[BATCH], *found = NULL;
    struct fz_request_filter filter = {0};
    uint64_t before = 0;
    size_t count = BATCH;
    if (strcspn(request_id, "-") != 32 || !fz_copy(filter.request_id, sizeof filter.request_id, request_id))
        return NULL;
    while (count == BATCH && found == NULL) {
        count = fz_request_log_before(log, before, records, BATCH);
        for (size_t i = 0; i < count; i++) {
            before = records[i]->sequence;
            if (found == NULL && fz_request_filter_fits(&filter, records[i]))
                found = records[i];
            else
                fz_request_record_unref(records[i]);
        }
    }
    return found;
}

void fz_control_get_request(struct fz_control_call *call)
{
    if (!has_log(call))
        return;
    fz_control_query_read(call);
    if (!fz_control_query_is_sound(call))
        return;
    struct fz_request_record *record = find(call->parts->request_log, call->argument);
    const char *process = call->parts->process_id;
    if (record != NULL)
        fz_control_answer(call, fz_record_whole(record));
    else if (strncmp(call->argument, process, strlen(process)) == 0)
        fz_control_refuse(call, MHD_HTTP_NOT_FOUND,
                          "No exchange with this Request-ID is in the log: it has fallen out, or a reset has "
                          "emptied the log. Keep more with --log-requests and --log-bytes.");
    else
        fz_control_refuse(call, MHD_HTTP_NOT_FOUND,
                          "No exchange with this Request-ID is in the log: those of this process begin with "
                          "%s. Send one as an answer's header had it, or ask the process that answered.",
                          process);
    fz_request_record_unref(record);
}

/* ---- GET /requests/stream ---- */

/* Where a reader goes on: behind `after`, or what a browser's reader says when it comes back; else with what
 * is new. */
static uint64_t read_after(struct fz_control_call *call)
{
    const char *last = MHD_lookup_connection_value(call->connection, MHD_HEADER_KIND, "Last-Event-ID");
    int64_t after = fz_control_query_integer(call, "after", 0, SEQUENCE_MAX, -1);
    if (after < 0 && (last == NULL || fz_parse_int(last, &after) != FZ_OK || after < 0))
        return UINT64_MAX;
    return (uint64_t)after;
}

void fz_control_stream_requests(struct fz_control_call *call)
{
    struct fz_request_filter filter;
    if (!has_log(call))
        return;
    fz_control_query_read(call);
    read_filter(call, &filter);
    uint64_t after = read_after(call);
    if (!fz_control_query_is_sound(call))
        return;
    call->stream = fz_control_stream_begin(call->parts->streams, call->connection, &filter, after);
    if (call->stream != NULL)
        call->status = MHD_HTTP_OK;
    else
        fz_control_refuse(call, MHD_HTTP_SERVICE_UNAVAILABLE,
                          "The stream was refused: %d readers have it already. End one of them, then try "
                          "again.",
                          FZ_STREAMS_MAX);
}
