/* GET /metrics: the server's figures, as Prometheus text. */
#include "book/event.h"
#include "book/notification/notification.h"
#include "server/control/calls/health.h"
#include "server/control/calls/routes.h"
#include "server/control/request/stream.h"
#include "server/courier/courier.h"
#include "server/figures/metric.h"
#include "server/figures/process.h"
#include "server/figures/requests.h"
#include "server/files/bill_file.h"
#include "server/http/http.h"
#include "server/schedule/scheduler.h"

#define METRICS_MAX (256 * 1024) /* all series of all endpoints take half of it */

static void write_http(struct fz_text *text, const struct fz_control_parts *parts)
{
    struct fz_http_health http;
    fz_http_health(parts->http, &http);
    fz_metric(text, "fenzhang_bills_made_total", "counter", "Bill files written.",
                 fz_bill_files_made(parts->bill_files));
    fz_metric(text, "fenzhang_connections", "gauge", "Connections to the API.", http.connections);
    fz_metric(text, "fenzhang_store_reads_waiting", "gauge", "Reads of a database in the queue.", http.reads.waiting);
    fz_metric(text, "fenzhang_store_reads_running", "gauge", "Reads that connections to a database are at.", http.reads.running);
    fz_metric(text, "fenzhang_connections_accepted_total", "counter", "Connections accepted.", http.accepted);
    fz_metric(text, "fenzhang_connections_refused_total", "counter", "Connections beyond the cap.",
                 http.refused_full);
    fz_metric(text, "fenzhang_connections_expired_total", "counter", "Connections ended by a deadline.",
                 http.expired);
}

static void write_store(struct fz_text *text, const struct fz_control_parts *parts)
{
    struct fz_store_health store;
    fz_store_health(parts->store, &store);
    fz_metric(text, "fenzhang_store_writable", "gauge",
                 "1 if the last commit went well, the book is not damaged and its files are in their place.",
                 fz_control_trouble(parts, &store) == NULL);
    fz_metric(text, "fenzhang_store_writes_waiting", "gauge", "Writes in the queue.", store.waiting);
    fz_metric(text, "fenzhang_store_writes_running", "gauge", "Writes that connections to a database are at.", store.running);
    fz_metric(text, "fenzhang_store_commits_total", "counter", "Commits.", store.commits);
    fz_metric(text, "fenzhang_store_writes_total", "counter", "Writes; divided by the commits, the mean group.",
                 store.writes);
    fz_metric(text, "fenzhang_store_failed_commits_total", "counter", "Commits that failed.", store.failed_commits);
    fz_metric(text, "fenzhang_store_damaged", "gauge", "1 if the book was found damaged: nothing is written any more.",
                 store.damaged);
    fz_metric(text, "fenzhang_store_wal_pages", "gauge", "Pages of 4 KiB in the WAL.", (uint64_t)store.wal_frames);
    fz_metric(text, "fenzhang_store_wal_kept", "gauge",
                 "1 if the book's file failed to sync: the WAL grows until the server is started again.", store.wal_kept);
    fz_metric(text, "fenzhang_store_checkpoint_code", "gauge",
                 "What SQLite said of the last checkpoint: 0 it went well, 5 a reader was in the way, else an error.",
                 (uint64_t)store.checkpoint_code);
}

/* The control interface's one thread reads these, and /health waits for it: so counting ends early. */
#define COUNTED_MAX 10000
#define COUNTED_MAX_TEXT "at most 10000 are counted"

/* What the book says. That it is read is what makes this process's clock follow it. */
struct book_figures {
    int64_t due, waiting;
    bool read; /* else the database is away, or says nothing, and what is known has to do */
};

static enum fz_result count_rows(struct fz_tx *tx, void *argument)
{
    struct book_figures *out = argument;
    enum fz_result result = fz_event_count_due(tx, tx->now_ms, COUNTED_MAX, &out->due);
    return result == FZ_OK ? fz_notification_count_waiting(tx, COUNTED_MAX, &out->waiting) : result;
}

/* Whoever watches a process wants to hear of it, the more so while its database is away. */
static void read_book(struct fz_control_call *call, struct book_figures *out)
{
    struct fz_store_health store;
    fz_store_health(call->parts->store, &store);
    fz_reader_hurry(call->reader, FZ_CONTROL_GLANCE_MS);
    out->read = (store.writable || !store.shared) && fz_store_read(call->reader, count_rows, out, NULL) == FZ_OK;
    fz_reader_hurry(call->reader, 0);
}

static void write_callbacks(struct fz_text *text, struct fz_control_call *call, const struct book_figures *book)
{
    struct fz_courier_figures figures;
    uint64_t failed = 0;
    fz_courier_figures(call->parts->courier, &figures);
    fz_metric(text, "fenzhang_callbacks_sent_total", "counter", "Requests sent to notify_urls.",
              figures.sent);
    fz_metric_begin(text, "fenzhang_callbacks_total", "counter",
                    "Times that a callback was tried, by what came of it: a 2xx, another answer, or none.");
    for (int i = 0; i < FZ_CALLBACK_OUTCOMES; i++) {
        uint64_t count = figures.outcomes[i];
        fz_text_format(text, "fenzhang_callbacks_total{outcome=\"%s\"} %" PRIu64 "\n", fz_callback_outcome_words[i], count);
        failed += i == FZ_CALLBACK_DELIVERED ? 0 : count;
    }
    fz_metric(text, "fenzhang_callbacks_failed_total", "counter", "Times that a callback was not answered with 2xx.", failed);
    if (book->read)
        fz_metric(text, "fenzhang_callbacks_waiting", "gauge", "Callbacks that are due, or will be sent again; " COUNTED_MAX_TEXT ".", (uint64_t)book->waiting);
}

static void write_clock(struct fz_text *text, struct fz_control_call *call, const struct book_figures *book)
{
    int64_t now_ms;
    bool frozen;
    struct fz_scheduler_figures events;
    fz_scheduler_figures(call->parts->scheduler, &events);
    fz_scheduler_known_clock(call->parts->scheduler, &now_ms, &frozen);
    fz_metric(text, "fenzhang_store_read", "gauge",
              "1 if the book was read for this answer; else its clock is as this process knows it, and what would be counted in it is left out.",
              book->read);
    fz_metric(text, "fenzhang_book_time_seconds", "gauge", "Book time, seconds since 1970.",
                 (uint64_t)(now_ms / 1000));
    fz_metric(text, "fenzhang_book_time_frozen", "gauge", "1 if book time stands still.", frozen);
    fz_metric(text, "fenzhang_events_total", "counter", "Events of the book that have run.", events.ran);
    fz_metric(text, "fenzhang_events_set_aside_total", "counter", "Events that failed six times and were set aside.",
              events.set_aside);
    if (book->read)
        fz_metric(text, "fenzhang_events_due", "gauge", "Events that are due and have not run; " COUNTED_MAX_TEXT ".", (uint64_t)book->due);
}

static void write_request_log(struct fz_text *text, struct fz_control_call *call)
{
    struct fz_request_log_state log = {0};
    if (call->parts->request_log != NULL)
        fz_request_log_state(call->parts->request_log, &log);
    fz_metric(text, "fenzhang_requests_logged_total", "counter", "Exchanges put into the request log.", log.logged);
    fz_metric(text, "fenzhang_requests_log_dropped_total", "counter",
                 "Exchanges that fell out of the request log, being the oldest or too large.", log.dropped);
    fz_metric(text, "fenzhang_request_log_exchanges", "gauge", "Exchanges in the request log.",
                 log.next - log.first);
    fz_metric(text, "fenzhang_request_log_bytes", "gauge", "What they take of memory.", log.bytes);
    fz_metric(text, "fenzhang_request_log_readers", "gauge", "Readers of GET /requests/stream.",
                 call->parts->streams == NULL ? 0 : fz_control_streams_count(call->parts->streams));
}

static void write_requests(struct fz_text *text, const struct fz_control_parts *parts)
{
    struct fz_request_figures *sum = fz_request_figures_new();
    if (sum == NULL) {
        text->failed = true;
        return;
    }
    fz_http_count(parts->http, sum);
    fz_request_figures_write(sum, text);
    fz_request_figures_free(sum);
}

static void write_program(struct fz_text *text, const char *name, const char *help)
{
    fz_metric_begin(text, name, "gauge", help);
    fz_text_format(text, "%s{version=\"" FZ_VERSION "\"} 1\n", name);
}

void fz_control_metrics(struct fz_control_call *call)
{
    struct fz_text text = {.max = METRICS_MAX};
    struct book_figures book = {0};
    read_book(call, &book);
    write_program(&text, "fenzhang_build_info", "The program.");
    write_program(&text, "fenzhang_info", "The program, under its first name.");
    fz_metric_begin(&text, "fenzhang_process_info", "gauge", "The process: what its Request-IDs begin with, and its name.");
    fz_text_format(&text, "fenzhang_process_info{process=\"%s\",name=\"%s\"} 1\n", call->parts->process_id, call->parts->process_name);
    write_requests(&text, call->parts);
    write_http(&text, call->parts);
    write_store(&text, call->parts);
    write_clock(&text, call, &book);
    write_request_log(&text, call);
    write_callbacks(&text, call, &book);
    fz_process_figures_write(&text, call->parts->started_ms);
    call->text = text;
    call->status = text.failed ? MHD_HTTP_INTERNAL_SERVER_ERROR : MHD_HTTP_OK;
}
