/* Server-sent events: what a reader is told, and when its connection sleeps. */
#include "server/control/request/stream.h"

#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "server/log/json.h"
#include "wire/json_dumped.h"

#define BATCH         16
#define BATCHES_MAX   64 /* without a record that fits; then the daemon's thread has other things to do */
#define PENDING_MAX   (1 << 20) /* bytes; a batch is far smaller */
#define BLOCK         16384
#define SEND_BUFFER   65536 /* bytes that the system holds for a reader that does not read */
#define KEEP_ALIVE_MS 15000
#define NAP_MS        10 /* records that come close together wake a reader once */

struct fz_control_stream {
    struct fz_control_streams *streams;
    struct MHD_Connection *connection;
    int socket;
    struct fz_request_filter filter;
    uint64_t after;  /* the sequence it has come to */
    uint64_t resets; /* of the log, that it knows of */
    struct fz_text pending;
    size_t sent;             /* of what is pending */
    int64_t said_ms;         /* ticks: when it was last told something */
    bool suspended, hung_up; /* under the lock */
};

struct fz_control_streams {
    struct fz_request_log *log;
    pthread_t thread;
    int wake; /* eventfd: look at the readers anew */
    pthread_mutex_t lock;
    bool stopping;
    uint64_t tidings; /* how often news woke the thread */
    size_t count;
    struct fz_control_stream *readers[FZ_STREAMS_MAX];
};

static void wake(struct fz_control_streams *streams)
{
    static const uint64_t one = 1;
    (void)!write(streams->wake, &one, sizeof one);
}

/* ---- what is told ---- */

static void tell_gap(struct fz_control_stream *stream, uint64_t first)
{
    fz_text_format(&stream->pending, "event: gap\ndata: {\"missed\":%" PRIu64 "}\n\n",
                   first - stream->after - 1);
    stream->after = first - 1;
}

static void tell_record(struct fz_control_stream *stream, const struct fz_request_record *record)
{
    json_t *json = fz_record_summary(record);
    char *text = json == NULL ? NULL : fz_json_dumped(json, JSON_COMPACT);
    json_decref(json);
    if (text == NULL)
        stream->pending.failed = true;
    else
        fz_text_format(&stream->pending, "id: %" PRIu64 "\nevent: request\ndata: %s\n\n", record->sequence,
                       text);
    free(text);
}

static bool tell_reset(struct fz_control_stream *stream)
{
    struct fz_request_log_state state;
    fz_request_log_state(stream->streams->log, &state);
    if (state.resets == stream->resets)
        return false;
    stream->resets = state.resets;
    if (stream->after + 1 < state.first)
        stream->after = state.first - 1;
    fz_text_string(&stream->pending, "event: reset\ndata: {}\n\n");
    return true;
}

/* False when there is no further record. */
static bool tell_batch(struct fz_control_stream *stream)
{
    struct fz_request_record *records[BATCH];
    size_t count = fz_request_log_after(stream->streams->log, stream->after, records, BATCH);
    if (count > 0 && records[0]->sequence > stream->after + 1)
        tell_gap(stream, records[0]->sequence);
    for (size_t i = 0; i < count; i++) {
        if (fz_request_filter_fits(&stream->filter, records[i]))
            tell_record(stream, records[i]);
        stream->after = records[i]->sequence;
        fz_request_record_unref(records[i]);
    }
    return count > 0;
}

/* False when there is nothing to tell. */
static bool tell_news(struct fz_control_stream *stream)
{
    if (tell_reset(stream))
        return true;
    for (int i = 0; i < BATCHES_MAX; i++) {
        if (!tell_batch(stream))
            return false;
        if (stream->pending.size > 0 || stream->pending.failed)
            return true;
    }
    fz_text_string(&stream->pending, ":\n\n");
    return true;
}

/* ---- sleeping ---- */

enum nap { ASLEEP, AWAKE, OVER };

/* Not when the thread has had news after `tidings` was read: it could not wake who was not yet asleep. Over:
 * the server stops, or the peer has gone. */
static enum nap suspend(struct fz_control_stream *stream, uint64_t tidings)
{
    struct fz_control_streams *streams = stream->streams;
    pthread_mutex_lock(&streams->lock);
    enum nap nap = streams->stopping || stream->hung_up ? OVER : streams->tidings != tidings ? AWAKE : ASLEEP;
    if (nap == ASLEEP) {
        stream->suspended = true;
        MHD_suspend_connection(stream->connection);
    }
    pthread_mutex_unlock(&streams->lock);
    if (nap == ASLEEP)
        wake(streams);
    return nap;
}

/* Whether the stream goes on; how many tidings there were. */
static bool goes_on(struct fz_control_stream *stream, uint64_t *tidings)
{
    pthread_mutex_lock(&stream->streams->lock);
    bool on = !stream->streams->stopping && !stream->hung_up;
    *tidings = stream->streams->tidings;
    pthread_mutex_unlock(&stream->streams->lock);
    return on;
}

/* Fills `pending`; leaves it empty when the connection was suspended. False: the stream ends. */
static bool refill(struct fz_control_stream *stream)
{
    uint64_t tidings;
    fz_text_done(&stream->pending);
    stream->sent = 0;
    if (!goes_on(stream, &tidings))
        return false;
    while (!tell_news(stream)) {
        if (fz_ticks_ms() - stream->said_ms >= KEEP_ALIVE_MS) {
            fz_text_string(&stream->pending, ": keep-alive\n\n");
            break;
        }
        fz_request_log_want_news(stream->streams->log, FZ_NEWS_STREAMS);
        if (tell_news(stream)) /* came before they were wanted */
            break;
        enum nap nap = suspend(stream, tidings);
        if (nap != AWAKE)
            return nap == ASLEEP;
        if (!goes_on(stream, &tidings))
            return false;
    }
    stream->said_ms = fz_ticks_ms();
    return !stream->pending.failed;
}

/* libmicrohttpd's content reader, on the daemon's thread. */
static ssize_t read_stream(void *argument, uint64_t position, char *out, size_t max)
{
    struct fz_control_stream *stream = argument;
    (void)position;
    if (stream->sent == stream->pending.size && !refill(stream))
        return MHD_CONTENT_READER_END_OF_STREAM;
    size_t left = stream->pending.size - stream->sent, part = left < max ? left : max;
    if (part > 0)
        memcpy(out, stream->pending.data + stream->sent, part);
    stream->sent += part;
    return (ssize_t)part;
}

/* ---- the thread ---- */

struct watch {
    size_t count;
    struct fz_control_stream *readers[FZ_STREAMS_MAX];
    struct pollfd polls[2 + FZ_STREAMS_MAX]; /* wake, news, the readers' connections */
    int timeout_ms;
};

/* Only who sleeps is watched: nobody else can resume it, so it stays. False: the server stops. */
static bool look_at_readers(struct fz_control_streams *streams, struct watch *watch)
{
    watch->count = 0;
    watch->timeout_ms = -1;
    watch->polls[0] = (struct pollfd){.fd = streams->wake, .events = POLLIN};
    watch->polls[1] = (struct pollfd){.fd = fz_request_log_news(streams->log, FZ_NEWS_STREAMS), .events = POLLIN};
    int64_t now_ms = fz_ticks_ms();
    pthread_mutex_lock(&streams->lock);
    for (size_t i = 0; i < streams->count; i++) {
        struct fz_control_stream *reader = streams->readers[i];
        if (!reader->suspended)
            continue;
        int64_t left_ms = reader->said_ms + KEEP_ALIVE_MS - now_ms;
        left_ms = left_ms < 0 ? 0 : left_ms;
        if (watch->timeout_ms < 0 || left_ms < watch->timeout_ms)
            watch->timeout_ms = (int)left_ms;
        watch->polls[2 + watch->count] = (struct pollfd){.fd = reader->socket, .events = POLLRDHUP};
        watch->readers[watch->count++] = reader;
    }
    bool on = !streams->stopping;
    pthread_mutex_unlock(&streams->lock);
    return on;
}

static void resume(struct fz_control_stream *reader)
{
    reader->suspended = false;
    MHD_resume_connection(reader->connection);
}

static void resume_those(struct fz_control_streams *streams, const struct watch *watch, bool news)
{
    int64_t now_ms = fz_ticks_ms();
    pthread_mutex_lock(&streams->lock);
    for (size_t i = 0; i < watch->count; i++)
        watch->readers[i]->hung_up = watch->polls[2 + i].revents != 0;
    for (size_t i = 0; i < streams->count; i++) {
        struct fz_control_stream *reader = streams->readers[i];
        if (reader->suspended && (news || reader->hung_up || now_ms - reader->said_ms >= KEEP_ALIVE_MS))
            resume(reader);
    }
    streams->tidings += news;
    pthread_mutex_unlock(&streams->lock);
}

static void *main_of_thread(void *argument)
{
    struct fz_control_streams *streams = argument;
    struct watch watch;
    uint64_t count;
    while (look_at_readers(streams, &watch)) {
        if (poll(watch.polls, 2 + watch.count, watch.timeout_ms) < 0)
            continue;
        bool news = watch.polls[1].revents != 0;
        for (int i = 0; i < 2; i++)
            if (watch.polls[i].revents != 0)
                (void)!read(watch.polls[i].fd, &count, sizeof count);
        resume_those(streams, &watch, news);
        if (news)
            poll(NULL, 0, NAP_MS);
    }
    return NULL;
}

/* ---- life ---- */

enum fz_result fz_control_streams_start(struct fz_request_log *log, struct fz_control_streams **out)
{
    struct fz_control_streams *streams = calloc(1, sizeof *streams);
    if (streams == NULL)
        return FZ_FAILED;
    streams->log = log;
    streams->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    pthread_mutex_init(&streams->lock, NULL);
    if (streams->wake >= 0 && pthread_create(&streams->thread, NULL, main_of_thread, streams) == 0) {
        *out = streams;
        return FZ_OK;
    }
    fz_control_streams_free(streams);
    return FZ_FAILED;
}

void fz_control_streams_stop(struct fz_control_streams *streams)
{
    pthread_mutex_lock(&streams->lock);
    streams->stopping = true;
    pthread_mutex_unlock(&streams->lock);
    wake(streams);
    pthread_join(streams->thread, NULL);
    pthread_mutex_lock(&streams->lock);
    for (size_t i = 0; i < streams->count; i++)
        if (streams->readers[i]->suspended)
            resume(streams->readers[i]);
    pthread_mutex_unlock(&streams->lock);
}

void fz_control_streams_free(struct fz_control_streams *streams)
{
    if (streams->wake >= 0)
        close(streams->wake);
    pthread_mutex_destroy(&streams->lock);
    free(streams);
}

size_t fz_control_streams_count(struct fz_control_streams *streams)
{
    pthread_mutex_lock(&streams->lock);
    size_t count = streams->count;
    pthread_mutex_unlock(&streams->lock);
    return count;
}

/* ---- a reader ---- */

static bool take_place(struct fz_control_streams *streams, struct fz_control_stream *stream)
{
    pthread_mutex_lock(&streams->lock);
    bool free_place = streams->count < FZ_STREAMS_MAX && !streams->stopping;
    if (free_place)
        streams->readers[streams->count++] = stream;
    pthread_mutex_unlock(&streams->lock);
    return free_place;
}

struct fz_control_stream *fz_control_stream_begin(struct fz_control_streams *streams,
                                                  struct MHD_Connection *connection,
                                                  const struct fz_request_filter *filter, uint64_t after)
{
    static const int send_buffer = SEND_BUFFER;
    struct fz_control_stream *stream = calloc(1, sizeof *stream);
    if (stream == NULL)
        return NULL;
    struct fz_request_log_state state;
    fz_request_log_state(streams->log, &state);
    stream->streams = streams;
    stream->connection = connection;
    stream->socket = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    setsockopt(stream->socket, SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof send_buffer);
    stream->filter = *filter;
    stream->after = after < state.next ? after : state.next - 1;
    stream->resets = state.resets;
    stream->pending.max = PENDING_MAX;
    stream->said_ms = fz_ticks_ms();
    fz_text_format(&stream->pending, ": from sequence %" PRIu64 " on\n\n", stream->after + 1);
    if (!stream->pending.failed && take_place(streams, stream))
        return stream;
    fz_text_done(&stream->pending);
    free(stream);
    return NULL;
}

static void end(void *argument)
{
    struct fz_control_stream *stream = argument;
    struct fz_control_streams *streams = stream->streams;
    pthread_mutex_lock(&streams->lock);
    for (size_t i = 0; i < streams->count; i++)
        if (streams->readers[i] == stream)
            streams->readers[i] = streams->readers[--streams->count];
    pthread_mutex_unlock(&streams->lock);
    fz_text_done(&stream->pending);
    free(stream);
}

struct MHD_Response *fz_control_stream_response(struct fz_control_stream *stream)
{
    struct MHD_Response *response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK, read_stream, stream, end);
    if (response == NULL) {
        end(stream);
        return NULL;
    }
    (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "text/event-stream");
    (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    return response;
}
