/* Distributions: putting one together, and accepting it. */
#include <assert.h>
#include <string.h>

#include "base/text.h"
#include "book/distribution/row.h"
#include "book/entry.h"
#include "book/number.h"

FZ_STATEMENT(distribution_insert,
             "INSERT INTO distribution (id, order_id, payment, caller, sub_mchid, out_order_no, digest, kind,"
             " state, created_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
             " ON CONFLICT (caller, sub_mchid, out_order_no) DO NOTHING",
             "ititttbiii", "");
FZ_STATEMENT(slice_insert,
             "INSERT INTO slice (id, distribution, detail_id, caller, sub_mchid, to_sponsor, type, account,"
             " amount, description, result, fail_reason, settlement_currency, settlement_rate,"
             " settlement_amount, created_ms)"
             " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
             "iitttittititt"
             "iii",
             "");

_Static_assert(FZ_RECEIVERS_MAX + 2 <= FZ_POSTINGS_MAX, "a distribution is finished in one entry");

void fz_distribution_begin(struct fz_distribution *distribution, const struct fz_payment *payment,
                           enum fz_distribution_kind kind, const char *out_order_no)
{
    distribution->payment = payment->id;
    fz_copy(distribution->transaction_id, sizeof distribution->transaction_id, payment->transaction_id);
    fz_copy(distribution->caller, sizeof distribution->caller, payment->caller);
    fz_copy(distribution->sub_mchid, sizeof distribution->sub_mchid, payment->sub_mchid);
    fz_copy(distribution->out_order_no, sizeof distribution->out_order_no, out_order_no);
    distribution->kind = kind;
    distribution->state = FZ_DISTRIBUTION_PROCESSING;
    distribution->count = 0;
}

void fz_distribution_add(struct fz_distribution *distribution, bool to_sponsor, const char *type,
                         const char *account, int64_t amount, const char *description,
                         const char *fail_reason)
{
    assert(distribution->count < FZ_RECEIVERS_MAX + 1);
    struct fz_slice *slice = &distribution->slices[distribution->count++];
    *slice = (struct fz_slice){.to_sponsor = to_sponsor, .amount = amount, .result = FZ_SLICE_PENDING};
    fz_copy(slice->type, sizeof slice->type, type);
    fz_copy(slice->account, sizeof slice->account, account);
    fz_copy(slice->description, sizeof slice->description, description);
    fz_copy(slice->fail_reason, sizeof slice->fail_reason, fail_reason);
}

/* What the slices come to; only those to others than the sponsor with `others`. */
static int64_t total(const struct fz_distribution *distribution, bool others)
{
    int64_t sum = 0;
    for (size_t i = 0; i < distribution->count; i++)
        if (!others || !distribution->slices[i].to_sponsor)
            sum += distribution->slices[i].amount;
    return sum;
}

void fz_distribution_add_rest(struct fz_distribution *distribution, const struct fz_payment *payment,
                              const char *description)
{
    int64_t rest = payment->distributable - total(distribution, false);
    if (rest > 0)
        fz_distribution_add(distribution, true, "MERCHANT_ID", distribution->caller, rest,
                            description == NULL ? "Unfreeze remaining funds" : description, "");
}

static enum fz_result insert_head(struct fz_tx *tx, const unsigned char digest[FZ_DIGEST_SIZE],
                                  struct fz_distribution *distribution)
{
    enum fz_result result = fz_next_id(tx, "distribution", &distribution->id);
    if (result != FZ_OK)
        return result;
    distribution->created_ms = tx->now_ms;
    char order_id[FZ_NUMBER_SIZE];
    fz_number_write(order_id, tx->world, "3000", "order_id", tx->now_ms, distribution->id, 31);
    fz_copy(distribution->order_id, sizeof distribution->order_id, order_id);
    bool numbered = distribution->out_order_no[0] != '\0';
    return fz_insert(tx, &distribution_insert,
                     FZ_VALUES(FZ_I(distribution->id), FZ_T(distribution->order_id), FZ_I(distribution->payment),
                               FZ_T(distribution->caller), FZ_T(distribution->sub_mchid),
                               FZ_T(numbered ? distribution->out_order_no : NULL), FZ_B(digest, FZ_DIGEST_SIZE),
                               FZ_I(distribution->kind), FZ_I(distribution->state), FZ_I(distribution->created_ms)));
}

static enum fz_result insert_slice(struct fz_tx *tx, const struct fz_distribution *distribution,
                                   const struct fz_payment *payment, struct fz_slice *slice)
{
    enum fz_result result = fz_next_id(tx, "slice", &slice->id);
    if (result != FZ_OK)
        return result;
    char detail_id[FZ_NUMBER_SIZE];
    fz_number_write(detail_id, tx->world, "3600", "detail_id", tx->now_ms, slice->id, 31);
    fz_copy(slice->detail_id, sizeof slice->detail_id, detail_id);
    fz_copy(slice->settlement_currency, sizeof slice->settlement_currency, payment->settlement_currency);
    slice->settlement_rate = payment->settlement_rate;
    slice->settlement_amount =
        fz_from_cny(slice->amount, fz_currency_find(payment->settlement_currency), payment->settlement_rate);
    slice->created_ms = tx->now_ms;
    bool doomed = slice->fail_reason[0] != '\0';
    return fz_run(
        tx, &slice_insert,
        FZ_VALUES(FZ_I(slice->id), FZ_I(distribution->id), FZ_T(slice->detail_id), FZ_T(distribution->caller),
                  FZ_T(distribution->sub_mchid), FZ_I(slice->to_sponsor), FZ_T(slice->type),
                  FZ_T(slice->account), FZ_I(slice->amount), FZ_T(slice->description), FZ_I(slice->result),
                  FZ_T(doomed ? slice->fail_reason : NULL), FZ_T(slice->settlement_currency),
                  FZ_I(slice->settlement_rate), FZ_I(slice->settlement_amount), FZ_I(slice->created_ms)),
        NULL);
}

/* docs/book.md: "distribution or unfreeze accepted". What leaves `order` is in `sharing` until it is finished
 * (invariants 2 and 6). */
static enum fz_result book_accepted(struct fz_tx *tx, const struct fz_distribution *distribution, int64_t sum)
{
    struct fz_entry entry;
    fz_entry_begin(&entry, FZ_ENTRY_DISTRIBUTION_ACCEPTED, distribution->id);
    fz_entry_post(&entry, FZ_ACCOUNT_ORDER, distribution->caller, distribution->payment, FZ_NO_DAY, "CNY",
                  -sum);
    fz_entry_post(&entry, FZ_ACCOUNT_SHARING, distribution->caller, distribution->payment, FZ_NO_DAY, "CNY",
                  sum);
    return fz_entry_book(tx, &entry);
}

/* The head first: its number is what another writer can have taken, and then nothing was changed.
 * `to_receivers`, which the cap of the ratio reads, counts what is promised to others from now on; what
 * fails is taken off again (finish.c). */
enum fz_result fz_distribution_accept(struct fz_tx *tx, const unsigned char digest[FZ_DIGEST_SIZE],
                                      struct fz_payment *payment, struct fz_distribution *distribution)
{
    int64_t sum = total(distribution, false);
    enum fz_result result = insert_head(tx, digest, distribution);
    for (size_t i = 0; result == FZ_OK && i < distribution->count; i++)
        result = insert_slice(tx, distribution, payment, &distribution->slices[i]);
    if (result == FZ_OK)
        result = book_accepted(tx, distribution, sum);
    if (result != FZ_OK)
        return result;
    payment->distributable -= sum;
    payment->to_receivers += total(distribution, true);
    return fz_payment_store_funds(tx, payment);
}
