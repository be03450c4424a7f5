/* What `fenzhang bill` is asked for. */
#ifndef FZ_CLI_BILL_OPTIONS_H
#define FZ_CLI_BILL_OPTIONS_H

#include <argp.h>
#include <stdbool.h>

#include "cli/bill/days.h"

enum fz_bill_format { FZ_BILL_AS_USUAL, FZ_BILL_ORIGINAL, FZ_BILL_CSV, FZ_BILL_JSON_LINES, FZ_BILL_SQLITE };

struct fz_bill_options {
    struct fz_days days;
    const char *range; /* as it was typed; NULL: none was named */
    const char *out;   /* --out: a directory, or the file of a database; NULL: standard output */
    enum fz_bill_format format;
    bool no_cache;
};

extern const struct argp_option fz_bill_argp_options[];
extern const char fz_bill_argp_words[];
/* Its input is a struct fz_bill_options. */
error_t fz_bill_take_option(int key, char *argument, struct argp_state *state);

/* ".csv", ".jsonl" */
const char *fz_bill_suffix(enum fz_bill_format format);
/* Whether `path` names the file of a database. */
bool fz_bill_is_database(const char *path);

#endif
