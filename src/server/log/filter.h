/* Which records of the request log somebody wants to see. */
#ifndef FZ_SERVER_LOG_FILTER_H
#define FZ_SERVER_LOG_FILTER_H

#include "server/log/numbers.h"

/* "" or 0: any. */
struct fz_request_filter {
    char mchid[33], sub_mchid[33];
    char path[257]; /* part of the path */
    char code[33];
    int status_min, status_max;          /* 404, or 400 to 499 */
    char request_id[FZ_REQUEST_ID_SIZE]; /* its beginning */
    char number[FZ_NUMBER_MAX + 1];      /* one of the exchange's */
};

/* The code that the exchange was answered with; "" for success. */
const char *fz_record_code(const struct fz_request_record *record);

bool fz_request_filter_fits(const struct fz_request_filter *filter, const struct fz_request_record *record);

#endif
