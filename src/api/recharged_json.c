/* The recharged refund balance: read and told. */
#include "api/recharged_json.h"

#include "base/text.h"
#include "book/recharged.h"

const struct fz_field fz_recharged_fields[] = {
    {"remaining_amount", FZ_INTEGER, 0, true, NULL, "What refunds can draw, in the currency's smallest unit"},
    {"currency", FZ_STRING, 16, true, NULL, "The settlement currency"},
    {0},
};

enum fz_result fz_recharged_read(struct fz_tx *tx, const struct fz_party *party, struct fz_recharged *out)
{
    fz_copy(out->currency, sizeof out->currency, party->settlement_currency);
    return fz_recharged_balance(tx, party->caller, party->settlement_currency, &out->remaining_amount);
}

json_t *fz_recharged_answer(const struct fz_call *call, const void *params, const void *out)
{
    const struct fz_recharged *recharged = out;
    (void)call;
    (void)params;
    return json_pack("{s:I, s:s}", "remaining_amount", (json_int_t)recharged->remaining_amount, "currency",
                     recharged->currency);
}
