/* The JSON of a distribution: its state, and one receiver a slice, the sponsor's included. */
#include "api/distribution/json.h"

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

static void add_slice(struct fz_json *json, const struct fz_slice *slice)
{
    char create_time[FZ_TIME_SIZE], finish_time[FZ_TIME_SIZE];
    fz_format_time_ms(create_time, slice->created_ms);
    fz_format_time_ms(finish_time, slice->finished_ms);
    fz_json_object(json, NULL);
    fz_json_string(json, "currency", "CNY");
    fz_json_integer(json, "amount", slice->amount);
    fz_json_string(json, "description", slice->description);
    fz_json_string(json, "type", slice->type);
    fz_json_string(json, "account", slice->account);
    fz_json_string(json, "result", result_words[slice->result - FZ_SLICE_PENDING]);
    fz_json_given(json, "fail_reason", slice->fail_reason);
    fz_json_string(json, "create_time", create_time);
    fz_json_given(json, "finish_time", slice->finished_ms == 0 ? NULL : finish_time);
    fz_json_string(json, "detail_id", slice->detail_id);
    fz_json_string(json, "settlement_currency", slice->settlement_currency);
    fz_json_integer(json, "settlement_amount", slice->settlement_amount);
    fz_json_integer(json, "rate", slice->settlement_rate);
    fz_json_end_object(json);
}

void fz_distribution_answer(const struct fz_call *call, const void *params, const void *out, struct fz_json *json)
{
    const struct fz_distribution *distribution = out;
    (void)call;
    (void)params;
    fz_json_object(json, NULL);
    fz_json_given(json, "sub_mchid", distribution->sub_mchid);
    fz_json_string(json, "transaction_id", distribution->transaction_id);
    fz_json_string(json, "out_order_no", distribution->out_order_no);
    fz_json_string(json, "order_id", distribution->order_id);
    fz_json_string(json, "state", state_words[distribution->state - FZ_DISTRIBUTION_PROCESSING]);
    fz_json_array(json, "receivers");
    for (size_t i = 0; i < distribution->count; i++)
        add_slice(json, &distribution->slices[i]);
    fz_json_end_array(json);
    fz_json_end_object(json);
}
