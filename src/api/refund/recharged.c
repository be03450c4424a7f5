/* The recharged refund balance, for its two queries. */
#include "api/refund/recharged.h"

#include "base/text.h"
#include "book/refund/recharged.h"

enum fz_result fz_recharged_read(struct fz_tx *tx, const struct fz_party *party, struct fz_recharged_out *out)
{
    fz_copy(out->currency, sizeof out->currency, party->settlement_currency);
    out->answer.currency = out->currency;
    return fz_recharged_balance(tx, party->caller, party->settlement_currency, &out->answer.remaining_amount);
}
