/* Receivers: relations are added, found and ended. */
#include "book/receiver/receiver.h"

#include "base/text.h"
#include "book/event.h"
#include "book/merchant/upload.h"

#define NAMES                                                                                                \
    "id, caller, sub_mchid, type, account, appid, sub_appid, name, relation_type, custom_relation, scene,"   \
    " major_service, expected_ratio, application_file_id, partnership_file_id, state, fail_reason,"          \
    " penalised, created_ms, fail_description, fails_with"
#define LETTERS "itttttttttttittitiitt"

FZ_STATEMENT(receiver_find,
             "SELECT " NAMES
             " FROM receiver WHERE caller = $1 AND sub_mchid = $2 AND type = $3 AND account = $4",
             "tttt", LETTERS);
FZ_STATEMENT(receiver_insert,
             "INSERT INTO receiver (" NAMES
             ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,"
             " $14, $15, $16, $17, $18, $19, $20, $21) ON CONFLICT (caller, sub_mchid, type, account) DO NOTHING",
             LETTERS, "");
FZ_STATEMENT(receiver_renew,
             "UPDATE receiver SET appid = $2, sub_appid = $3, name = $4, relation_type = $5,"
             " custom_relation = $6, scene = $7, major_service = $8, expected_ratio = $9,"
             " application_file_id = $10, partnership_file_id = $11, state = $12, fail_reason = NULL,"
             " fail_description = NULL, created_ms = $13 WHERE id = $1",
             "itttttttittii", "");

FZ_STATEMENT(receiver_delete, "DELETE FROM receiver WHERE id = $1 AND penalised = 0", "i", "");

const struct fz_states fz_receiver_states = {3,
                                             {{FZ_RECEIVER_INIT, FZ_RECEIVER_EFFECTIVE},
                                              {FZ_RECEIVER_INIT, FZ_RECEIVER_FAILED},
                                              {FZ_RECEIVER_FAILED, FZ_RECEIVER_INIT}}};

#define AUDIT_MS (60 * FZ_SECOND_MS) /* our own: no document says how long it takes */

static struct fz_value ratio_value(const struct fz_receiver *receiver)
{
    return receiver->expected_ratio < 0 ? FZ_NIL : FZ_I(receiver->expected_ratio);
}

static void read_receiver(const struct fz_cursor *row, struct fz_receiver *out)
{
    out->id = fz_int(row, 0);
    FZ_COPY_COLUMN(out->caller, row, 1);
    FZ_COPY_COLUMN(out->sub_mchid, row, 2);
    FZ_COPY_COLUMN(out->type, row, 3);
    FZ_COPY_COLUMN(out->account, row, 4);
    FZ_COPY_COLUMN(out->appid, row, 5);
    FZ_COPY_COLUMN(out->sub_appid, row, 6);
    FZ_COPY_COLUMN(out->name, row, 7);
    FZ_COPY_COLUMN(out->relation_type, row, 8);
    FZ_COPY_COLUMN(out->custom_relation, row, 9);
    FZ_COPY_COLUMN(out->scene, row, 10);
    FZ_COPY_COLUMN(out->major_service, row, 11);
    out->expected_ratio = fz_is_null(row, 12) ? -1 : fz_int(row, 12);
    FZ_COPY_COLUMN(out->application_file_id, row, 13);
    FZ_COPY_COLUMN(out->partnership_file_id, row, 14);
    out->state = (enum fz_receiver_state)fz_int(row, 15);
    FZ_COPY_COLUMN(out->fail_reason, row, 16);
    out->penalised = fz_int(row, 17) != 0;
    out->created_ms = fz_int(row, 18);
    FZ_COPY_COLUMN(out->fail_description, row, 19);
    FZ_COPY_COLUMN(out->fails_with, row, 20);
}

enum fz_result fz_receiver_find(struct fz_tx *tx, const char *caller, const char *sub_mchid, const char *type,
                                const char *account, struct fz_receiver *out)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(
        tx, &receiver_find, FZ_VALUES(FZ_T(caller), FZ_T(sub_mchid), FZ_T(type), FZ_T(account)), &row);
    if (result == FZ_OK)
        read_receiver(&row, out);
    return result;
}

static enum fz_result insert_receiver(struct fz_tx *tx, struct fz_receiver *receiver)
{
    enum fz_result result = fz_next_id(tx, "receiver", &receiver->id);
    if (result != FZ_OK)
        return result;
    result = fz_insert(tx, &receiver_insert,
                       FZ_VALUES(FZ_I(receiver->id), FZ_T(receiver->caller), FZ_T(receiver->sub_mchid),
                              FZ_T(receiver->type), FZ_T(receiver->account), fz_text_or_null(receiver->appid),
                              fz_text_or_null(receiver->sub_appid), fz_text_or_null(receiver->name),
                              FZ_T(receiver->relation_type), fz_text_or_null(receiver->custom_relation),
                              fz_text_or_null(receiver->scene), fz_text_or_null(receiver->major_service),
                              ratio_value(receiver), fz_text_or_null(receiver->application_file_id),
                              fz_text_or_null(receiver->partnership_file_id), FZ_I(receiver->state), FZ_NIL,
                              FZ_I(receiver->penalised), FZ_I(receiver->created_ms), FZ_NIL, FZ_NIL));
    /* Another writer was first, and a new relation is INIT. */
    return result == FZ_CONFLICT ? fz_refuse(tx->error, FZ_RECEIVER_EXISTS) : result;
}

/* A relation whose audit failed is asked for anew, with what is given now. A penalty stays. */
static enum fz_result renew_receiver(struct fz_tx *tx, const struct fz_receiver *receiver)
{
    return fz_run(tx, &receiver_renew,
                  FZ_VALUES(FZ_I(receiver->id), fz_text_or_null(receiver->appid),
                            fz_text_or_null(receiver->sub_appid), fz_text_or_null(receiver->name),
                            FZ_T(receiver->relation_type), fz_text_or_null(receiver->custom_relation),
                            fz_text_or_null(receiver->scene), fz_text_or_null(receiver->major_service),
                            ratio_value(receiver), fz_text_or_null(receiver->application_file_id),
                            fz_text_or_null(receiver->partnership_file_id), FZ_I(receiver->state),
                            FZ_I(receiver->created_ms)),
                  NULL);
}

/* A paper that is named has to be one that the caller has uploaded. */
static enum fz_result check_paper(struct fz_tx *tx, const struct fz_receiver *receiver, const char *field,
                                  const char *file_id)
{
    enum fz_result result = file_id[0] == '\0' ? FZ_OK : fz_upload_find(tx, receiver->caller, file_id);
    if (result != FZ_ABSENT)
        return result;
    return fz_refuse_at(tx->error, FZ_PARAM_ERROR, "body", field, file_id,
                        FZ_ISSUE_NO_SUCH_FILE);
}

static enum fz_result check_papers(struct fz_tx *tx, const struct fz_receiver *receiver)
{
    enum fz_result result = check_paper(tx, receiver, "/application_file_id", receiver->application_file_id);
    if (result == FZ_OK)
        result = check_paper(tx, receiver, "/partnership_file_id", receiver->partnership_file_id);
    return result;
}

enum fz_result fz_receiver_add(struct fz_tx *tx, struct fz_receiver *receiver)
{
    struct fz_receiver known, added = *receiver;
    added.state = FZ_RECEIVER_INIT;
    added.fail_reason[0] = added.fail_description[0] = '\0';
    added.created_ms = tx->now_ms;
    enum fz_result result = check_papers(tx, receiver);
    if (result != FZ_OK)
        return result;
    result = fz_receiver_find(tx, receiver->caller, receiver->sub_mchid, receiver->type, receiver->account,
                              &known);
    if (result == FZ_ABSENT) {
        added.penalised = false;
        added.fails_with[0] = '\0';
        result = insert_receiver(tx, &added);
    } else if (result == FZ_OK) {
        if (fz_state_check(&fz_receiver_states, known.state, FZ_RECEIVER_INIT) != FZ_OK)
            return fz_refuse(tx->error, FZ_RECEIVER_EXISTS);
        added.id = known.id;
        added.penalised = known.penalised;
        result = renew_receiver(tx, &added);
    }
    if (result == FZ_OK)
        result = fz_event_plan(tx, FZ_EVENT_RECEIVER_AUDITED, added.id, tx->now_ms + AUDIT_MS);
    if (result == FZ_OK)
        *receiver = added;
    return result;
}

enum fz_result fz_receiver_delete(struct fz_tx *tx, const char *caller, const char *sub_mchid,
                                  const char *type, const char *account)
{
    struct fz_receiver receiver;
    int64_t changed;
    enum fz_result result = fz_receiver_find(tx, caller, sub_mchid, type, account, &receiver);
    if (result == FZ_OK)
        result = fz_run(tx, &receiver_delete, FZ_VALUES(FZ_I(receiver.id)), &changed);
    if (result == FZ_OK && changed == 0)
        return fz_refuse(tx->error, FZ_NO_AUTH_RECEIVER);
    /* A later relation may get its row number: the audit of this one must not count for that. */
    return result == FZ_OK ? fz_event_cancel(tx, FZ_EVENT_RECEIVER_AUDITED, receiver.id) : result;
}
