/* The JSON of a distribution: its state, and one receiver a slice, the sponsor's included. */
#include "api/distribution_json.h"

#include "base/calendar.h"

static const char *const state_words[] = {"PROCESSING", "FINISHED", NULL};
static const char *const result_words[] = {"PENDING", "SUCCESS", "CLOSED", NULL};

const struct fz_field fz_distribution_fields[] = {
    {"sub_mchid", FZ_STRING, 32, false, NULL, "Sub-merchant ID; in Institutional mode"},
    {"transaction_id", FZ_STRING, 32, true, NULL, "WeChat Pay transaction ID"},
    {"out_order_no", FZ_STRING, 64, true, NULL, "Merchant distribution number"},
    {"order_id", FZ_STRING, 64, true, NULL, "WeChat Pay distribution number"},
    {"state", FZ_STRING, 16, true, state_words,
     "Whether the work is over; not whether each receiver got its slice"},
    {"receivers", FZ_ARRAY, FZ_RECEIVERS_MAX + 1, true, NULL,
     "One a slice, with what is released to the sponsor"},
    {"receivers[].currency", FZ_STRING, 3, true, (const char *const[]){"CNY", NULL}, "Currency of the slice"},
    {"receivers[].amount", FZ_INTEGER, 0, true, NULL, "Amount of the slice, in fen"},
    {"receivers[].description", FZ_STRING, 80, true, NULL, "Reason, as requested"},
    {"receivers[].type", FZ_STRING, 32, true, NULL, "Receiver's type"},
    {"receivers[].account", FZ_STRING, 64, true, NULL, "Receiver's account"},
    {"receivers[].result", FZ_STRING, 16, true, result_words, "What became of the slice"},
    {"receivers[].fail_reason", FZ_STRING, 64, false, fz_slice_fail_words,
     "Why it was not paid; with CLOSED"},
    {"receivers[].create_time", FZ_STRING, 64, true, NULL, "When the slice was accepted, with milliseconds"},
    {"receivers[].finish_time", FZ_STRING, 64, false, NULL, "When it was decided; absent while PENDING"},
    {"receivers[].detail_id", FZ_STRING, 64, false, NULL, "WeChat Pay number of the slice"},
    {"receivers[].settlement_currency", FZ_STRING, 16, false, NULL, "The sponsor's settlement currency"},
    {"receivers[].settlement_amount", FZ_INTEGER, 0, false, NULL,
     "The slice in the settlement currency's smallest unit"},
    {"receivers[].rate", FZ_INTEGER, 0, false, NULL, "CNY for one unit of the settlement currency x 10^8"},
    {0},
};

static json_t *slice_json(const struct fz_slice *slice)
{
    char create_time[FZ_TIME_SIZE], finish_time[FZ_TIME_SIZE];
    fz_format_time_ms(create_time, slice->created_ms);
    fz_format_time_ms(finish_time, slice->finished_ms);
    return json_pack("{s:s, s:I, s:s, s:s, s:s, s:s, s:s*, s:s, s:s*, s:s, s:s, s:I, s:I}", "currency", "CNY",
                     "amount", (json_int_t)slice->amount, "description", slice->description, "type",
                     slice->type, "account", slice->account, "result",
                     result_words[slice->result - FZ_SLICE_PENDING], "fail_reason",
                     slice->fail_reason[0] == '\0' ? NULL : slice->fail_reason, "create_time", create_time,
                     "finish_time", slice->finished_ms == 0 ? NULL : finish_time, "detail_id",
                     slice->detail_id, "settlement_currency", slice->settlement_currency, "settlement_amount",
                     (json_int_t)slice->settlement_amount, "rate", (json_int_t)slice->settlement_rate);
}

json_t *fz_distribution_answer(const struct fz_call *call, const void *params, const void *out)
{
    const struct fz_distribution *distribution = out;
    (void)call;
    (void)params;
    json_t *receivers = json_array();
    for (size_t i = 0; i < distribution->count; i++)
        if (json_array_append_new(receivers, slice_json(&distribution->slices[i])) != 0) {
            json_decref(receivers);
            return NULL;
        }
    return json_pack("{s:s*, s:s, s:s, s:s, s:s, s:o}", "sub_mchid",
                     distribution->sub_mchid[0] == '\0' ? NULL : distribution->sub_mchid, "transaction_id",
                     distribution->transaction_id, "out_order_no", distribution->out_order_no, "order_id",
                     distribution->order_id, "state",
                     state_words[distribution->state - FZ_DISTRIBUTION_PROCESSING], "receivers", receivers);
}
