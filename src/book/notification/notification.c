/* Notifications: the row, looking it up, and listing. */
#include "book/notification/notification.h"

#include "base/text.h"
#include "book/notification/row.h"

#define NAMES                                                                                                \
    "id, event_id, kind, subject, caller, sub_mchid, out_trade_no, out_refund_no, url, host, recv_account,"  \
    " created_ms, state, due_ms, step, attempts, resends, delivered_ms"
#define LETTERS "itiitttttttiiiiiii"
#define SELECT  "SELECT " NAMES " FROM notification WHERE "
/* $1 and $2 time and row number to begin before, $3 merchant or '', $4 state or 0, $5 how many */
#define LISTED                                                                                               \
    "(created_ms, id) < ($1, $2) AND ($3 = '' OR caller = $3 OR sub_mchid = $3) AND ($4 = 0 OR state = $4)"  \
    " ORDER BY created_ms DESC, id DESC LIMIT $5"

FZ_STATEMENT(notification_insert,
             "INSERT INTO notification (" NAMES
             ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
             LETTERS, "");
FZ_STATEMENT(notification_by_row, SELECT "id = $1", "i", LETTERS);
FZ_STATEMENT(notification_by_event_id, SELECT "event_id = $1", "t", LETTERS);
FZ_STATEMENT(notification_of_sibling, SELECT "caller = $1 AND sub_mchid <> $2 ORDER BY id DESC LIMIT 1", "tt",
             LETTERS);
FZ_STATEMENT(notification_list, SELECT LISTED, "iitii", LETTERS);
FZ_STATEMENT(notification_list_of_order, SELECT "out_trade_no = $6 AND " LISTED, "iitiit", LETTERS);
FZ_STATEMENT(notification_list_of_refund,
             SELECT "out_refund_no = $6 AND ($7 = '' OR out_trade_no = $7) AND " LISTED, "iitiitt", LETTERS);

static void read_notification(const struct fz_cursor *row, struct fz_notification *out)
{
    out->id = fz_int(row, 0);
    FZ_COPY_COLUMN(out->event_id, row, 1);
    out->kind = (enum fz_notification_kind)fz_int(row, 2);
    out->subject = fz_int(row, 3);
    FZ_COPY_COLUMN(out->caller, row, 4);
    FZ_COPY_COLUMN(out->sub_mchid, row, 5);
    FZ_COPY_COLUMN(out->out_trade_no, row, 6);
    FZ_COPY_COLUMN(out->out_refund_no, row, 7);
    FZ_COPY_COLUMN(out->url, row, 8);
    FZ_COPY_COLUMN(out->host, row, 9);
    FZ_COPY_COLUMN(out->recv_account, row, 10);
    out->created_ms = fz_int(row, 11);
    out->state = (enum fz_notification_state)fz_int(row, 12);
    out->due_ms = fz_int(row, 13);
    out->step = (int)fz_int(row, 14);
    out->attempts = (int)fz_int(row, 15);
    out->resends = (int)fz_int(row, 16);
    out->delivered_ms = fz_int(row, 17);
}

enum fz_result fz_notification_insert(struct fz_tx *tx, const struct fz_notification *notification)
{
    const struct fz_notification *row = notification;
    return fz_run(tx, &notification_insert,
                  FZ_VALUES(FZ_I(row->id), FZ_T(row->event_id), FZ_I(row->kind), FZ_I(row->subject),
                            FZ_T(row->caller), FZ_T(row->sub_mchid), FZ_T(row->out_trade_no),
                            fz_text_or_null(row->out_refund_no), FZ_T(row->url), FZ_T(row->host),
                            fz_text_or_null(row->recv_account), FZ_I(row->created_ms), FZ_I(row->state),
                            FZ_I(row->due_ms), FZ_I(row->step), FZ_I(row->attempts), FZ_I(row->resends),
                            row->delivered_ms == 0 ? FZ_NIL : FZ_I(row->delivered_ms)),
                  NULL);
}

static enum fz_result find_notification(struct fz_tx *tx, const struct fz_statement *statement,
                                        const struct fz_value *keys, size_t count,
                                        struct fz_notification *out)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(tx, statement, keys, count, &row);
    if (result == FZ_OK)
        read_notification(&row, out);
    return result;
}

enum fz_result fz_notification_by_row(struct fz_tx *tx, int64_t id, struct fz_notification *out)
{
    return find_notification(tx, &notification_by_row, FZ_VALUES(FZ_I(id)), out);
}

enum fz_result fz_notification_by_event_id(struct fz_tx *tx, const char *event_id,
                                           struct fz_notification *out)
{
    return find_notification(tx, &notification_by_event_id, FZ_VALUES(FZ_T(event_id)), out);
}

enum fz_result fz_notification_of_sibling(struct fz_tx *tx, const struct fz_notification *notification,
                                          struct fz_notification *out)
{
    return find_notification(tx, &notification_of_sibling,
                             FZ_VALUES(FZ_T(notification->caller), FZ_T(notification->sub_mchid)), out);
}

static enum fz_result query_list(struct fz_tx *tx, const struct fz_notification_filter *filter,
                                 struct fz_cursor *out)
{
    const char *trade = filter->out_trade_no, *refund = filter->out_refund_no;
    struct fz_value values[] = {FZ_I(filter->before_ms),
                                FZ_I(filter->before),
                                FZ_T(filter->mchid == NULL ? "" : filter->mchid),
                                FZ_I(filter->state),
                                FZ_I(filter->limit),
                                FZ_T(refund != NULL ? refund : trade),
                                FZ_T(trade == NULL ? "" : trade)};
    if (refund != NULL)
        return fz_query(tx, &notification_list_of_refund, values, 7, out);
    return trade != NULL ? fz_query(tx, &notification_list_of_order, values, 6, out)
                         : fz_query(tx, &notification_list, values, 5, out);
}

enum fz_result fz_notification_each(struct fz_tx *tx, const struct fz_notification_filter *filter,
                                    enum fz_result (*each)(void *argument,
                                                           const struct fz_notification *notification),
                                    void *argument)
{
    FZ_CURSOR row = {0};
    struct fz_notification notification;
    enum fz_result result = query_list(tx, filter, &row);
    while (result == FZ_OK && (result = fz_next(&row)) == FZ_OK) {
        read_notification(&row, &notification);
        result = each(argument, &notification);
    }
    return result == FZ_ABSENT ? FZ_OK : result;
}
