/* Values of the API as people read them. */
#ifndef FZ_CLI_OUTPUT_VALUE_H
#define FZ_CLI_OUTPUT_VALUE_H

#include <stdint.h>

#define FZ_VALUE_SIZE 64

/* 1000 of CNY: "10.00 CNY"; of JPY: "1000 JPY". A currency that is not known has two decimals. */
void fz_amount_write(char out[FZ_VALUE_SIZE], int64_t amount, const char *currency);
/* The same without the currency: "10.00". */
void fz_amount_write_bare(char out[FZ_VALUE_SIZE], int64_t amount, const char *currency);
/* 723000000 of a rate x 10^8: "7.23". */
void fz_rate_write(char out[FZ_VALUE_SIZE], int64_t rate);
/* 60 in 1/10 000: "0.60 %". */
void fz_share_write(char out[FZ_VALUE_SIZE], int64_t share);

#endif
