/* Bills, statements and settlements: asking for them. What is in their files: fenzhang/bill_file.h. */
#ifndef FENZHANG_BILL_H
#define FENZHANG_BILL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Texts are borrowed: a request's from who sends it, an answer's live as long as the answer. */

/* ---- the URL of a bill: of refunds (S-RBILL), or of distributions ---- */

struct fz_bill_url_request {
    size_t size; /* FZ_INIT */
    const char *sub_mchid; /* Institutional mode; NULL, of refunds alone: all sub-merchants in one file */
    const char *bill_date; /* Beijing day, YYYY-MM-DD, at most 90 days back; out from 10:00 of the next */
};
struct fz_bill_url_answer {
    const char *download_url; /* where the file is, for 30 seconds */
};

/* The file itself. It comes without a signature. */
struct fz_bill_file_request {
    size_t size; /* FZ_INIT */
    const char *token; /* as download_url has it */
};

/* ---- the transaction statement: the file itself ---- */

struct fz_statement_request {
    size_t size; /* FZ_INIT */
    const char *date;                 /* Beijing day of the trades, YYYYMMDD, at most 180 days back */
    const char *mchid;                /* Common mode */
    const char *sp_mchid, *sub_mchid; /* Institutional mode; sub_mchid NULL: all sub-merchants in one file */
};

/* ---- settlement details ---- */

#define FZ_SETTLEMENTS_A_PAGE 30

struct fz_settlements_request {
    size_t size; /* FZ_INIT */
    const char *sub_mchid;         /* NULL: all sub-merchants */
    const char *settle_state;      /* SETTLED: paid out; UNSETTLE: converted, not paid out */
    const char *settle_start_date; /* first Beijing day of payout, YYYYMMDD; with SETTLED alone */
    const char *settle_end_date;   /* last day of payout, later than the first; with SETTLED alone */
    int64_t limit;                 /* how many records to answer at most: 1 to FZ_SETTLEMENTS_A_PAGE */
    int64_t offset;                /* how many records to pass over, from the oldest */
};

/* All amounts in the smallest unit of `currency`. */
struct fz_settlement_amount {
    int64_t settled;      /* paid out: net less fee */
    int64_t unsettle;     /* not paid out: net less fee */
    const char *currency; /* settlement currency */
    int64_t pay;          /* payments */
    int64_t refund;       /* refunds */
    int64_t net;          /* payments less refunds */
    int64_t fee;          /* of both */
};

/* What of it is from distributed orders. */
struct fz_settlement_split {
    int64_t settled;      /* paid out */
    int64_t unsettle;     /* not paid out */
    const char *currency; /* settlement currency */
    int64_t pay;          /* released outbound */
    int64_t refund;       /* drawn by advance refunds */
};

/* A batch. */
struct fz_settlement {
    const char *batch_id;         /* "" before there is one */
    const char *settlement_date;  /* day of the payout, YYYYMMDD; "" before it */
    const char *trade_start_date; /* first day of its trades, YYYYMMDD */
    const char *trade_end_date;   /* last day of its trades */
    struct fz_settlement_amount amount;
    const char *wallet_region; /* whose wallet was paid from: CHINA_MAINLAND or CHINA_HONGKONG */
    bool has_split_amount;     /* only with funds distribution */
    struct fz_settlement_split split_amount;
};

struct fz_settlements_answer {
    struct fz_settlement *data; /* oldest first */
    size_t data_count;
    int64_t total_count; /* how many records there are */
    int64_t offset;      /* as asked */
    int64_t limit;       /* how many records are here */
};

#endif
