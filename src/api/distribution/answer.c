/* A distribution of the book as the API answers it: one receiver a slice, the sponsor's included. */
#include "api/distribution/answer.h"

static struct fz_distribution_receiver slice_of(const struct fz_slice *slice)
{
    return (struct fz_distribution_receiver){
        .currency = fz_cny_words[0],
        .amount = slice->amount,
        .description = slice->description,
        .type = slice->type,
        .account = slice->account,
        .result = fz_slice_result_words[slice->result - FZ_SLICE_PENDING],
        .fail_reason = fz_given(slice->fail_reason),
        .create_time.ms = slice->created_ms,
        .finish_time.ms = slice->finished_ms,
        .detail_id = slice->detail_id,
        .settlement_currency = slice->settlement_currency,
        .has_settlement_amount = true,
        .settlement_amount = slice->settlement_amount,
        .has_rate = true,
        .rate = slice->settlement_rate,
    };
}

void fz_distribution_answer(struct fz_distribution_out *out)
{
    const struct fz_distribution *distribution = &out->distribution;
    out->answer = (struct fz_distribution_answer){
        .sub_mchid = fz_given(distribution->sub_mchid),
        .transaction_id = distribution->transaction_id,
        .out_order_no = distribution->out_order_no,
        .order_id = distribution->order_id,
        .state = fz_distribution_state_words[distribution->state - FZ_DISTRIBUTION_PROCESSING],
        .receivers = out->receivers,
        .receivers_count = distribution->count,
    };
    for (size_t i = 0; i < distribution->count; i++)
        out->receivers[i] = slice_of(&distribution->slices[i]);
}
