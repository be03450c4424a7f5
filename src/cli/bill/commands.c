/* fenzhang bill refunds, shares and statement (S-RBILL, 4.1.9, 3.1.6): their rows. */
#include "cli/bill/commands.h"

#include "cli/bill/job.h"

#define ABOUT                                                                                                               \
    " A day's file goes to standard output: the service's bytes, or on a terminal a table; with --out one a day into DIR, " \
    "a range too. Each is verified before it is anywhere; what was fetched is kept in ~/.cache/fenzhang and not fetched "   \
    "again. On standard error there is a line a day."                                                                       \
    "\v"                                                                                                                    \
    "A DATE is a Beijing day, 2026-11-27, a month, 2026-11, or yesterday. Its bill is out at 10:00 of the next day. A day " \
    "without a bill is no error; the status is 1 if one is not out yet, or was refused, and 2 if anything else went "       \
    "wrong.\n\n"                                                                                                            \
    "csv is RFC 4180, with values as in the file and without the accents before them, and has no summary. jsonl has an "    \
    "object a line: amounts as integers in the smallest unit, and under \"cells\" the file's own texts. sqlite has a "      \
    "table for each kind of bill in bills.sqlite, amounts as in jsonl. --json tells of each day, as an array of "           \
    "objects.\n\n"                                                                                                          \
    "Examples:\n"
#define ALL_OR_ONE " An institution's has all sub-merchants, or that of --sub-mchid."
#define ONE        " An institution's is of one sub-merchant: the profile's, or that of --sub-mchid."

static int run_refunds(int argc, char **argv);
static int run_shares(int argc, char **argv);
static int run_statement(int argc, char **argv);

static const char refunds_text[] = "Fetches the bill of distributed orders' refunds that arrived on a day." ALL_OR_ONE ABOUT
                                   "  fenzhang bill refunds yesterday\n"
                                   "  fenzhang bill refunds 2026-11 --out bills\n"
                                   "  fenzhang bill refunds 2026-11-01..2026-11-30 --out refunds.sqlite\n";
static const char shares_text[] = "Fetches the bill of slices that were distributed on a day." ONE ABOUT
                                  "  fenzhang bill shares yesterday --sub-mchid 1900000109\n"
                                  "  fenzhang bill shares 2026-11 --out bills --format csv\n";
static const char statement_text[] =
    "Fetches the transaction statement: a day's payments, and the refunds that were accepted on it." ALL_OR_ONE ABOUT
    "  fenzhang bill statement yesterday --format csv > yesterday.csv\n"
    "  fenzhang bill statement 2026-11 --out bills\n";

#define ARGP(text) {fz_bill_argp_options, fz_bill_take_option, fz_bill_argp_words, text, NULL, NULL, NULL}
static const struct argp refunds_argp = ARGP(refunds_text);
static const struct argp shares_argp = ARGP(shares_text);
static const struct argp statement_argp = ARGP(statement_text);

static const struct fz_command refunds = {
    .name = "refunds",
    .summary = "fetches refunds that arrived on a day",
    .argp = &refunds_argp,
    .shared = &fz_caller_argp,
    .run = run_refunds,
};
static const struct fz_command shares = {
    .name = "shares",
    .summary = "fetches slices that were distributed on a day",
    .argp = &shares_argp,
    .shared = &fz_caller_argp,
    .run = run_shares,
};
static const struct fz_command statement = {
    .name = "statement",
    .summary = "fetches payments of a day, and refunds accepted on it",
    .argp = &statement_argp,
    .shared = &fz_caller_argp,
    .run = run_statement,
};

static int run_refunds(int argc, char **argv)
{
    return fz_bill_run(&refunds, FZ_BILL_REFUNDS, argc, argv);
}

static int run_shares(int argc, char **argv)
{
    return fz_bill_run(&shares, FZ_BILL_DISTRIBUTIONS, argc, argv);
}

static int run_statement(int argc, char **argv)
{
    return fz_bill_run(&statement, FZ_BILL_STATEMENT, argc, argv);
}

static const struct fz_command *const members[] = {&refunds, &shares, &statement, NULL};

const struct fz_command fz_bill_command = {
    .name = "bill",
    .summary = "fetches days' bills, verified: as file, CSV, JSON or database",
    .heading = "Bills and books",
    .members = members,
    .about = "Fetches days' bills, verified.",
    .examples = "  fenzhang bill refunds yesterday\n"
                "  fenzhang bill statement 2026-11 --out bills\n",
};
