/* A pair of hand-made inputs, and what the reconciler finds in them. */
#ifndef FZ_TESTS_UNIT_RECONCILE_PAIR_H
#define FZ_TESTS_UNIT_RECONCILE_PAIR_H

#include <jansson.h>

#include "reconcile/reconcile.h"

/* A line of a refund bill; what is left out is that of the usual refund: 19.52 CNY at 6.5, of its own funds, on Monday
 * 2026-01-05. */
struct line {
    const char *refund_id, *out_refund_no, *transaction_id;
    const char *amount, *currency, *source, *source_amount, *fee, *settlement_currency, *rate, *settlement, *coupon;
    const char *applied, *arrived;
};

/* cmocka's setup and teardown: *state is a struct pair. */
struct pair {
    char folder[64];
    struct fz_paths refunds, shares, statements, settlements, records;
    struct fz_reconcile_request request; /* its paths are filled in by look */
    struct fz_reconciliation found;
    json_t *differences; /* of the last look */
    bool has_looked;
};
int pair_setup(void **state);
int pair_teardown(void **state);

/* Each adds a file. A bill's name tells its day. */
void pair_file(struct pair *pair, struct fz_paths *paths, const char *name, const char *text);
void pair_bill(struct pair *pair, const char *name, const struct line *lines, size_t count);
void pair_records(struct pair *pair, const char *text);
void pair_forget_records(struct pair *pair);
/* A statement with these lines, each "time,sub_mchid,transaction_id,refund_id,out_refund_no,status,refund,settlement". */
void pair_statement(struct pair *pair, const char *name, const char *const *lines, size_t count);
#define LINES(...) (const struct line[]){__VA_ARGS__}, sizeof((const struct line[]){__VA_ARGS__}) / sizeof(struct line)

/* Compares; asserts that it could be done. */
void pair_look(struct pair *pair);
/* Compares; asserts that it could not, and that the reason has this in it. */
void pair_refuses(struct pair *pair, const char *why);
/* That all that was found is of this kind and refund; and that its reason has these figures. */
void pair_has_only(struct pair *pair, const char *kind, const char *out_refund_no, const char *figure,
                   const char *other_figure);
void pair_agrees(struct pair *pair);
/* Whether there is such a difference. */
bool pair_has(const struct pair *pair, const char *kind, const char *out_refund_no);

#define HEADER                                                                                                              \
    "out_refund_no,refund_id,transaction_id,sub_mchid,amount,currency,status,success_time,create_time,fee,settlement_"      \
    "amount,settlement_currency\n"

#endif
