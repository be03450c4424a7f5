/* Reads all inputs, puts their lines aside by their numbers, and compares place by place. */
#include "reconcile/reconcile.h"

#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "reconcile/compare/compare.h"
#include "reconcile/place/crew.h"
#include "reconcile/read/sums.h"
#include "reconcile/records/csv.h"
#include "reconcile/records/database.h"
#include "reconcile/records/json.h"
#include "reconcile/settle/batch.h"
#include "reconcile/windows.h"

#define MAPPING_MAX     ((size_t)64 << 10)
#define WINDOW_BYTES    ((uint64_t)6 << 20)
#define PIECES_A_WINDOW 24

/* All of one reconciliation. */
struct run {
    const struct fz_reconcile_request *request;
    struct fz_reconciliation *out;
    struct fz_inputs inputs;
    struct fz_map map;
    struct fz_reading reading;
    struct fz_record_reading records;
    struct fz_spool first, strays, orders;
    struct fz_windows windows;
    atomic_bool is_unsorted; /* it turned out while windows were read */
    struct fz_compare compare;
    uint64_t whole; /* bytes to read */
};

const char *fz_kind_word(enum fz_difference_kind kind)
{
    static const char *const words[] = {
#define WORD(name, word, meaning) word,
        FZ_KINDS(WORD)
#undef WORD
    };
    return words[kind];
}

const char *fz_kind_meaning(enum fz_difference_kind kind)
{
    static const char *const meanings[] = {
#define MEANING(name, word, meaning) meaning,
        FZ_KINDS(MEANING)
#undef MEANING
    };
    return meanings[kind];
}

uint64_t fz_reconciliation_count(const struct fz_reconciliation *reconciliation)
{
    uint64_t count = 0;
    for (size_t i = 0; i < FZ_KIND_COUNT; i++)
        count += reconciliation->findings.kinds[i].count;
    return count;
}

/* ---- opening ---- */

static enum fz_result open_bills(struct run *run, enum fz_input_kind kind, const struct fz_paths *paths)
{
    enum fz_result result = FZ_OK;
    for (size_t i = 0; i < paths->count && result == FZ_OK; i++)
        result = fz_bill_input(&run->inputs, kind, paths->list[i], &run->out->trouble);
    return result;
}

/* What is read in one go: a database, or JSON. */
static enum fz_result open_whole(struct run *run, const char *path, int file)
{
    struct fz_input *input = fz_inputs_add(&run->inputs, FZ_INPUT_RECORDS, path, &run->out->trouble);
    if (input == NULL)
        return FZ_FAILED;
    input->file = file;
    input->plan.count = 0;
    return fz_inputs_cut(&run->inputs, run->inputs.count - 1, &run->out->trouble) ? FZ_OK : FZ_FAILED;
}

static enum fz_result open_records(struct run *run, const char *path)
{
    if (fz_database_is(path))
        return open_whole(run, path, -1);
    int file = fz_input_open(path, &run->out->trouble);
    if (file < 0)
        return FZ_FAILED;
    if (fz_json_is(file))
        return open_whole(run, path, file);
    return fz_csv_input(&run->inputs, path, file, &run->map, &run->out->mapping, &run->out->trouble);
}

static bool has_column(const struct run *run, enum fz_cell_role role)
{
    bool has = true;
    for (size_t i = 0; i < run->inputs.count; i++)
        if (run->inputs.list[i].kind == FZ_INPUT_RECORDS && run->inputs.list[i].plan.count > 0)
            has = has && memchr(run->inputs.list[i].plan.roles, (int)role, run->inputs.list[i].plan.count) != NULL;
    return has;
}

static enum fz_result open_all(struct run *run)
{
    const struct fz_reconcile_request *request = run->request;
    enum fz_result result = request->map == NULL ? FZ_OK : fz_map_read(&run->map, request->map, &run->out->trouble);
    /* Records first: their piece may be the longest. */
    for (size_t i = 0; i < request->records.count && result == FZ_OK; i++)
        result = open_records(run, request->records.list[i]);
    if (result == FZ_OK)
        result = open_bills(run, FZ_INPUT_STATEMENT, &request->statements);
    if (result == FZ_OK)
        result = open_bills(run, FZ_INPUT_REFUNDS, &request->refunds);
    if (result == FZ_OK)
        result = open_bills(run, FZ_INPUT_SLICES, &request->shares);
    for (size_t i = 0; i < run->inputs.count; i++)
        run->whole += run->inputs.list[i].end - run->inputs.list[i].begin;
    return result;
}

/* ---- reading ---- */

struct reader {
    struct fz_pen *pen;
    struct fz_block block;
    struct fz_spool window; /* of whoever reads windows */
    struct fz_comparing *comparing;
};

static void *begin_reader(void *argument)
{
    struct run *run = argument;
    struct reader *reader = calloc(1, sizeof *reader);
    if (reader != NULL)
        reader->pen = fz_pen_new(&run->first);
    if (reader == NULL || reader->pen == NULL) {
        free(reader);
        (void)fz_trouble_memory(&run->out->trouble);
        return NULL;
    }
    return reader;
}

static void end_reader(void *argument, void *own)
{
    struct reader *reader = own;
    (void)argument;
    fz_pen_done(reader->pen);
    free(reader->block.data);
    free(reader);
}

static enum fz_result read_records(struct run *run, struct reader *reader, size_t piece, const struct fz_range *range)
{
    const struct fz_input *input = &run->inputs.list[run->inputs.pieces[piece].input];
    if (input->plan.count > 0)
        return fz_csv_piece(&run->records, piece, range, &reader->block, reader->pen);
    if (input->file >= 0)
        return fz_json_piece(&run->records, piece, reader->pen);
    return fz_database_piece(&run->records, piece, run->request->query, reader->pen);
}

static enum fz_result read_part(struct run *run, struct reader *reader, size_t piece, const struct fz_range *range)
{
    bool is_records = run->inputs.list[run->inputs.pieces[piece].input].kind == FZ_INPUT_RECORDS;
    enum fz_result result = is_records ? read_records(run, reader, piece, range)
                                       : fz_bill_piece(&run->reading, piece, range, &reader->block, reader->pen);
    if (run->request->on_progress != NULL)
        run->request->on_progress(run->request->argument, run->reading.done, run->whole);
    return result;
}

/* Of sorted inputs only what is in no order: refunds come by windows. */
static enum fz_result read_piece(void *argument, void *own, size_t piece)
{
    struct run *run = argument;
    bool is_slices = run->inputs.list[run->inputs.pieces[piece].input].kind == FZ_INPUT_SLICES;
    return run->windows.count > 0 && !is_slices ? FZ_OK : read_part(run, own, piece, NULL);
}

static void begin_reading(struct run *run)
{
    run->reading.inputs = &run->inputs;
    run->reading.trouble = &run->out->trouble;
    run->reading.spool = &run->first;
    run->reading.by_platform_no[FZ_FAMILY_REFUND] =
        run->windows.count > 0 ? run->windows.role == FZ_ROLE_REFUND_ID
                               : run->request->records.count == 0 || !has_column(run, FZ_ROLE_OUT_REFUND_NO);
    run->reading.by_platform_no[FZ_FAMILY_SLICE] = has_column(run, FZ_ROLE_DETAIL_ID);
    run->reading.by_platform_no[FZ_FAMILY_PAYMENT] = has_column(run, FZ_ROLE_TRANSACTION_ID);
    run->reading.wants_payments = run->request->records.count > 0 || run->request->settlements.count > 0;
    for (size_t i = 0; i < 3; i++) {
        run->reading.days[i].first = INT32_MAX;
        run->reading.days[i].last = INT32_MIN;
    }
    run->records.reading = &run->reading;
    run->records.map = &run->map;
    run->records.day_of = run->request->day_of;
    fz_spool_begin(&run->first, &run->out->trouble, run->whole);
}

static enum fz_result read_all(struct run *run)
{
    struct fz_crew_work work = {begin_reader, read_piece, end_reader, run};
    begin_reading(run);
    return fz_crew_do(&work, run->inputs.piece_count, run->request->threads, &run->out->trouble);
}

/* ---- the days that are covered ---- */

/* An empty bill's day is in its name: refunds-2026-01-05.csv. */
static struct fz_days days_of(struct run *run, enum fz_input_kind kind)
{
    struct fz_days days = {run->reading.days[kind].first, run->reading.days[kind].last};
    for (size_t i = 0; i < run->inputs.count; i++) {
        int day = run->inputs.list[i].kind == kind ? fz_day_in_name(fz_input_name(&run->inputs.list[i])) : FZ_NO_DAY;
        if (day == FZ_NO_DAY)
            continue;
        days.first = day < days.first ? day : days.first;
        days.last = day > days.last ? day : days.last;
    }
    return days;
}

static void find_days(struct run *run)
{
    struct fz_compare *compare = &run->compare;
    compare->days = days_of(run, FZ_INPUT_REFUNDS);
    compare->statement = days_of(run, FZ_INPUT_STATEMENT);
    compare->slices = days_of(run, FZ_INPUT_SLICES);
    if (run->request->first_day != FZ_NO_DAY)
        compare->days = (struct fz_days){run->request->first_day, run->request->last_day};
    run->out->first_day = compare->days.first <= compare->days.last ? compare->days.first : FZ_NO_DAY;
    run->out->last_day = compare->days.first <= compare->days.last ? compare->days.last : FZ_NO_DAY;
}

/* ---- comparing ---- */

static enum fz_result each_place(struct run *run, struct fz_spool *from, enum fz_result (*job)(void *, void *, size_t))
{
    struct fz_crew_work work = {fz_compare_begin, job, fz_compare_end, &run->compare};
    run->compare.from = from;
    return fz_crew_do(&work, fz_spool_places(from), run->request->threads, &run->out->trouble);
}

static void begin_compare(struct run *run)
{
    struct fz_compare *compare = &run->compare;
    compare->inputs = &run->inputs;
    compare->trouble = &run->out->trouble;
    compare->has_records = run->request->records.count > 0;
    compare->has_refund_bill = run->request->refunds.count > 0;
    compare->has_statement = run->request->statements.count > 0;
    compare->findings = &run->out->findings;
    pthread_mutex_init(&compare->lock, NULL);
    fz_spool_begin(&run->strays, &run->out->trouble, run->whole);
    fz_spool_begin(&run->orders, &run->out->trouble, run->whole / 4);
}

/* ---- sorted inputs ---- */

static void *begin_window_reader(void *argument)
{
    struct run *run = argument;
    struct reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL) {
        (void)fz_trouble_memory(&run->out->trouble);
        return NULL;
    }
    fz_spool_begin_alone(&reader->window, &run->out->trouble);
    reader->pen = fz_pen_new(&reader->window);
    reader->comparing = reader->pen == NULL ? NULL : fz_compare_begin(&run->compare);
    if (reader->comparing != NULL)
        return reader;
    fz_pen_done(reader->pen);
    free(reader);
    return NULL;
}

static void end_window_reader(void *argument, void *own)
{
    struct run *run = argument;
    struct reader *reader = own;
    fz_compare_end(&run->compare, reader->comparing);
    fz_pen_done(reader->pen);
    fz_spool_done(&reader->window);
    free(reader->block.data);
    free(reader);
}

/* What lies in the window, of all inputs, and compares it: then it can be forgotten. */
static enum fz_result read_window(void *argument, void *own, size_t window)
{
    struct run *run = argument;
    struct reader *reader = own;
    struct fz_range range;
    enum fz_result result = run->is_unsorted ? FZ_REFUSED : FZ_OK;
    reader->pen->rooms[0].size = 0;
    for (size_t i = 0; i < run->inputs.count && result == FZ_OK; i++) {
        size_t piece = fz_windows_first(&run->windows, &run->inputs, window, i),
               end = run->inputs.list[i].first_piece + run->inputs.list[i].piece_count;
        for (; piece < end && result == FZ_OK && !fz_windows_is_behind(&run->windows, window, piece); piece++)
            if (fz_windows_range(&run->windows, &run->inputs, window, piece, &range))
                result = read_part(run, reader, piece, &range);
    }
    if (result == FZ_REFUSED)
        run->is_unsorted = true;
    return result == FZ_OK ? fz_compare_items(reader->comparing, reader->pen->rooms[0].data, reader->pen->rooms[0].size)
                           : result;
}

/* Once more from the beginning, with everything put aside: somewhere a number stands before a smaller one. */
static enum fz_result begin_again(struct run *run)
{
    struct fz_compare *compare = &run->compare;
    fz_windows_done(&run->windows);
    fz_findings_done(&run->out->findings);
    fz_findings_begin(&run->out->findings, &run->out->trouble);
    fz_totals_done(&compare->totals);
    fz_spool_done(&run->first);
    fz_spool_done(&run->strays);
    fz_spool_done(&run->orders);
    fz_spool_begin(&run->strays, &run->out->trouble, run->whole);
    fz_spool_begin(&run->orders, &run->out->trouble, run->whole / 4);
    compare->before = compare->matched = compare->questions = 0;
    run->records.rows = 0;
    run->records.families = 0;
    run->reading.done = 0;
    for (size_t i = 0; i < run->inputs.count; i++)
        fz_input_sums_again(&run->inputs.list[i]);
    return read_all(run);
}

static enum fz_result compare_windows(struct run *run)
{
    struct fz_crew_work work = {begin_window_reader, read_window, end_window_reader, run};
    enum fz_result result = fz_crew_do(&work, run->windows.count, run->request->threads, &run->out->trouble);
    return result == FZ_OK && run->is_unsorted ? begin_again(run) : result;
}

/* ---- all of it ---- */

static enum fz_result read_marks(void *argument, void *own, size_t piece)
{
    struct run *run = argument;
    bool is_refunds = run->inputs.list[run->inputs.pieces[piece].input].kind == FZ_INPUT_REFUNDS;
    return is_refunds ? read_part(run, own, piece, NULL) : FZ_OK;
}

static void *begin_mark_reader(void *argument)
{
    struct run *run = argument;
    struct reader *reader = calloc(1, sizeof *reader);
    if (reader != NULL)
        reader->pen = fz_pen_new(&run->orders);
    return reader != NULL && reader->pen != NULL ? reader : NULL;
}

/* Which orders are marked: by what was put aside, and by the refund bills if they were not. */
static enum fz_result gather_marks(struct run *run)
{
    struct fz_crew_work work = {begin_mark_reader, read_marks, end_reader, run};
    enum fz_result result = each_place(run, &run->first, fz_compare_marks);
    if (result != FZ_OK || run->windows.count == 0)
        return result;
    run->reading.by_order = true;
    return fz_crew_do(&work, run->inputs.piece_count, run->request->threads, &run->out->trouble);
}

/* First by the one number, then what found no partner by the other, then what only all refunds of an order tell. */
static enum fz_result compare_all(struct run *run)
{
    run->compare.strays = &run->strays;
    run->compare.orders = &run->orders;
    enum fz_result result = run->windows.count > 0 ? compare_windows(run) : FZ_OK;
    find_days(run);
    run->compare.families = run->records.families;
    if (result == FZ_OK)
        result = each_place(run, &run->first, fz_compare_place);
    run->compare.strays = NULL;
    if (result == FZ_OK)
        result = each_place(run, &run->strays, fz_compare_place);
    if (result == FZ_OK && run->compare.questions > 0)
        result = gather_marks(run);
    run->compare.orders = NULL;
    return result == FZ_OK ? each_place(run, &run->orders, fz_compare_orders) : result;
}

/* ---- settlement details ---- */

static enum fz_result add_order(void *argument, struct fz_group *order)
{
    return fz_settle_add_order(argument, order);
}

static enum fz_result compare_settlements(struct run *run)
{
    struct fz_settle_sums sums = {.inputs = &run->inputs, .trouble = &run->out->trouble};
    const struct fz_paths *paths = &run->request->settlements;
    struct fz_spool spool;
    fz_spool_begin(&spool, &run->out->trouble, run->whole);
    run->compare.orders = &spool;
    enum fz_result result = each_place(run, &run->first, fz_compare_everything);
    run->compare.orders = NULL;
    if (result == FZ_OK)
        result = fz_compare_each_order(&run->compare, &spool, add_order, &sums);
    for (size_t i = 0; i < paths->count && result == FZ_OK; i++)
        result = fz_batches_compare(&sums, &run->compare.statement, paths->list[i], &run->out->findings, &run->out->batches,
                                    &run->out->batches_outside);
    fz_spool_done(&spool);
    fz_settle_sums_done(&sums);
    return result;
}

static void give_totals(struct run *run)
{
    struct fz_reconciliation *out = run->out;
    out->knows_here = run->request->records.count > 0 && has_column(run, FZ_ROLE_AMOUNT);
    out->totals = run->compare.totals;
    out->records = run->records.rows;
    out->matched = run->compare.matched;
    out->before = run->compare.before;
    out->windows = run->windows.count;
    fz_totals_sort(&out->totals);
    fz_findings_sort(&out->findings);
    for (size_t i = 0; i < out->totals.count; i++)
        out->hidden += out->totals.list[i].here == out->totals.list[i].there && out->totals.list[i].unequal > 0;
}

/* Nothing is told of a bill that does not add up. Of windows, payments belong to none. */
static enum fz_result check_sums(struct run *run)
{
    enum fz_result result = FZ_OK;
    for (size_t i = 0; i < run->inputs.count && result == FZ_OK; i++)
        result = fz_input_sums_check(&run->inputs.list[i], run->windows.count == 0, &run->out->trouble);
    return result;
}

enum fz_result fz_reconcile(const struct fz_reconcile_request *request, struct fz_reconciliation *out)
{
    struct run run = {.request = request, .out = out};
    uint64_t window_bytes = request->window_bytes > 0 ? request->window_bytes : WINDOW_BYTES;
    memset(out, 0, sizeof *out);
    out->mapping = (struct fz_mapping){.text.max = MAPPING_MAX, .is_ours = true};
    fz_trouble_begin(&out->trouble);
    fz_findings_begin(&out->findings, &out->trouble);
    fz_map_begin(&run.map);
    fz_inputs_begin(&run.inputs, window_bytes / PIECES_A_WINDOW + 1, &out->trouble);
    enum fz_result result = open_all(&run);
    if (request->only_mapping) {
        fz_map_done(&run.map);
        fz_inputs_done(&run.inputs);
        return result;
    }
    if (result == FZ_OK && request->settlements.count == 0) /* they want all lines of an order together */
        result = fz_windows_plan(&run.windows, &run.inputs, window_bytes, request->threads, &out->trouble);
    if (result == FZ_OK)
        result = read_all(&run);
    begin_compare(&run);
    if (result == FZ_OK)
        result = compare_all(&run);
    if (result == FZ_OK)
        result = check_sums(&run);
    if (result == FZ_OK && request->settlements.count > 0)
        result = compare_settlements(&run);
    give_totals(&run);
    pthread_mutex_destroy(&run.compare.lock);
    fz_windows_done(&run.windows);
    fz_spool_done(&run.first);
    fz_spool_done(&run.strays);
    fz_spool_done(&run.orders);
    fz_map_done(&run.map);
    fz_inputs_done(&run.inputs);
    return result;
}

void fz_reconciliation_done(struct fz_reconciliation *reconciliation)
{
    fz_findings_done(&reconciliation->findings);
    fz_totals_done(&reconciliation->totals);
    fz_text_done(&reconciliation->mapping.text);
    fz_trouble_done(&reconciliation->trouble);
}
