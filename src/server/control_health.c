/* GET /health, GET /metrics: how the server fares. */
#include <inttypes.h>
#include <stdio.h>

#include "base/calendar.h"
#include "book/event.h"
#include "book/notification.h"
#include "server/control_call.h"
#include "server/control_stream.h"
#include "server/data_directory.h"
#include "server/http.h"
#include "server/scheduler.h"

/* ---- events that were set aside ---- */

#define ASIDE_MAX 10 /* told of */

static enum fz_result add_aside(void *list, const struct fz_event_aside *aside)
{
    char due[FZ_TIME_SIZE];
    fz_format_time(due, aside->due_ms);
    json_t *event = json_pack("{s:s, s:I, s:s, s:s}", "event", aside->kind, "subject",
                              (json_int_t)aside->subject, "due", due, "reason", aside->why);
    if (event == NULL || json_array_append_new(list, event) != 0)
        return FZ_FAILED;
    return json_array_size(list) < ASIDE_MAX ? FZ_OK : FZ_ABSENT;
}

static enum fz_result list_aside(struct fz_tx *tx, void *list)
{
    json_array_clear(list);
    enum fz_result result = fz_event_each_aside(tx, add_aside, list);
    return result == FZ_ABSENT ? FZ_OK : result;
}

/* ---- GET /health ---- */

/* Why nothing can be written; NULL if it can. */
static const char *find_trouble(const struct fz_server *server, const struct fz_store_health *store)
{
    if (store->damaged)
        return "The book is damaged, so nothing is written to it any more. The log says what was found. Stop the server, "
               "keep a copy of the book and its WAL, and put a sound copy in their place.";
    if (!fz_store_is_there(server->store))
        return "The book, or its WAL, is no longer where it was opened: it was moved, removed or replaced, so nothing is "
               "acknowledged any more. Put the files back, and the server goes on by itself.";
    if (!fz_data_directory_is_there(server->options.data, server->data_lock))
        return "The data directory is no longer where it was opened: it was moved, removed or replaced, and with it the "
               "secret that opens the book. Put it back, and the server goes on by itself.";
    if (atomic_load(&server->reset_failed))
        return "The last POST /reset failed; its answer and the log say why, and what is there now. Mend that, then "
               "reset again or restart the server.";
    if (!store->writable)
        return "The book cannot be written: the last commit failed. Look at the disk; it is tried again every second, "
               "and reads go on.";
    return NULL;
}

/* What wants looking after, although everything works: text of the member `warning`; NULL if nothing does. */
static const char *find_warning(const struct fz_store_health *store)
{
    if (store->wal_kept)
        return "The book's file could not be brought to the disk (fsync failed). Nothing is lost: the WAL has it all, and "
               "grows until the server is started again. Look at the disk, then restart it.";
    if (store->checkpoint_code != 0 && store->checkpoint_code != FZ_CHECKPOINT_BUSY)
        return "The WAL cannot be brought into the book's file, and grows until it can. Look at the disk; it is tried "
               "again every few seconds.";
    return NULL;
}

static void answer_alive(struct fz_control_call *call, const struct fz_store_health *store)
{
    json_t *aside = json_array();
    if (aside != NULL && fz_store_read(call->reader, list_aside, aside, NULL) != FZ_OK)
        json_array_clear(aside);
    bool none = json_array_size(aside) == 0;
    const char *warning = find_warning(store);
    json_t *answer =
        json_pack("{s:s, s:I, s:I, s:s*}", "status", none && warning == NULL ? "ok" : "attention", "waiting",
                  (json_int_t)store->waiting, "commits", (json_int_t)store->commits, "warning", warning);
    if (answer != NULL && !none)
        json_object_set(answer, "set_aside", aside);
    json_decref(aside);
    fz_control_answer(call, answer);
}

void fz_control_health(struct fz_control_call *call)
{
    struct fz_store_health store;
    fz_store_health(call->server->store, &store);
    const char *trouble = find_trouble(call->server, &store);
    if (trouble == NULL)
        answer_alive(call, &store);
    else
        fz_control_refuse(call, MHD_HTTP_SERVICE_UNAVAILABLE, "%s", trouble);
}

static void write_figure(struct fz_text *text, const char *name, const char *type, const char *help,
                         uint64_t value)
{
    fz_text_format(text, "# HELP fenzhang_%s %s\n# TYPE fenzhang_%s %s\nfenzhang_%s %" PRIu64 "\n", name,
                   help, name, type, name, value);
}

static void write_http(struct fz_text *text, struct fz_server *server)
{
    struct fz_http_health http;
    fz_http_health(server->http, &http);
    struct fz_counters *counters = &server->counters;
    write_figure(text, "requests_total", "counter", "Requests to the API.", atomic_load(&counters->requests));
    write_figure(text, "requests_refused_total", "counter", "Requests answered outside 2xx.",
                 atomic_load(&counters->refused));
    write_figure(text, "requests_unsigned_total", "counter", "Requests without a good signature.",
                 atomic_load(&counters->unsigned_requests));
    write_figure(text, "writes_overload_total", "counter",
                 "Requests answered 503 because too many writes waited.",
                 atomic_load(&counters->writes_overload));
    write_figure(text, "answer_bytes_total", "counter", "Bytes of answers, without their headers.",
                 atomic_load(&counters->bytes_out));
    write_figure(text, "bills_made_total", "counter", "Bill files written.",
                 atomic_load(&counters->bills_made));
    write_figure(text, "connections", "gauge", "Connections to the API.", http.connections);
    write_figure(text, "connections_accepted_total", "counter", "Connections accepted.", http.accepted);
    write_figure(text, "connections_refused_total", "counter", "Connections beyond the cap.",
                 http.refused_full);
    write_figure(text, "connections_expired_total", "counter", "Connections ended by a deadline.",
                 http.expired);
}

static void write_store(struct fz_text *text, struct fz_server *server)
{
    struct fz_store_health store;
    fz_store_health(server->store, &store);
    write_figure(text, "store_writable", "gauge",
                 "1 if the last commit went well, the book is not damaged and its files are in their place.",
                 find_trouble(server, &store) == NULL);
    write_figure(text, "store_writes_waiting", "gauge", "Writes in the queue.", store.waiting);
    write_figure(text, "store_commits_total", "counter", "Commits.", store.commits);
    write_figure(text, "store_writes_total", "counter", "Writes; divided by the commits, the mean group.",
                 store.writes);
    write_figure(text, "store_failed_commits_total", "counter", "Commits that failed.", store.failed_commits);
    write_figure(text, "store_damaged", "gauge", "1 if the book was found damaged: nothing is written any more.",
                 store.damaged);
    write_figure(text, "store_wal_pages", "gauge", "Pages of 4 KiB in the WAL.", (uint64_t)store.wal_frames);
    write_figure(text, "store_wal_kept", "gauge",
                 "1 if the book's file failed to sync: the WAL grows until the server is started again.", store.wal_kept);
    write_figure(text, "store_checkpoint_code", "gauge",
                 "What SQLite said of the last checkpoint: 0 it went well, 5 a reader was in the way, else an error.",
                 (uint64_t)store.checkpoint_code);
}

/* The control interface's one thread reads these, and /health waits for it: so counting ends early. */
#define COUNTED_MAX 10000
#define COUNTED_MAX_TEXT "at most 10000 are counted"

static enum fz_result count_waiting(struct fz_tx *tx, void *out)
{
    return fz_notification_count_waiting(tx, COUNTED_MAX, out);
}

static void write_callbacks(struct fz_text *text, struct fz_control_call *call)
{
    struct fz_counters *counters = &call->server->counters;
    int64_t waiting = 0;
    write_figure(text, "callbacks_sent_total", "counter", "Requests sent to notify_urls.", atomic_load(&counters->callbacks_sent));
    write_figure(text, "callbacks_failed_total", "counter", "Times that a callback was not answered with 2xx.",
                 atomic_load(&counters->callbacks_failed));
    if (fz_store_read(call->reader, count_waiting, &waiting, NULL) == FZ_OK)
        write_figure(text, "callbacks_waiting", "gauge", "Callbacks that are due, or will be sent again; " COUNTED_MAX_TEXT ".", (uint64_t)waiting);
}

static enum fz_result count_due(struct fz_tx *tx, void *out)
{
    return fz_event_count_due(tx, tx->now_ms, COUNTED_MAX, out);
}

static void write_clock(struct fz_text *text, struct fz_control_call *call)
{
    int64_t now_ms, due = 0;
    bool frozen;
    fz_scheduler_clock(call->server->scheduler, &now_ms, &frozen);
    write_figure(text, "book_time_seconds", "gauge", "Book time, seconds since 1970.",
                 (uint64_t)(now_ms / 1000));
    write_figure(text, "book_time_frozen", "gauge", "1 if book time stands still.", frozen);
    if (fz_store_read(call->reader, count_due, &due, NULL) == FZ_OK)
        write_figure(text, "events_due", "gauge", "Events that are due and have not run; " COUNTED_MAX_TEXT ".", (uint64_t)due);
}

static void write_request_log(struct fz_text *text, struct fz_control_call *call)
{
    struct fz_request_log_state log = {0};
    if (call->server->request_log != NULL)
        fz_request_log_state(call->server->request_log, &log);
    write_figure(text, "requests_logged_total", "counter", "Exchanges put into the request log.", log.logged);
    write_figure(text, "requests_log_dropped_total", "counter",
                 "Exchanges that fell out of the request log, being the oldest or too large.", log.dropped);
    write_figure(text, "request_log_exchanges", "gauge", "Exchanges in the request log.",
                 log.next - log.first);
    write_figure(text, "request_log_bytes", "gauge", "What they take of memory.", log.bytes);
    write_figure(text, "request_log_readers", "gauge", "Readers of GET /requests/stream.",
                 call->streams == NULL ? 0 : fz_control_streams_count(call->streams));
}

void fz_control_metrics(struct fz_control_call *call)
{
    struct fz_text text = {.max = 32 * 1024};
    fz_text_string(
        &text,
        "# HELP fenzhang_info The program.\n# TYPE fenzhang_info gauge\nfenzhang_info{version=\"" FZ_VERSION
        "\"} 1\n");
    write_http(&text, call->server);
    write_store(&text, call->server);
    write_clock(&text, call);
    write_request_log(&text, call);
    write_callbacks(&text, call);
    call->text = text;
    call->status = text.failed ? MHD_HTTP_INTERNAL_SERVER_ERROR : MHD_HTTP_OK;
}
