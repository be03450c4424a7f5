/* The SHA-1 of a bill's text, kept in a file beside it. */
#ifndef FZ_SERVER_FILES_SUM_H
#define FZ_SERVER_FILES_SUM_H

#include "wire/server/bill_text.h"

#define FZ_BILL_SUM_SIZE 41

/* Gives the sink a line with the sum of `bill`, and with what tells that file from any other. */
FZ_MUST_CHECK enum fz_result fz_bill_sum_write(int bill, fz_block_sink sink, void *argument);
/* The sum in `file`, in hexadecimal digits. FZ_ABSENT: it has none, or that of another file than `bill`. */
FZ_MUST_CHECK enum fz_result fz_bill_sum_read(int file, int bill, char out[FZ_BILL_SUM_SIZE]);

#endif
