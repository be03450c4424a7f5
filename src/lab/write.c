/* Writes a lab's files: the story is told three times, for the bills and the records, for the payments of the statement and
 * for its refunds, which stand behind them; so none of it has to be kept. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/calendar.h"
#include "lab/lines.h"
#include "lab/records.h"

/* Of one writing. */
struct lab {
    const struct fz_lab_plan *plan;
    const struct fz_lab_told *told;
    int directory;
    struct fz_lab_made *made;
    struct fz_lab_order order; /* the one at hand */
};

static enum fz_result tell_planted(const struct lab *lab, const struct fz_lab_refund *refund)
{
    if (refund->kind == FZ_LAB_NONE)
        return FZ_OK;
    return lab->told->planted(lab->told->argument, refund->kind, refund->out_refund_no);
}

/* ---- refund bills, distribution bills, records ---- */

struct books {
    struct fz_lab_day_files refunds, shares;
    struct fz_lab_records records;
};

static enum fz_result add_refund(struct lab *lab, struct books *books, const struct fz_lab_refund *refund)
{
    fz_lab_records_add(&books->records, &lab->order, refund);
    enum fz_result result = books->records.result;
    if (result == FZ_OK)
        result = fz_lab_day_files_end(&books->refunds, fz_day_of(refund->accepted_ms));
    if (result == FZ_OK)
        result = fz_lab_bill_refund(&books->refunds, lab->plan, &lab->order, refund);
    return result == FZ_OK ? tell_planted(lab, refund) : result;
}

static enum fz_result add_order(struct lab *lab, struct books *books)
{
    enum fz_result result = fz_lab_day_files_end(&books->shares, fz_day_of(lab->order.payment.success_ms));
    if (result == FZ_OK)
        result = fz_lab_bill_slices(&books->shares, lab->plan, &lab->order);
    for (int i = 0; result == FZ_OK && i < lab->order.refund_count; i++)
        result = add_refund(lab, books, &lab->order.refunds[i]);
    lab->made->orders++;
    lab->made->slices += lab->order.slice_count;
    return result;
}

static enum fz_result go_along(struct lab *lab, struct books *books)
{
    struct fz_lab_story story;
    enum fz_result result = FZ_OK;
    fz_lab_story_begin(lab->plan, &story);
    while (result == FZ_OK && fz_lab_story_next(&story, &lab->order))
        result = add_order(lab, books);
    if (result == FZ_OK)
        result = fz_lab_day_files_end(&books->refunds, INT_MAX);
    if (result == FZ_OK)
        result = fz_lab_day_files_end(&books->shares, INT_MAX);
    fz_lab_day_files_drop(&books->refunds);
    fz_lab_day_files_drop(&books->shares);
    return result;
}

static struct fz_lab_day_files files_of(const struct lab *lab, const char *name, const struct fz_bill_form *form)
{
    struct fz_lab_day_files files = {.directory = lab->directory, .name = name, .form = form, .told = lab->told};
    fz_lab_day_files_begin(&files);
    return files;
}

static enum fz_result write_books(struct lab *lab)
{
    struct books *books = calloc(1, sizeof *books);
    int file = openat(lab->directory, FZ_LAB_RECORDS, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    enum fz_result result =
        books == NULL || file < 0 ? FZ_FAILED : fz_lab_records_begin(&books->records, fz_lab_sink, &file);
    if (result == FZ_OK) {
        books->refunds = files_of(lab, "refunds", &fz_refund_bill_form);
        books->shares = files_of(lab, "shares", &fz_distribution_bill_form);
        result = go_along(lab, books);
        enum fz_result written = fz_lab_records_end(&books->records);
        lab->made->records = books->records.rows;
        result = result == FZ_OK ? written : result;
    }
    if (file >= 0 && close(file) != 0)
        result = FZ_FAILED;
    free(books);
    return result == FZ_OK ? lab->told->file(lab->told->argument, FZ_LAB_RECORDS) : result;
}

/* ---- statements ---- */

/* The story, told twice at a time: one telling is a day ahead with the payments when the other comes with the refunds. */
struct telling {
    struct fz_lab_story story;
    struct fz_lab_order order;
    int at; /* the refund of the order that comes next */
    bool over;
};

static void advance(struct telling *telling)
{
    telling->over = !fz_lab_story_next(&telling->story, &telling->order);
    telling->at = 0;
}

static enum fz_result state_payments(struct lab *lab, struct fz_lab_day_files *files, struct telling *telling, int day)
{
    enum fz_result result = FZ_OK;
    for (; result == FZ_OK && !telling->over && fz_day_of(telling->order.payment.success_ms) <= day; advance(telling))
        if (fz_day_of(telling->order.payment.success_ms) == day) {
            lab->made->payments++;
            result = fz_lab_state_payment(files, &telling->order);
        }
    return result;
}

/* An order's refunds may be accepted on two days. */
static enum fz_result state_refunds(struct fz_lab_day_files *files, struct telling *telling, int day)
{
    enum fz_result result = FZ_OK;
    while (result == FZ_OK && !telling->over) {
        const struct fz_lab_order *order = &telling->order;
        if (telling->at == order->refund_count) {
            advance(telling);
            continue;
        }
        const struct fz_lab_refund *refund = &order->refunds[telling->at];
        int accepted = fz_day_of(refund->accepted_ms);
        if (accepted > day)
            break;
        telling->at++;
        if (accepted == day)
            result = fz_lab_state_refund(files, order, refund);
    }
    return result;
}

static enum fz_result write_days(struct lab *lab, struct fz_lab_day_files *files, struct telling tellings[2])
{
    enum fz_result result = FZ_OK;
    for (int i = 0; i < 2; i++) {
        fz_lab_story_begin(lab->plan, &tellings[i].story);
        advance(&tellings[i]);
    }
    for (int day = lab->plan->first; result == FZ_OK && day <= lab->plan->last; day++) {
        result = state_payments(lab, files, &tellings[0], day);
        if (result == FZ_OK)
            result = state_refunds(files, &tellings[1], day);
        if (result == FZ_OK)
            result = fz_lab_day_files_end(files, day + 1);
    }
    fz_lab_day_files_drop(files);
    return result;
}

static enum fz_result write_statements(struct lab *lab)
{
    struct telling *tellings = calloc(2, sizeof *tellings);
    struct fz_lab_day_files *files = malloc(sizeof *files);
    enum fz_result result = FZ_FAILED;
    if (tellings != NULL && files != NULL) {
        *files = files_of(lab, "statement", &fz_trade_bill_form);
        result = write_days(lab, files, tellings);
    }
    free(tellings);
    free(files);
    return result;
}

enum fz_result fz_lab_write(const struct fz_lab_options *with, int directory, const struct fz_lab_told *told,
                            struct fz_lab_made *out)
{
    struct fz_lab_plan *plan = malloc(sizeof *plan);
    struct lab *lab = calloc(1, sizeof *lab);
    enum fz_result result = FZ_FAILED;
    *out = (struct fz_lab_made){0};
    if (plan != NULL && lab != NULL) {
        fz_lab_plan_make(with, plan);
        *out = (struct fz_lab_made){.first_day = plan->first, .last_day = plan->last};
        lab->plan = plan;
        lab->told = told;
        lab->directory = directory;
        lab->made = out;
        result = write_books(lab);
        if (result == FZ_OK)
            result = write_statements(lab);
    }
    free(plan);
    free(lab);
    return result;
}
