/* One's own records, as a CSV file: amounts in the smallest unit, times RFC 3339. */
#ifndef FZ_LAB_RECORDS_H
#define FZ_LAB_RECORDS_H

#include "lab/plant.h"
#include "wire/server/bill_text.h"

#define FZ_LAB_RECORDS "records.csv"

struct fz_lab_records {
    fz_block_sink sink;
    void *argument;
    char *buffer;
    size_t size;
    enum fz_result result; /* the first failure; later calls do nothing */
    int64_t rows;
};

/* Writes the header line. FZ_FAILED when memory is short. */
FZ_MUST_CHECK enum fz_result fz_lab_records_begin(struct fz_lab_records *out, fz_block_sink sink, void *argument);
/* The rows of a refund. */
void fz_lab_records_add(struct fz_lab_records *records, const struct fz_lab_order *order,
                        const struct fz_lab_refund *refund);
/* Hands on what is left; frees. The first failure, if any. */
FZ_MUST_CHECK enum fz_result fz_lab_records_end(struct fz_lab_records *records);

#endif
