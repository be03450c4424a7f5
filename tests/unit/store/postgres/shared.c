/* A book of a test's own, and a wire to it that can be cut: a proxy between two sockets, a thread a connection. */
#include "unit/store/postgres/shared.h"

#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#define BREAKS_AFTER_MS 300

static sem_t ended; /* of shared_write */
static enum fz_result written;

static char directory[] = "/tmp/fenzhang-wire-XXXXXX";
static char server[100]; /* the server's socket */
static int listening = -1;
static pthread_t listener;
static atomic_int generation, cut[2]; /* of the connections up to that generation: nothing comes back, nothing goes */

static struct sockaddr_un address_of(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    return address;
}

/* Passes on what one end says; false at its end. */
static bool pass(int from, int to, bool swallows)
{
    char bytes[65536];
    ssize_t size = read(from, bytes, sizeof bytes);
    return size > 0 && (swallows || send(to, bytes, (size_t)size, MSG_NOSIGNAL) == size);
}

static void *run_wire(void *argument)
{
    int client = (int)(intptr_t)argument, mine = atomic_load(&generation), end = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un address = address_of(server);
    bool open = connect(end, (struct sockaddr *)&address, sizeof address) == 0;
    bool asked = false; /* since it is deaf: so what was to be lost, or not to arrive, has gone out; for that there are three seconds */
    for (int silent_ms = 0; open && silent_ms < BREAKS_AFTER_MS;) {
        struct pollfd ends[] = {{.fd = client, .events = POLLIN}, {.fd = end, .events = POLLIN}};
        (void)poll(ends, 2, 10);
        bool deaf = mine < atomic_load(&cut[0]), dead = mine < atomic_load(&cut[1]);
        asked = asked || (deaf && ends[0].revents != 0);
        silent_ms += asked ? 10 : deaf ? 1 : 0;
        open = (ends[0].revents == 0 || pass(client, end, dead)) && (ends[1].revents == 0 || pass(end, client, deaf));
    }
    close(client);
    close(end);
    return NULL;
}

static void *listen_on(void *argument)
{
    (void)argument;
    for (int client; (client = accept(listening, NULL, NULL)) >= 0;) {
        pthread_t wire;
        if (pthread_create(&wire, NULL, run_wire, (void *)(intptr_t)client) == 0)
            pthread_detach(wire);
    }
    return NULL;
}

static void start_wire(void)
{
    char path[100];
    if (listening >= 0)
        return;
    const char *host = strstr(getenv("FENZHANG_POSTGRES"), "host=") + 5;
    snprintf(server, sizeof server, "%s/.s.PGSQL.5432", host);
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/.s.PGSQL.5432", directory);
    struct sockaddr_un address = address_of(path);
    listening = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(listening, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(listening, 64), 0);
    assert_int_equal(pthread_create(&listener, NULL, listen_on, NULL), 0);
}

void shared_cut(bool both)
{
    int now = atomic_fetch_add(&generation, 1) + 1;
    if (both)
        atomic_store(&cut[1], now);
    atomic_store(&cut[0], now);
}

static PGconn *dial(const char *name)
{
    char text[300];
    snprintf(text, sizeof text, "%s&dbname=%s", getenv("FENZHANG_POSTGRES"), name);
    PGconn *connection = PQconnectdb(text);
    if (PQstatus(connection) != CONNECTION_OK)
        fail_msg("%s", PQerrorMessage(connection));
    return connection;
}

static void run(PGconn *connection, const char *sql)
{
    PGresult *done = PQexec(connection, sql);
    if (PQresultStatus(done) != PGRES_COMMAND_OK && PQresultStatus(done) != PGRES_TUPLES_OK)
        fail_msg("%s", PQresultErrorMessage(done));
    PQclear(done);
}

void shared_open(struct shared *out, const char *name, struct fz_store_options options)
{
    char sql[100], path[300], why[600] = "";
    start_wire();
    PGconn *maker = dial("postgres");
    PQsetNoticeProcessor(maker, NULL, NULL);
    snprintf(sql, sizeof sql, "DROP DATABASE IF EXISTS %s WITH (FORCE)", name);
    run(maker, sql);
    snprintf(sql, sizeof sql, "CREATE DATABASE %s", name);
    run(maker, sql);
    PQfinish(maker);
    snprintf(path, sizeof path, "postgresql://fenzhang@/%s?host=%s", name, directory);
    *out = (struct shared){.world = fz_world_new(true, 1, NULL)};
    options.path = path;
    options.world = out->world;
    if (fz_store_open(&options, &out->store, why, sizeof why) != FZ_OK)
        fail_msg("%s", why);
    out->outside = dial(name);
}

void shared_close(struct shared *shared)
{
    PQfinish(shared->outside);
    fz_store_close(shared->store);
    fz_world_free(shared->world);
}

static void post(struct fz_write *write, enum fz_result result)
{
    (void)write;
    written = result;
    sem_post(&ended);
}

enum fz_result shared_write(struct shared *shared, struct fz_write *write)
{
    sem_init(&ended, 0, 0);
    write->done = post;
    assert_int_equal(fz_store_submit(shared->store, write), FZ_OK);
    while (sem_wait(&ended) != 0)
        continue;
    sem_destroy(&ended);
    return written;
}

void shared_say(const struct shared *shared, const char *sql)
{
    run(shared->outside, sql);
}

int64_t shared_number(const struct shared *shared, const char *sql)
{
    PGresult *rows = PQexec(shared->outside, sql);
    if (PQresultStatus(rows) != PGRES_TUPLES_OK || PQntuples(rows) != 1)
        fail_msg("%s: %s", sql, PQresultErrorMessage(rows));
    int64_t number = strtoll(PQgetvalue(rows, 0, 0), NULL, 10);
    PQclear(rows);
    return number;
}
