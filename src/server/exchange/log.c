/* An exchange's record for the request log. All that costs is done here, outside the log's lock; what can be
 * worked out later from what is kept (numbers, texts of times) is left for whoever asks. */
#include <string.h>
#include <strings.h>

#include "server/exchange/exchange.h"
#include "server/log/mask.h"
#include "server/log/request_log.h"
#include "server/log/secret_answers.h"

#define TEXT_MAX (FZ_KEPT_METHOD + FZ_KEPT_TARGET + 2 * FZ_KEPT_HEADERS + 2 * FZ_KEPT_BODY)

/* A record before its size is known. */
struct draft {
    char text[TEXT_MAX];
    size_t used;
    bool multipart;
    struct fz_request_record record; /* last: it ends in an array of no size */
};

/* ---- parts, one behind the other ---- */

static struct fz_masked begin_part(struct draft *draft, size_t max)
{
    return (struct fz_masked){.text = draft->text + draft->used, .max = max};
}

static void end_part(struct draft *draft, enum fz_record_part part, const struct fz_masked *written)
{
    struct fz_kept *kept = &draft->record.parts[part];
    kept->at = (uint32_t)draft->used;
    kept->size = (uint32_t)written->size;
    kept->cut = written->cut;
    draft->used += written->size;
}

static void put_text(struct draft *draft, enum fz_record_part part, size_t max, const char *text, size_t size)
{
    struct fz_masked out = begin_part(draft, max);
    fz_mask_text(&out, text, size, NULL);
    end_part(draft, part, &out);
}

static void put_asked_body(struct draft *draft, const char *body, size_t size)
{
    put_text(draft, FZ_PART_ASKED_BODY, FZ_KEPT_BODY, size == 0 ? "" : body, size);
    draft->record.parts[FZ_PART_ASKED_BODY].whole = size;
}

/* `harmless`: there is nothing to be masked. */
static void put_answer_body(struct draft *draft, const char *body, size_t size, bool harmless, const char *also)
{
    struct fz_masked out = begin_part(draft, FZ_KEPT_BODY);
    if (harmless)
        fz_masked_add(&out, body, size);
    else
        fz_mask_json(&out, size == 0 ? "" : body, size, also);
    end_part(draft, FZ_PART_ANSWER_BODY, &out);
    draft->record.parts[FZ_PART_ANSWER_BODY].whole = size;
}

static void leave_out_body(struct draft *draft, enum fz_record_part part, uint64_t size)
{
    draft->record.parts[part].left_out = true;
    draft->record.parts[part].whole = size;
}

/* ---- headers ---- */

/* The Authorization of a verified request: its five members were read, so it is known which is the signature. */
static bool mask_verified(struct fz_masked *out, const struct fz_exchange *exchange, const char *value)
{
    const struct fz_authorization *read = &exchange->authorization;
    if (exchange->caller == NULL || value != exchange->headers.authorization)
        return false;
    const char *const others[] = {read->mchid, read->serial_no, read->nonce_str};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (!fz_is_nothing_to_mask(others[i], strlen(others[i])))
            return false;
    fz_masked_add(out, value, (size_t)(read->signature_text - value));
    fz_masked_string(out, FZ_MASK);
    fz_masked_string(out, read->signature_text + read->signature_text_size);
    return true;
}

static void add_header(struct fz_masked *out, const struct fz_exchange *exchange, const char *name, const char *value)
{
    size_t room = out->max - out->size;
    if (room < FZ_KEPT_HEADER + strlen(name) + 3) {
        out->cut = true;
        return;
    }
    fz_masked_string(out, name);
    fz_masked_string(out, ": ");
    struct fz_masked masked = {.text = out->text + out->size, .max = FZ_KEPT_HEADER};
    if (!mask_verified(&masked, exchange, value))
        fz_mask_header(&masked, name, value);
    out->size += masked.size;
    out->cut |= masked.cut;
    fz_masked_add(out, "\n", 1);
}

struct asked {
    const struct fz_exchange *exchange;
    struct draft *draft;
    struct fz_masked out;
};

static enum MHD_Result note_header(void *argument, enum MHD_ValueKind kind, const char *name,
                                   const char *value)
{
    struct asked *asked = argument;
    (void)kind;
    if (value == NULL)
        value = "";
    if (strcasecmp(name, "Content-Type") == 0 && strncasecmp(value, "multipart/", 10) == 0)
        asked->draft->multipart = true;
    add_header(&asked->out, asked->exchange, name, value);
    return MHD_YES;
}

static void put_asked_headers(struct draft *draft, const struct fz_exchange *exchange)
{
    struct asked asked = {.exchange = exchange, .draft = draft, .out = begin_part(draft, FZ_KEPT_HEADERS)};
    MHD_get_connection_values(exchange->connection, MHD_HEADER_KIND, note_header, &asked);
    end_part(draft, FZ_PART_ASKED_HEADERS, &asked.out);
}

/* They are the server's own, and of them the signature alone is a secret: no need to look for others. */
static void put_answer_headers(struct draft *draft, const struct fz_answer_headers *headers)
{
    struct fz_masked out = begin_part(draft, FZ_KEPT_HEADERS);
    for (size_t i = 0; i < headers->count; i++) {
        const char *name = headers->list[i].name;
        fz_masked_string(&out, name);
        fz_masked_string(&out, ": ");
        fz_masked_string(&out, strcmp(name, "Wechatpay-Signature") == 0 ? FZ_MASK : headers->list[i].value);
        fz_masked_add(&out, "\n", 1);
    }
    end_part(draft, FZ_PART_ANSWER_HEADERS, &out);
}

/* ---- the record ---- */

static void note_peer(struct fz_request_record *record, struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    if (info == NULL || info->client_addr == NULL)
        return;
    if (info->client_addr->sa_family == AF_INET)
        memcpy(&record->peer.v4, info->client_addr, sizeof record->peer.v4);
    else if (info->client_addr->sa_family == AF_INET6)
        memcpy(&record->peer.v6, info->client_addr, sizeof record->peer.v6);
}

static void note_facts(struct fz_exchange *exchange, const struct fz_answer *answer,
                       const struct fz_answer_headers *headers, struct fz_request_record *out)
{
    *out = (struct fz_request_record){
        .wire_ms = fz_wire_now_ms(),
        .book_ms = fz_book_now_ms(exchange->tools->workshop->lent.world),
        .duration_us = fz_ticks_us() - exchange->began_us,
        .endpoint = exchange->route.spec,
        .verified = exchange->caller != NULL,
        .old_spelling = exchange->manner.old_spelling,
        .status = answer->status,
        .row = answer->row,
    };
    memcpy(out->request_id, headers->request_id, sizeof out->request_id);
    fz_copy(out->mchid, sizeof out->mchid, exchange->authorization.mchid);
    note_peer(out, exchange->connection);
}

/* A refusal repeats the value of the parameter at fault, under a name of its own. */
static const char *name_of_repeated_secret(const struct fz_error *error)
{
    const char *slash = strrchr(error->field, '/');
    const char *name = slash == NULL ? error->field : slash + 1;
    return fz_is_secret_name(name, strlen(name)) ? "value" : NULL;
}

void fz_exchange_log(struct fz_exchange *exchange, const struct fz_answer *answer,
                     const struct fz_answer_headers *headers)
{
    struct fz_request_log *log = exchange->tools->workshop->lent.request_log;
    struct draft draft;
    if (log == NULL)
        return;
    draft.used = 0;
    draft.multipart = false;
    note_facts(exchange, answer, headers, &draft.record);
    put_text(&draft, FZ_PART_METHOD, FZ_KEPT_METHOD, exchange->method, strlen(exchange->method));
    put_text(&draft, FZ_PART_TARGET, FZ_KEPT_TARGET, exchange->target, strlen(exchange->target));
    put_asked_headers(&draft, exchange);
    if (draft.multipart)
        leave_out_body(&draft, FZ_PART_ASKED_BODY, exchange->body.size);
    else
        put_asked_body(&draft, exchange->body.data, exchange->body.size);
    put_answer_headers(&draft, headers);
    if (answer->is_file)
        leave_out_body(&draft, FZ_PART_ANSWER_BODY, exchange->file.size);
    else
        put_answer_body(&draft, answer->body, strcmp(exchange->method, "HEAD") == 0 ? 0 : answer->size,
                        answer->words_alone && !fz_has_secret_answer(&exchange->route),
                        answer->row == FZ_ROW_NONE ? NULL : name_of_repeated_secret(&exchange->error));
    struct fz_request_record *record =
        fz_request_record_new(&exchange->tools->records, &draft.record, draft.text, draft.used);
    if (record != NULL) /* without memory an answer is worth more than its record */
        fz_request_log_append(log, record);
}
