/* Bill files: what is in their lines, reading them, and fetching a day's. There are three kinds: the refund bill (S-RBILL), the
 * distribution bill and the transaction statement. Each file has two blocks, a header line and its lines each: details, and a
 * summary of a line for each settlement currency; which of them comes first differs. */
#ifndef FENZHANG_BILL_FILE_H
#define FENZHANG_BILL_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fenzhang/client.h"
#include "fenzhang/time.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Amounts are in the smallest unit of their currency, CNY where none is told. What a file leaves empty, or
 * has no column for, is NULL or 0. Texts of a line that was read live until the next one is. */

/* ---- the refund bill: a line for each source that a refund was drawn from ---- */

struct fz_refund_bill_line {
    struct fz_timestamp apply_time;   /* when the refund was accepted */
    struct fz_timestamp success_time; /* when it arrived */
    const char *refund_id;            /* WeChat Pay's refund number */
    const char *out_refund_no;        /* the merchant's */
    const char *transaction_id;       /* WeChat Pay's order number */
    const char *out_trade_no;         /* the merchant's */
    int64_t refund;                   /* all that is refunded, the same on the lines of both sources */
    const char *currency;             /* of `refund`: the price currency */
    int64_t coupon_refund;            /* the voucher's share of it, in CNY */
    int64_t payer_refund;             /* what the payer gets, without vouchers */
    const char *payer_currency;       /* of `payer_refund` */
    int64_t fee_rate;                 /* 60 for 0.60 % */
    const char *source;               /* ORDER_REFUNDABLE_BALANCE or FUNDS_REFUNDABLE_BALANCE */
    const char *source_type;          /* PACKAGE; the document tells of a second one and does not name it */
    int64_t source_amount;            /* what came from this source, gross, in CNY */
    int64_t source_fee;               /* the fee given back for it, in CNY: 0 or less */
    const char *settlement_currency;  /* of the two amounts at the end */
    int64_t exchange_rate;            /* CNY for one unit of it, x 10^8 */
    int64_t settlement;               /* what of `source_amount` is settled */
    int64_t settlement_fee;           /* `source_fee` in that currency: 0 or less */
};

struct fz_refund_bill_summary {
    const char *settlement_currency; /* of the last two amounts */
    int64_t refund_count;            /* a refund from two sources is one */
    int64_t refund, coupon_refund, source_amount, source_fee; /* in CNY */
    int64_t settlement, settlement_fee;
};

/* ---- the distribution bill: a line for each slice that succeeded ---- */

struct fz_distribution_bill_line {
    struct fz_timestamp create_time; /* when it was accepted */
    const char *initiator;           /* merchant ID, or "system" for what was released by itself */
    const char *sponsor;             /* merchant ID */
    const char *sub_mchid;           /* NULL of a direct merchant */
    const char *transaction_id;      /* WeChat Pay's order number */
    const char *order_id;            /* WeChat Pay's distribution number */
    const char *out_order_no;        /* the merchant's */
    const char *detail_id;           /* of the slice */
    const char *receiver_account;
    int64_t amount;
    const char *currency; /* CNY */
    int64_t settlement_amount;
    const char *settlement_currency; /* of `settlement_amount` */
    int64_t exchange_rate;           /* CNY for one unit of it, x 10^8 */
    const char *business_type;       /* PROFITSHARING, UNFREEZE or AUTO_UNFREEZE */
    const char *status;              /* SUCCESS */
    const char *description;
};

struct fz_distribution_bill_summary {
    const char *settlement_currency; /* of `settlement_amount` */
    int64_t count, amount;           /* slices, and their sum in CNY */
    int64_t settlement_amount;
};

/* ---- the transaction statement: a line for each payment, and for each refund when it was accepted ----
 * What is of the payment is empty or 0 on a refund's line, and the other way round: each column adds up. */

struct fz_trade_bill_line {
    struct fz_timestamp time; /* paid, or the refund accepted */
    const char *appid, *mchid, *sub_mchid;
    const char *device;         /* NULL here */
    const char *transaction_id; /* WeChat Pay's order number */
    const char *out_trade_no;   /* the merchant's */
    const char *user;           /* NULL here */
    const char *trade_type;     /* NATIVE … */
    const char *trade_state;    /* SUCCESS, REFUND or REVOKED */
    const char *bank;           /* what was paid from */
    const char *coupon_currency;
    int64_t coupon; /* of a voucher that is settled (COUPON), in `coupon_currency` */
    const char *discount_currency;
    int64_t discount; /* of one that is not (DISCOUNT), in `discount_currency` */
    const char *refund_id, *out_refund_no;
    const char *refund_type;   /* ORIGINAL, BALANCE, OTHER_BALANCE, OTHER_BANKCARD */
    const char *refund_status; /* PROCESSING, SUCCESS, REFUNDCLOSE, ABNORMAL; at the end of the day */
    const char *description, *attach; /* as the order has them */
    int64_t fee;      /* in `settlement_currency`; below 0 of a refund */
    int64_t fee_rate; /* 60 for 0.60 % */
    const char *currency; /* the price currency */
    int64_t amount;       /* of the order, in `currency` */
    const char *payer_currency;
    int64_t payer_amount; /* what the payer paid, without vouchers, in `payer_currency` */
    const char *settlement_currency;
    int64_t settlement;   /* gross, in `settlement_currency` */
    int64_t payment_rate; /* exchange rate of the payment, x 10^8 */
    int64_t refund_rate;  /* of the refund */
    int64_t refund;       /* asked back, in `currency` */
    const char *payer_refund_currency;
    int64_t payer_refund; /* what the payer gets, without vouchers, in `payer_refund_currency` */
    const char *refund_settlement_currency;
    int64_t refund_settlement; /* what is taken back, in `refund_settlement_currency` */
    int64_t coupon_refund;     /* given back of a COUPON, in `payer_currency` */
    int64_t discount_refund;   /* given back of a DISCOUNT, in `currency` */
};

/* Amounts are in that currency. */
struct fz_trade_bill_summary {
    const char *settlement_currency;
    int64_t payment_count, refund_count;
    int64_t settlement, refund_settlement;
    int64_t fee; /* of payments, less what was given back */
};

/* ---- rows ---- */

enum fz_bill_kind { FZ_BILL_REFUNDS, FZ_BILL_DISTRIBUTIONS, FZ_BILL_STATEMENT };

enum fz_bill_part {
    FZ_BILL_DETAIL,
    FZ_BILL_SUMMARY,
    FZ_BILL_OTHER /* of a block whose columns this library does not know: there are texts alone */
};

/* A line of data. It and all that it points to live until the function that it is given to returns. */
struct fz_bill_row {
    enum fz_bill_part part;
    size_t line; /* of the file, from 1 */
    /* By kind and part one of these; the others are NULL. */
    const struct fz_refund_bill_line *refund;
    const struct fz_refund_bill_summary *refund_summary;
    const struct fz_distribution_bill_line *distribution;
    const struct fz_distribution_bill_summary *distribution_summary;
    const struct fz_trade_bill_line *trade;
    const struct fz_trade_bill_summary *trade_summary;
    /* Every cell as the file has it, also of columns that this library does not know, by the names of the header line. */
    size_t count;
    const char *const *names;
    const char *const *texts;
};

/* The text in the column of that name; NULL: there is no such column. */
FZ_API const char *fz_bill_row_text(const struct fz_bill_row *row, const char *name);

/* What is given each row, in the order of the file. Anything but 0 ends the reading, which then fails with
 * FZ_CODE_CANCELLED. */
typedef int fz_bill_on_row(void *argument, const struct fz_bill_row *row);

/* ---- reading ----
 * A reader takes a file in pieces of any size and gives its rows, in memory that does not grow with the file. Columns are found
 * by their names. It takes what real files differ in: a byte-order mark or none, CR LF or LF, values with an accent before each,
 * or without, in double quotes or not, commas in values, columns that are new or missing, gzip. Rows come before the end of
 * the file was seen: they count once fz_bill_reader_finish has said that the file is whole.
 *
 * FZ_CODE_MALFORMED: the message says in which line and column what is wrong; so do fz_error_location ("line 7, cell 3"),
 * fz_error_field (the column), fz_error_value and fz_error_issue. After an error a reader can only be freed. */
typedef struct fz_bill_reader fz_bill_reader;

/* `on_row` NULL: the file is only checked. */
FZ_API int fz_bill_reader_new(enum fz_bill_kind kind, fz_bill_on_row *on_row, void *argument, fz_bill_reader **reader,
                              fz_error **error);
FZ_API int fz_bill_reader_feed(fz_bill_reader *reader, const void *data, size_t size, fz_error **error);
/* The file has ended. Fails also where it is seen to be cut: its gzip data does not end, or the rows do not add up to the
 * summary, if it has one. */
FZ_API int fz_bill_reader_finish(fz_bill_reader *reader, fz_error **error);
FZ_API void fz_bill_reader_free(fz_bill_reader *reader); /* NULL is allowed */

/* A whole file, or a whole text, at once. */
FZ_API int fz_bill_read_file(enum fz_bill_kind kind, const char *path, fz_bill_on_row *on_row, void *argument, fz_error **error);
FZ_API int fz_bill_read_memory(enum fz_bill_kind kind, const void *data, size_t size, fz_bill_on_row *on_row, void *argument,
                               fz_error **error);

/* ---- a day's bill ---- */

struct fz_bill_day {
    size_t size; /* FZ_INIT */
    enum fz_bill_kind kind;
    const char *date;      /* Beijing day, YYYY-MM-DD; out from 10:00 of the next */
    const char *sub_mchid; /* Institutional mode; NULL: all sub-merchants, but of distributions, where one has to be named */
    bool direct;           /* the client's merchant is a direct one (Common mode): a statement is asked for otherwise */
};

/* Asks where the bill is, fetches it, makes sure of it, and gives its rows; the call's deadline holds for all before the first
 * row. It is fetched only from a host of the client's, into a file without a name below $TMPDIR (or /tmp), and nothing of it is
 * given before it was read through once: a file that does not verify (a statement's signed SHA-1, a signature where there is
 * one, a hash told beside the link), is cut, or is not readable to its end gives no row at all. Whether refund and distribution
 * bills are signed no document says: they are taken without a signature from the link that a signed answer named, over TLS or
 * on loopback (and under /v3/billdownload/file, as the vendor's libraries do); then these, the length that was announced and
 * the sums are what there is. A link whose 30 seconds are over is asked for once more.
 * A statement is asked for compressed, and unpacked as it comes. While the file comes, a thread of the library's, which takes no
 * signals, reads it; rows are given on the thread that calls.
 * FZ_CODE_STATEMENT_CREATING: ask again after 10:00; FZ_CODE_NO_STATEMENT_EXIST: there is nothing.
 *
 * These functions change nothing at the service, and can be called again after any error. Its outcome says how far they came:
 * FZ_OUTCOME_NOT_SENT: no answer came that can be relied on, or there was nowhere to put the file; FZ_OUTCOME_REFUSED: the service
 * gives no such file, the code says why; FZ_OUTCOME_DONE: the service did its part, and at fault is what it gave, the file here
 * (FZ_CODE_FILE), or a row function that ended the reading (FZ_CODE_CANCELLED). They wait for the file: on an event loop they
 * belong on a thread of their own. */
FZ_API int fz_bill_read_day(fz_client *client, const struct fz_bill_day *day, const struct fz_call_options *options,
                            fz_bill_on_row *on_row, void *argument, fz_error **error);
/* The same into a file, as it came, that only the user can read: `path` is there when all of it is good, and untouched before. */
FZ_API int fz_bill_download(fz_client *client, const struct fz_bill_day *day, const struct fz_call_options *options,
                            const char *path, fz_error **error);

/* What a file comes to. */
struct fz_bill_facts {
    size_t size;     /* FZ_INIT */
    size_t bytes;    /* of the file as it is */
    size_t rows;     /* lines of details */
    char sha256[65]; /* of these bytes, in hex digits: by it the file is known again */
};
/* fz_bill_download for those who keep many and large ones: a file is looked at as it comes, as far as it has to add up, and no
 * disk is waited for, so that it takes little longer than the network does. Whether the file is still the same later, after a
 * power failure too, its SHA-256 tells. Of its rows those of the summary are given; of a file without one, or with one whose
 * columns this library does not know, what the details add up to: without texts, and `refund_count` of a refund bill is -1, which
 * details do not tell. `on_summary` and `facts` may be NULL. */
FZ_API int fz_bill_fetch(fz_client *client, const struct fz_bill_day *day, const struct fz_call_options *options, const char *path,
                         fz_bill_on_row *on_summary, void *argument, struct fz_bill_facts *facts, fz_error **error);
/* The same of a file that is there. */
FZ_API int fz_bill_check_file(enum fz_bill_kind kind, const char *path, fz_bill_on_row *on_summary, void *argument,
                              struct fz_bill_facts *facts, fz_error **error);

#ifdef __cplusplus
}
#endif

#endif
