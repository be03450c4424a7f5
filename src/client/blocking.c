/* Calls that wait for their answer: drives one operation on one lane until it ends. */

#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "client/call.h"
#include "client/cancel.h"
#include "client/lane.h"

#define POLL_MS 1000 /* at the longest: nothing depends on it, as all that can happen wakes the poll */

/* An operation and the lane that it is driven on. */
struct drive {
    struct fz_operation *operation;
    struct fz_lane *lane;
    fz_cancel *cancel;
};

/* Another thread has fetched keys. */
static void wake(struct fz_operation *operation)
{
    (void)curl_multi_wakeup(operation->driver);
}

/* Until something happens, or `until` comes. */
static void wait(const struct drive *drive, int64_t until_ticks_ms)
{
    int64_t left = until_ticks_ms - fz_ticks_ms();
    struct curl_waitfd extra = {.events = CURL_WAIT_POLLIN};
    if (drive->cancel != NULL)
        extra.fd = drive->cancel->handle;
    if (left > 0)
        (void)curl_multi_poll(drive->lane->multi, &extra, drive->cancel != NULL, (int)(left < POLL_MS ? left : POLL_MS), NULL);
}

static bool is_over(CURLM *multi, CURLcode *code)
{
    int left;
    for (CURLMsg *message; (message = curl_multi_info_read(multi, &left)) != NULL;)
        if (message->msg == CURLMSG_DONE) {
            *code = message->data.result;
            return true;
        }
    return false;
}

/* One transfer to its end, or to a cancellation: the operation sees that itself. */
static void transfer(const struct drive *drive)
{
    struct fz_operation *operation = drive->operation;
    CURLM *multi = drive->lane->multi;
    CURLcode code = CURLE_ABORTED_BY_CALLBACK;
    int running;
    if (curl_multi_add_handle(multi, operation->current->easy) != CURLM_OK) {
        fz_attempt_end(operation->current, CURLE_OUT_OF_MEMORY);
        return;
    }
    while (curl_multi_perform(multi, &running) == CURLM_OK && !is_over(multi, &code) && !fz_operation_is_cancelled(operation))
        wait(drive, INT64_MAX);
    fz_attempt_end(operation->current, code);
    (void)curl_multi_remove_handle(multi, operation->current->easy);
}

static void drive_on(const struct drive *drive)
{
    struct fz_operation *operation = drive->operation;
    for (;;)
        switch (fz_operation_step(operation, fz_ticks_ms())) {
        case FZ_NEXT_TRANSFER:
            transfer(drive);
            break;
        case FZ_NEXT_WAIT:
            wait(drive, operation->wake_ticks_ms);
            break;
        case FZ_NEXT_ENDED:
            return;
        }
}

void fz_operation_drive(struct fz_operation *operation)
{
    fz_client *client = operation->client;
    fz_operation_begin(operation, fz_ticks_ms(), operation->options.deadline_ms);
    if (client->process != getpid()) {
        operation->error = fz_error_forked();
        return;
    }
    struct drive drive = {operation, fz_lane_take(client), operation->options.cancel};
    if (drive.lane == NULL) {
        operation->error = fz_error_make(FZ_CODE_MEMORY, FZ_OUTCOME_NOT_SENT, " ");
        return;
    }
    operation->attempt.easy = drive.lane->easy;
    operation->signer = drive.lane->signer;
    operation->driver = drive.lane->multi;
    operation->wake = wake;
    drive_on(&drive);
    fz_lane_give_back(client, drive.lane);
}

int fz_operate(struct fz_operation *operation, void **answer, fz_error **error)
{
    fz_operation_drive(operation);
    int result = fz_operation_result(operation, answer, error);
    fz_operation_done(operation);
    return result;
}

int fz_call(fz_client *client, const char *name, const void *request, const struct fz_call_options *options, void **answer,
            fz_error **error)
{
    struct fz_operation operation = {0};
    fz_error *wrong = fz_operation_set_up(&operation, client, name, request, options);
    if (wrong == NULL)
        return fz_operate(&operation, answer, error);
    *answer = NULL;
    fz_operation_done(&operation);
    return fz_fail(error, wrong);
}
