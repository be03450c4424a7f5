/* The recharged refund balance: read and told. */
#include "api/refund/recharged_json.h"

#include "base/text.h"
#include "book/refund/recharged.h"

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

void fz_recharged_answer(const struct fz_call *call, const void *params, const void *out, struct fz_json *json)
{
    const struct fz_recharged *recharged = out;
    (void)call;
    (void)params;
    fz_json_object(json, NULL);
    fz_json_integer(json, "remaining_amount", recharged->remaining_amount);
    fz_json_string(json, "currency", recharged->currency);
    fz_json_end_object(json);
}
