/* The lives: blocking calls, a loop, an upload, cancelled calls, certificates that are kept in a directory. */
#include "torture/lives.h"

#include <dirent.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "torture/check.h"
#include "torture/steps.h"

#define PATIENT_MS 1000 /* an attempt of blocking calls: what fails there is told at once */

static void blocking_calls(void)
{
    fz_client *client = make_client(NULL, PATIENT_MS);
    if (client == NULL)
        return;
    query(client);
    submit(client);
    order(client);
    callback(client);
    fz_client_free(client);
}

static void an_upload(void)
{
    fz_client *client = make_client(NULL, PATIENT_MS);
    if (client != NULL)
        upload(client);
    fz_client_free(client);
}

/* ---- loops ---- */

/* Where the loop is not told of a socket, it is the attempt's time that ends it. */
static int64_t attempt_ms(void)
{
    return checks.nothing_fails ? 5000 : 50;
}

static int left;

static void on_order(void *argument, void *answer, fz_error *error)
{
    expect("order on a loop", argument != NULL || (answer != NULL) == (service.temper == GOOD));
    check_order(answer, error);
    left--;
}

static void on_query(void *argument, void *answer, fz_error *error)
{
    (void)argument;
    expect("query on a loop", (answer != NULL) == (service.temper != FORGED));
    check_query(answer, error);
    left--;
}

/* Waiting is the program's own, and does not fail. */
static void turn(fz_loop *loop)
{
    service.inside = true;
    struct pollfd wait = {.fd = fz_loop_handle(loop), .events = POLLIN};
    (void)poll(&wait, 1, 1000);
    service.inside = false;
    fz_loop_work(loop);
}

static void run(fz_loop *loop)
{
    for (int turns = 0; left > 0 && turns < 2000; turns++)
        turn(loop);
    if (left > 0)
        wrong("loop", "a call does not end");
}

/* Cancelled after so many turns; `argument` tells on_order that it need not have been answered. */
static fz_loop *open_loop(fz_client *client)
{
    fz_loop *loop = NULL;
    fz_error *error = NULL;
    if (fz_loop_new(client, NULL, &loop, &error) != 0) {
        check_error("loop", error);
        fz_error_free(error);
        loop = NULL;
    }
    expect("loop", loop != NULL);
    return loop;
}

static bool begin(fz_loop *loop, const char *name, const void *request, const struct fz_call_options *options,
                  void (*done)(void *argument, void *answer, fz_error *error), void *argument)
{
    fz_error *error = NULL;
    if (fz_loop_start(loop, name, request, options, done, argument, NULL, &error) == 0) {
        left++;
        return true;
    }
    check_error("start", error);
    fz_error_free(error);
    expect("start", false);
    return false;
}

/* Two calls at once, and one after them, by what they left. */
static void a_loop(void)
{
    struct fz_order_place_request placed = order_request();
    struct fz_refund_by_out_refund_no_request asked = query_request();
    fz_client *client = make_client(NULL, attempt_ms());
    fz_loop *loop = client == NULL ? NULL : open_loop(client);
    if (loop != NULL) {
        begin(loop, "order-native", &placed, NULL, on_order, NULL);
        begin(loop, "refund-by-out-refund-no", &asked, NULL, on_query, NULL);
        run(loop);
        begin(loop, "refund-by-out-refund-no", &asked, NULL, on_query, NULL);
        run(loop);
        fz_loop_free(loop);
    }
    fz_client_free(client);
}

/* ---- cancelling ---- */

#define CANCELLED_AFTER 3 /* turns at most: from not begun to nearly answered */

static void cancel_on_a_loop(fz_client *client, fz_loop *loop, fz_cancel *cancel, int turns)
{
    struct fz_order_place_request placed = order_request();
    struct fz_call_options options = FZ_INIT(fz_call_options);
    options.cancel = turns % 2 == 0 ? cancel : NULL;
    service.reached[ORDER] = service.answered[ORDER] = false;
    if (!begin(loop, "order-native", &placed, &options, on_order, &options))
        return;
    for (int i = 0; i < turns && left > 0; i++)
        turn(loop);
    if (options.cancel != NULL)
        fz_cancel_all(cancel);
    else
        fz_client_cancel(client);
    run(loop);
    fz_cancel_reset(cancel);
}

/* One that is cancelled before it begins sends nothing. */
static void cancel_before(fz_client *client, fz_cancel *cancel)
{
    struct fz_order_place_request placed = order_request();
    struct fz_call_options options = FZ_INIT(fz_call_options);
    void *answer = NULL;
    fz_error *error = NULL;
    options.cancel = cancel;
    service.reached[ORDER] = service.answered[ORDER] = false;
    fz_cancel_all(cancel);
    if (fz_call(client, "order-native", &placed, &options, &answer, &error) == 0 || service.reached[ORDER])
        wrong("cancelled before", "sent all the same");
    check_order(answer, error);
    fz_cancel_reset(cancel);
}

static void cancelled_calls(void)
{
    fz_client *client = make_client(NULL, attempt_ms());
    fz_cancel *cancel = client == NULL ? NULL : fz_cancel_new();
    fz_loop *loop = cancel == NULL ? NULL : open_loop(client);
    expect("cancel", cancel != NULL);
    if (cancel != NULL)
        cancel_before(client, cancel);
    for (int turns = 0; loop != NULL && turns <= CANCELLED_AFTER; turns++)
        cancel_on_a_loop(client, loop, cancel, turns);
    fz_loop_free(loop);
    fz_cancel_free(cancel);
    fz_client_free(client);
}

/* ---- the directory of certificates ---- */

/* The service's clock stands at another time than the machine's: by that the files were not written just now. */
static void date_files(const char *path)
{
    const struct timespec now = {.tv_sec = SERVICE_NOW_MS / 1000};
    DIR *listing = opendir(path);
    const struct dirent *entry;
    while (listing != NULL && (entry = readdir(listing)) != NULL)
        (void)utimensat(dirfd(listing), entry->d_name, (const struct timespec[]){now, now}, 0);
    if (listing != NULL)
        closedir(listing);
}

static void remove_directory(const char *path)
{
    DIR *listing = opendir(path);
    const struct dirent *entry;
    while (listing != NULL && (entry = readdir(listing)) != NULL)
        (void)unlinkat(dirfd(listing), entry->d_name, 0);
    if (listing != NULL)
        closedir(listing);
    (void)rmdir(path);
}

/* A second client begins with what the first one kept; whatever of it failed, what lies there is whole or not believed. */
static void a_directory(void)
{
    char path[] = "/tmp/fenzhang-torture-keys-XXXXXX";
    service.inside = true;
    bool made = mkdtemp(path) != NULL;
    service.inside = false;
    for (int start = 0; made && start < 2; start++) {
        unsigned before = service.certificates;
        fz_client *client = make_client(path, PATIENT_MS);
        if (client != NULL)
            query(client);
        fz_client_free(client);
        expect("directory", service.certificates == before + (start == 0)); /* the second finds them */
        service.inside = true;
        date_files(path);
        service.inside = false;
    }
    service.inside = true;
    remove_directory(path);
    service.inside = false;
}

const struct life lives[] = {
    {"blocking calls", blocking_calls}, {"a loop", a_loop},
    {"an upload", an_upload},           {"cancelled calls", cancelled_calls},
    {"a directory", a_directory},       {0},
};
