/* GET /platform, POST /platform/rotate: the platform's keys, and a new certificate for it. */
#include "base/calendar.h"
#include "server/control/calls/routes.h"
#include "server/keys/identity.h"
#include "server/keys/platform_key.h"
#include "server/schedule/scheduler.h"
#include "wire/server/key.h"

FZ_STATEMENT(platform_all, "SELECT serial_no, kind, signs_from_ms FROM platform_key ORDER BY id", "", "tii");

struct listing {
    json_t *certificates, *public_keys;
    char signing[FZ_SERIAL_SIZE];
};

static enum fz_result list(struct fz_tx *tx, void *argument)
{
    struct listing *listing = argument;
    json_array_clear(listing->certificates);
    json_array_clear(listing->public_keys);
    enum fz_result result = fz_platform_serial(tx, listing->signing);
    FZ_CURSOR row = {0};
    if (result == FZ_OK)
        result = fz_query(tx, &platform_all, NULL, 0, &row);
    while (result == FZ_OK && (result = fz_next(&row)) == FZ_OK) {
        char from[FZ_TIME_SIZE];
        fz_format_time(from, fz_int(&row, 2));
        int failed = fz_int(&row, 1) == FZ_PLATFORM_CERTIFICATE
                         ? json_array_append_new(
                               listing->certificates,
                               json_pack("{s:s, s:s}", "serial_no", fz_string(&row, 0), "signs_from", from))
                         : json_array_append_new(listing->public_keys, json_string(fz_string(&row, 0)));
        if (failed != 0)
            return FZ_FAILED;
    }
    return result == FZ_ABSENT ? FZ_OK : result;
}

void fz_control_list_platform(struct fz_control_call *call)
{
    struct listing listing = {.certificates = json_array(), .public_keys = json_array()};
    enum fz_result result = listing.certificates == NULL || listing.public_keys == NULL
                                ? FZ_FAILED
                                : fz_store_read(call->reader, list, &listing, NULL);
    if (result == FZ_OK) {
        fz_control_answer(call, json_pack("{s:s, s:o, s:o}", "signing", listing.signing, "certificates",
                                          listing.certificates, "public_keys", listing.public_keys));
        return;
    }
    json_decref(listing.certificates);
    json_decref(listing.public_keys);
    static const struct fz_error none;
    fz_control_refuse_result(call, "The platform's keys were not read", result, &none);
}

struct rotation {
    const struct fz_secrets *secrets;
    const char *pem;
    const char *signs_in; /* NULL: after the time that a new one has to be listed */
    int64_t wire_ms, signs_from_ms;
    char serial_no[FZ_SERIAL_SIZE];
};

static enum fz_result rotate(struct fz_tx *tx, void *argument)
{
    struct rotation *rotation = argument;
    rotation->signs_from_ms = tx->now_ms + FZ_PLATFORM_LISTED_BEFORE_MS;
    if (rotation->signs_in != NULL &&
        fz_add_duration(tx->now_ms, rotation->signs_in, &rotation->signs_from_ms) != FZ_OK)
        return FZ_MALFORMED;
    enum fz_result result = fz_changes_add(tx);
    return result == FZ_OK ? fz_platform_rotate(tx, rotation->secrets, rotation->pem, rotation->wire_ms,
                                                rotation->signs_from_ms, rotation->serial_no)
                           : result;
}

static enum fz_result export(struct fz_tx *tx, void *data)
{
    return fz_platform_export(tx, data);
}

static void answer_rotation(struct fz_control_call *call, const struct rotation *rotation)
{
    char from[FZ_TIME_SIZE];
    static const struct fz_error none;
    enum fz_result result = fz_directory_reload_merchant(call->parts->directory, NULL);
    if (result == FZ_OK)
        result = fz_store_read(call->reader, export, (void *)(uintptr_t)call->parts->data, NULL);
    fz_format_time(from, rotation->signs_from_ms);
    if (result == FZ_OK)
        fz_control_answer(call,
                          json_pack("{s:s, s:s}", "serial_no", rotation->serial_no, "signs_from", from));
    else
        fz_control_refuse_result(
            call, "The new certificate stands in the book, but it could not be written to the data directory",
            result, &none);
}

static void refuse(struct fz_control_call *call, enum fz_result result, const struct fz_error *error)
{
    if (result == FZ_CONFLICT)
        fz_control_refuse(call, MHD_HTTP_CONFLICT,
                          "No certificate was made: a new one is listed already and does not sign yet. GET "
                          "/platform says from when; move the clock there first.");
    else if (result == FZ_FULL)
        fz_control_refuse(call, MHD_HTTP_CONFLICT,
                          "No certificate was made: this book has had %d. POST /reset begins anew.",
                          FZ_PLATFORM_KEYS_MAX);
    else if (result == FZ_MALFORMED)
        fz_control_refuse(call, MHD_HTTP_BAD_REQUEST,
                          "No certificate was made: \"signs_in\" is no ISO 8601 duration. Send one like P1D "
                          "or PT0S.");
    else
        fz_control_refuse_result(call, "No certificate was made", result, error);
}

void fz_control_rotate_platform(struct fz_control_call *call)
{
    fz_body_only(call, call->members);
    struct rotation rotation = {.secrets = call->parts->secrets,
                                .wire_ms = fz_wire_now_ms(),
                                .signs_in = fz_body_text(call, "signs_in", 1, 64)};
    if (!fz_body_is_sound(call))
        return;
    /* Made before the transaction: it takes too long for one. */
    FZ_CLEANUP(fz_key_drop) EVP_PKEY *key = fz_key_new();
    FZ_CLEANUP(fz_text_wipe) struct fz_text pem = {.max = FZ_PEM_MAX};
    struct fz_error error = {0};
    enum fz_result result = key == NULL ? FZ_FAILED : fz_key_write(key, &pem);
    rotation.pem = pem.data;
    if (result == FZ_OK)
        result = fz_store_write(call->parts->store, rotate, &rotation, &error);
    if (result == FZ_OK)
        answer_rotation(call, &rotation);
    else
        refuse(call, result, &error);
}
