/* The multipart body of an endpoint that takes a file. The file is hashed as it comes and not kept, so a
 * large one takes no more memory than a small one; `meta` becomes the exchange's body, for it is what the
 * signature covers. Nothing is refused here that the signature has to come before. */
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "server/exchange/exchange.h"
#include "server/net/accept.h"
#include "server/work/uploads.h"

#define PARSER_MEMORY 4096 /* boundary and the headers of a part have to fit */
#define FORM          "multipart/form-data"

struct fz_upload_reading {
    struct MHD_PostProcessor *parser; /* NULL: the body is of another form */
    EVP_MD_CTX *hash;
    struct fz_exchange *exchange;
    struct fz_received received;
    size_t size; /* of the whole body so far */
    bool too_large, failed;
};

/* The first fault is the one that is told. */
static void note_fault(struct fz_upload_reading *reading, const char *part, enum fz_issue fault)
{
    struct fz_received *received = &reading->received;
    if (received->fault != FZ_ISSUE_NONE)
        return;
    received->fault = fault;
    fz_copy_clean(received->part, sizeof received->part, part, strlen(part), sizeof received->part);
}

/* A part may come in several pieces; `offset` 0 after something was received is another part of that name. */
static void take_meta(struct fz_upload_reading *reading, const char *data, size_t size, uint64_t offset)
{
    struct fz_text *meta = &reading->exchange->body;
    if (offset == 0 && meta->size > 0) {
        note_fault(reading, "meta", FZ_ISSUE_TWICE);
        return;
    }
    reading->received.has_meta = true;
    if (meta->size + size > meta->max)
        reading->too_large = true;
    else if (size > 0)
        fz_text_add(meta, data, size);
}

static void take_file(struct fz_upload_reading *reading, const char *data, size_t size, uint64_t offset)
{
    struct fz_received *received = &reading->received;
    if (offset == 0 && received->size > 0) {
        note_fault(reading, "file", FZ_ISSUE_TWICE);
        return;
    }
    received->has_file = true;
    received->size += (int64_t)size;
    if (size > 0 && EVP_DigestUpdate(reading->hash, data, size) != 1)
        reading->failed = true;
}

static enum MHD_Result take_part(void *argument, enum MHD_ValueKind kind, const char *name,
                                 const char *filename, const char *content_type, const char *encoding,
                                 const char *data, uint64_t offset, size_t size)
{
    (void)kind, (void)filename, (void)content_type, (void)encoding;
    struct fz_upload_reading *reading = argument;
    if (name != NULL && strcmp(name, "meta") == 0)
        take_meta(reading, data, size, offset);
    else if (name != NULL && strcmp(name, "file") == 0)
        take_file(reading, data, size, offset);
    else
        note_fault(reading, name == NULL ? "" : name,
                   name == NULL ? FZ_ISSUE_PART_WITHOUT_NAME : FZ_ISSUE_UNDECLARED_PART);
    return MHD_YES;
}

/* The parser reads the header itself, and takes another form as well that this API has not. NULL: no part can be told. */
static struct MHD_PostProcessor *make_parser(struct fz_upload_reading *reading)
{
    const char *content_type = reading->exchange->headers.content_type;
    struct MHD_PostProcessor *parser = NULL;
    bool is_form = content_type != NULL && strncasecmp(content_type, FORM, strlen(FORM)) == 0;
    if (is_form)
        parser = MHD_create_post_processor(reading->exchange->connection, PARSER_MEMORY, take_part, reading);
    if (parser == NULL)
        note_fault(reading, "", is_form ? FZ_ISSUE_NO_BOUNDARY : FZ_ISSUE_NO_FORM);
    return parser;
}

enum fz_result fz_upload_begin(struct fz_exchange *exchange)
{
    struct fz_workshop *door = exchange->tools->door;
    struct fz_upload_reading *reading = calloc(1, sizeof *reading);
    if (reading == NULL)
        return FZ_FAILED;
    reading->exchange = exchange;
    exchange->upload = reading; /* from here on fz_upload_free gives its place back */
    if (fz_uploads_enter(door->uploads, exchange->peer->socket, fz_ticks_ms()))
        fz_acceptor_wake(door->acceptor);
    reading->hash = EVP_MD_CTX_new();
    if (reading->hash == NULL || EVP_DigestInit_ex2(reading->hash, EVP_sha256(), NULL) != 1)
        return FZ_FAILED;
    reading->parser = make_parser(reading);
    return FZ_OK;
}

enum fz_result fz_upload_take(struct fz_exchange *exchange, const char *piece, size_t size)
{
    struct fz_upload_reading *reading = exchange->upload;
    fz_uploads_heard(exchange->tools->door->uploads, exchange->peer->socket, fz_ticks_ms());
    reading->size += size;
    if (reading->size > FZ_UPLOAD_MAX)
        return fz_refuse(&exchange->error, FZ_BODY_TOO_LARGE);
    if (reading->parser != NULL && MHD_post_process(reading->parser, piece, size) != MHD_YES)
        note_fault(reading, "", FZ_ISSUE_BROKEN_FORM);
    return reading->too_large ? fz_refuse(&exchange->error, FZ_BODY_TOO_LARGE) : FZ_OK;
}

static void destroy_parser(struct fz_upload_reading *reading)
{
    if (reading->parser != NULL && MHD_destroy_post_processor(reading->parser) != MHD_YES)
        note_fault(reading, "", FZ_ISSUE_NO_LAST_BOUNDARY);
    reading->parser = NULL;
}

enum fz_result fz_upload_end(struct fz_exchange *exchange)
{
    struct fz_upload_reading *reading = exchange->upload;
    destroy_parser(reading);
    if (reading->size > 0 && !reading->received.has_meta && !reading->received.has_file)
        note_fault(reading, "", FZ_ISSUE_NO_PARTS);
    if (reading->failed || EVP_DigestFinal_ex(reading->hash, reading->received.sha256, NULL) != 1)
        return FZ_FAILED;
    exchange->call.received = &reading->received;
    return FZ_OK;
}

void fz_upload_free(struct fz_exchange *exchange)
{
    struct fz_upload_reading *reading = exchange->upload;
    if (reading == NULL)
        return;
    destroy_parser(reading);
    EVP_MD_CTX_free(reading->hash);
    free(reading);
    exchange->upload = NULL;
    fz_uploads_leave(exchange->tools->door->uploads, exchange->peer->socket);
}
