/* The rows by which both bills' URLs are asked for. */
#ifndef FZ_SPEC_BILL_URL_H
#define FZ_SPEC_BILL_URL_H

#include "spec/bill/bill.h"
#include "spec/common/merchants.h"

#define FZ_BILL_URL_ROWS(sub_mchid_required_in)                                                              \
    FZ_SUB_MCHID_ROW(fz_bill_url_request, FZ_IN_QUERY, sub_mchid_required_in),                               \
        FZ_TEXT_OF(fz_bill_url_request, bill_date, 10, 10, .place = FZ_IN_QUERY, .required = FZ_BOTH,        \
                   .letters = FZ_DATE, .meaning = "Beijing day of the bill, YYYY-MM-DD, at most 90 days back")

#endif
