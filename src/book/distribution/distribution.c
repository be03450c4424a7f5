/* Distributions: reading them. */
#include "book/distribution/distribution.h"

#include <string.h>

#include "base/text.h"
#include "book/distribution/row.h"
#include "book/order/row.h"

#define SELECT                                                                                               \
    "SELECT d.id, d.order_id, d.payment, p.transaction_id, d.caller, d.sub_mchid, d.out_order_no, d.kind,"   \
    " d.state, d.created_ms, d.digest FROM distribution d JOIN payment p ON p.id = d.payment WHERE "
#define LETTERS                                                                                              \
    "ititttt"                                                                                                \
    "iiib"

FZ_STATEMENT(distribution_by_row, SELECT "d.id = $1", "i", LETTERS);
FZ_STATEMENT(distribution_by_number, SELECT "d.caller = $1 AND d.sub_mchid = $2 AND d.out_order_no = $3",
             "ttt", LETTERS);
FZ_STATEMENT(distribution_slices,
             "SELECT " FZ_SLICE_NAMES " FROM slice s WHERE s.distribution = $1 ORDER BY s.id", "i",
             FZ_SLICE_LETTERS);

void fz_slice_read(const struct fz_cursor *row, int first, struct fz_slice *out)
{
    out->id = fz_int(row, first);
    FZ_COPY_COLUMN(out->detail_id, row, first + 1);
    out->to_sponsor = fz_int(row, first + 2) != 0;
    FZ_COPY_COLUMN(out->type, row, first + 3);
    FZ_COPY_COLUMN(out->account, row, first + 4);
    out->amount = fz_int(row, first + 5);
    FZ_COPY_COLUMN(out->description, row, first + 6);
    out->result = (enum fz_slice_result)fz_int(row, first + 7);
    FZ_COPY_COLUMN(out->fail_reason, row, first + 8);
    FZ_COPY_COLUMN(out->settlement_currency, row, first + 9);
    out->settlement_rate = fz_int(row, first + 10);
    out->settlement_amount = fz_int(row, first + 11);
    out->created_ms = fz_int(row, first + 12);
    out->finished_ms = fz_int(row, first + 13);
}

static enum fz_result read_slices(struct fz_tx *tx, struct fz_distribution *distribution)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query(tx, &distribution_slices, FZ_VALUES(FZ_I(distribution->id)), &row);
    while (result == FZ_OK) {
        result = fz_next(&row);
        if (result == FZ_ABSENT)
            return FZ_OK;
        if (result == FZ_OK && distribution->count == FZ_RECEIVERS_MAX + 1)
            return FZ_FAILED; /* more than the program ever writes */
        if (result == FZ_OK)
            fz_slice_read(&row, 0, &distribution->slices[distribution->count++]);
    }
    return result;
}

static void read_head(const struct fz_cursor *row, struct fz_distribution *out)
{
    out->id = fz_int(row, 0);
    FZ_COPY_COLUMN(out->order_id, row, 1);
    out->payment = fz_int(row, 2);
    FZ_COPY_COLUMN(out->transaction_id, row, 3);
    FZ_COPY_COLUMN(out->caller, row, 4);
    FZ_COPY_COLUMN(out->sub_mchid, row, 5);
    FZ_COPY_COLUMN(out->out_order_no, row, 6);
    out->kind = (enum fz_distribution_kind)fz_int(row, 7);
    out->state = (enum fz_distribution_state)fz_int(row, 8);
    out->created_ms = fz_int(row, 9);
    out->count = 0;
}

/* `digest` may be NULL. */
static enum fz_result find_distribution(struct fz_tx *tx, const struct fz_statement *statement,
                                        const struct fz_value *values, size_t count,
                                        struct fz_distribution *out, unsigned char digest[FZ_DIGEST_SIZE])
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(tx, statement, values, count, &row);
    if (result != FZ_OK)
        return result;
    struct fz_distribution distribution;
    read_head(&row, &distribution);
    result = read_slices(tx, &distribution);
    if (result != FZ_OK)
        return result;
    if (digest != NULL)
        fz_digest_read(digest, &row, 10);
    *out = distribution;
    return FZ_OK;
}

enum fz_result fz_distribution_by_row(struct fz_tx *tx, int64_t id, struct fz_distribution *out)
{
    return find_distribution(tx, &distribution_by_row, FZ_VALUES(FZ_I(id)), out, NULL);
}

enum fz_result fz_distribution_by_number(struct fz_tx *tx, const struct fz_party *party,
                                         const char *out_order_no, struct fz_distribution *out,
                                         unsigned char digest[FZ_DIGEST_SIZE])
{
    return find_distribution(tx, &distribution_by_number,
                             FZ_VALUES(FZ_T(party->caller), FZ_T(party->sub_mchid), FZ_T(out_order_no)), out,
                             digest);
}

void fz_distribution_hide_pending(struct fz_distribution *distribution)
{
    for (size_t i = 0; i < distribution->count; i++)
        if (distribution->slices[i].result == FZ_SLICE_PENDING)
            distribution->slices[i].fail_reason[0] = '\0';
}

enum fz_result fz_distribution_find(struct fz_tx *tx, const struct fz_party *party, const char *out_order_no,
                                    const char *transaction_id, struct fz_distribution *out)
{
    struct fz_distribution distribution;
    enum fz_result result =
        find_distribution(tx, &distribution_by_number,
                          FZ_VALUES(FZ_T(party->caller), FZ_T(party->sub_mchid), FZ_T(out_order_no)),
                          &distribution, NULL);
    if (result == FZ_ABSENT)
        return fz_refuse(tx->error, FZ_DISTRIBUTION_UNKNOWN);
    if (result != FZ_OK)
        return result;
    if (strcmp(distribution.transaction_id, transaction_id) != 0)
        return fz_refuse(tx->error, FZ_ORDER_INCONSISTENT);
    fz_distribution_hide_pending(&distribution);
    *out = distribution;
    return FZ_OK;
}
