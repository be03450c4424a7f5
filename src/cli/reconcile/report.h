/* What a reconciliation found, as tables, JSON, CSV or HTML. Each gives false after a message. */
#ifndef FZ_CLI_RECONCILE_REPORT_H
#define FZ_CLI_RECONCILE_REPORT_H

#include <jansson.h>
#include <stdbool.h>

#include "reconcile/reconcile.h"

struct fz_report_files {
    const char *csv, *html; /* NULL: none */
};

/* For a person: what, how much, since when; then the differences, as many as are taken in. */
bool fz_report_tables(struct fz_reconciliation *found, const struct fz_report_files *files, bool may_page);
/* {"agrees", "totals", "differences", …} on standard output. */
bool fz_report_json(struct fz_reconciliation *found);
/* All differences into a file of that name. */
bool fz_report_csv(struct fz_reconciliation *found, const char *path);
bool fz_report_html(struct fz_reconciliation *found, const char *path);

/* Gives each difference as JSON, by kind and day; false from `take` ends it. False after a message, too. */
typedef bool fz_take_difference(void *argument, enum fz_difference_kind kind, uint64_t number, json_t *difference);
bool fz_report_each(struct fz_reconciliation *found, fz_take_difference *take, void *argument);

/* A member's text, or that of a member in it; "" where there is none. */
const char *fz_report_text(const json_t *object, const char *member, const char *inner);
/* "19.52 CNY", "" where there is no number. */
void fz_report_amount(char out[64], const json_t *object, const char *amount, const char *currency);
/* "19.52 CNY, 3.00 USD" of what is at stake in all of a kind. */
#define FZ_STAKES_SIZE 400
void fz_report_stakes(char out[FZ_STAKES_SIZE], const struct fz_findings_kind *kind);

#endif
