/* Reads bills: finds where the details lie and which column is what, then makes items of the lines. */
#include "reconcile/read/bill.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/calendar.h"
#include "reconcile/read/sums.h"
#include "reconcile/read/values.h"
#include "spec/bill/lines.h"
#include "spec/bill/read.h"

#define MARK       "\xEF\xBB\xBF"        /* byte-order mark */
#define TAIL_BYTES ((uint64_t)256 << 10) /* in which a summary at the end is looked for */

struct column_role {
    size_t offset; /* in the struct of a line of details */
    enum fz_cell_role role;
};

#define R(which, role)                                                                                                      \
    {                                                                                                                       \
        offsetof(struct fz_refund_bill_line, which), role                                                                   \
    }
static const struct column_role refund_roles[] = {R(apply_time, FZ_ROLE_CREATE_TIME),
                                                  R(success_time, FZ_ROLE_SUCCESS_TIME),
                                                  R(refund_id, FZ_ROLE_REFUND_ID),
                                                  R(out_refund_no, FZ_ROLE_OUT_REFUND_NO),
                                                  R(transaction_id, FZ_ROLE_TRANSACTION_ID),
                                                  R(refund, FZ_ROLE_AMOUNT),
                                                  R(currency, FZ_ROLE_CURRENCY),
                                                  R(coupon_refund, FZ_ROLE_COUPON),
                                                  R(source, FZ_ROLE_SOURCE),
                                                  R(source_amount, FZ_ROLE_SOURCE_AMOUNT),
                                                  R(source_fee, FZ_ROLE_FEE),
                                                  R(settlement_currency, FZ_ROLE_SETTLEMENT_CURRENCY),
                                                  R(exchange_rate, FZ_ROLE_RATE),
                                                  R(settlement, FZ_ROLE_SETTLEMENT),
                                                  {0}};
#define S(which, role)                                                                                                      \
    {                                                                                                                       \
        offsetof(struct fz_distribution_bill_line, which), role                                                             \
    }
static const struct column_role slice_roles[] = {S(create_time, FZ_ROLE_CREATE_TIME),
                                                 S(sponsor, FZ_ROLE_SPONSOR),
                                                 S(sub_mchid, FZ_ROLE_SUB_MCHID),
                                                 S(transaction_id, FZ_ROLE_TRANSACTION_ID),
                                                 S(out_order_no, FZ_ROLE_OUT_ORDER_NO),
                                                 S(detail_id, FZ_ROLE_DETAIL_ID),
                                                 S(receiver_account, FZ_ROLE_RECEIVER),
                                                 S(amount, FZ_ROLE_AMOUNT),
                                                 S(currency, FZ_ROLE_CURRENCY),
                                                 S(settlement_amount, FZ_ROLE_SETTLEMENT),
                                                 S(settlement_currency, FZ_ROLE_SETTLEMENT_CURRENCY),
                                                 S(exchange_rate, FZ_ROLE_RATE),
                                                 S(status, FZ_ROLE_STATUS),
                                                 {0}};
#define T(which, role)                                                                                                      \
    {                                                                                                                       \
        offsetof(struct fz_trade_bill_line, which), role                                                                    \
    }
static const struct column_role trade_roles[] = {T(time, FZ_ROLE_CREATE_TIME),
                                                 T(sub_mchid, FZ_ROLE_SUB_MCHID),
                                                 T(transaction_id, FZ_ROLE_TRANSACTION_ID),
                                                 T(out_trade_no, FZ_ROLE_OUT_TRADE_NO),
                                                 T(refund_id, FZ_ROLE_REFUND_ID),
                                                 T(out_refund_no, FZ_ROLE_OUT_REFUND_NO),
                                                 T(refund_status, FZ_ROLE_STATUS),
                                                 T(fee, FZ_ROLE_FEE),
                                                 T(currency, FZ_ROLE_CURRENCY),
                                                 T(amount, FZ_ROLE_PAID),
                                                 T(settlement, FZ_ROLE_PAID_SETTLEMENT),
                                                 T(settlement_currency, FZ_ROLE_PAID_SETTLEMENT_CURRENCY),
                                                 T(refund_rate, FZ_ROLE_RATE),
                                                 T(refund, FZ_ROLE_AMOUNT),
                                                 T(refund_settlement_currency, FZ_ROLE_SETTLEMENT_CURRENCY),
                                                 T(refund_settlement, FZ_ROLE_SETTLEMENT),
                                                 T(discount_refund, FZ_ROLE_DISCOUNT),
                                                 T(discount, FZ_ROLE_PAID_DISCOUNT),
                                                 {0}};

static const struct {
    const struct fz_bill *bill;
    const struct column_role *roles;
    const char *word, *option;
} kinds[] = {
    [FZ_INPUT_REFUNDS] = {&fz_refund_bill, refund_roles, "refund bill", "--refunds"},
    [FZ_INPUT_SLICES] = {&fz_distribution_bill, slice_roles, "distribution bill", "--shares"},
    [FZ_INPUT_STATEMENT] = {&fz_trade_bill, trade_roles, "transaction statement", "--statement"},
};

/* ---- header lines ---- */

static void make_plan(enum fz_input_kind kind, const struct fz_bill_heading *heading, struct fz_cell_plan *plan)
{
    *plan = (struct fz_cell_plan){.count = heading->count};
    for (size_t i = 0; i < heading->count; i++)
        for (const struct column_role *role = kinds[kind].roles; heading->columns[i] != NULL && role->role != FZ_ROLE_NONE;
             role++)
            if (role->offset == heading->columns[i]->offset)
                plan->roles[i] = (uint8_t)role->role;
}

static bool is_heading(const struct fz_bill_block *block, const char *line, struct fz_bill_heading *heading)
{
    struct fz_bill_fault fault;
    return fz_bill_heading_read(block, line, 1, heading, &fault) == FZ_OK;
}

/* Records have some of a distribution bill's names: a bill has nearly all of them. */
static bool is_bill_of(enum fz_input_kind kind, const char *line)
{
    struct fz_bill_heading heading;
    size_t known = 0;
    if (!is_heading(&kinds[kind].bill->details, line, &heading))
        return false;
    for (size_t i = 0; i < heading.count; i++)
        known += heading.columns[i] != NULL;
    return 4 * known >= 3 * heading.count;
}

/* A file that was given with the wrong option is told by its columns. */
static enum fz_result refuse(const struct fz_input *input, const char *line, struct fz_trouble *trouble)
{
    for (enum fz_input_kind i = FZ_INPUT_REFUNDS; i <= FZ_INPUT_STATEMENT; i++)
        if (is_bill_of(i, line))
            return fz_trouble_say(trouble, "%s is a %s, not a %s: give it with %s.", input->path, kinds[i].word,
                                  kinds[input->kind].word, kinds[i].option);
    return fz_trouble_say(trouble,
                          "%s is no %s: its first line has none of the columns. Give the file as the service wrote it.",
                          input->path, kinds[input->kind].word);
}

/* Lines of the block, each ended in place, until one is the header line of the details. */
static enum fz_result find_details(struct fz_input *input, struct fz_block *block, struct fz_trouble *trouble)
{
    struct fz_bill_heading heading, summary;
    char *at = block->data, *end = block->data + block->size;
    enum fz_result result = FZ_OK;
    bool is_other = false; /* the first block is none that is known: its lines are passed over */
    while (at < end) {
        char *stop = memchr(at, '\n', (size_t)(end - at));
        char *next = stop == NULL ? end : stop + 1;
        *(stop == NULL ? end : stop) = '\0';
        input->lines_before++;
        if (is_heading(&kinds[input->kind].bill->details, at, &heading)) {
            make_plan(input->kind, &heading, &input->plan);
            input->begin += (uint64_t)(next - block->data);
            return FZ_OK;
        }
        if (input->sums != NULL)
            result = fz_input_told_line(input, &summary, at, trouble);
        else if (is_heading(&kinds[input->kind].bill->summary, at, &summary))
            result = fz_input_told_begin(input, &summary, trouble);
        else if (is_other)
            input->has_other = true;
        else if (input->lines_before == 1 && next < end && *next == '`')
            is_other = true;
        else
            break;
        if (result != FZ_OK)
            return result;
        at = next;
    }
    return refuse(input, block->size == 0 ? "" : is_other ? block->data : at, trouble);
}

/* The lines behind the header line of a summary at the end. */
static enum fz_result read_told(struct fz_input *input, const struct fz_bill_heading *heading, char *at, char *end,
                                struct fz_trouble *trouble)
{
    enum fz_result result = fz_input_told_begin(input, heading, trouble);
    while (result == FZ_OK && at < end) {
        char *stop = memchr(at, '\n', (size_t)(end - at));
        *(stop == NULL ? end : stop) = '\0';
        result = fz_input_told_line(input, heading, at, trouble);
        at = stop == NULL ? end : stop + 1;
    }
    return result;
}

/* As the service writes it, with a mark before it or accents before its values, a bill has a summary. What other programs
 * made of it may have none. */
static enum fz_result refuse_without_summary(const struct fz_input *input, bool has_accents, struct fz_trouble *trouble)
{
    if (input->sums != NULL || input->has_other || !has_accents)
        return FZ_OK;
    return fz_trouble_say(trouble, "%s is cut: it has no summary, neither before its lines nor behind them. Fetch it again.",
                          input->path);
}

/* The header line of a block that is not known, behind lines that have accents: it has none, and other columns. */
static bool is_other_heading(const struct fz_input *input, const char *line)
{
    size_t cells = 1;
    if (*line == '\0' || *line == '\r' || strchr(line, '`') != NULL)
        return false;
    for (const char *comma = line; (comma = strchr(comma, ',')) != NULL; comma++)
        cells++;
    return cells != input->plan.count;
}

/* Where a summary behind the details begins. */
static enum fz_result find_end(struct fz_input *input, struct fz_block *block, struct fz_trouble *trouble)
{
    struct fz_bill_heading heading;
    uint64_t from = input->end - input->begin > TAIL_BYTES ? input->end - TAIL_BYTES : input->begin;
    enum fz_result result = fz_input_read(input, from, input->end, block, trouble);
    if (result != FZ_OK)
        return result;
    char *end = block->data + block->size;
    uint64_t base = input->end - block->size;
    bool has_accents = false;
    for (char *at = block->data; at < end;) {
        char *stop = memchr(at, '\n', (size_t)(end - at));
        *(stop == NULL ? end : stop) = '\0';
        if (*at != '`' && *at != '"' && (*at < '0' || *at > '9') &&
            is_heading(&kinds[input->kind].bill->summary, at, &heading)) {
            input->end = base + (uint64_t)(at - block->data);
            return input->sums != NULL ? FZ_OK : read_told(input, &heading, stop == NULL ? end : stop + 1, end, trouble);
        }
        if (has_accents && is_other_heading(input, at)) {
            input->end = base + (uint64_t)(at - block->data);
            return FZ_OK;
        }
        has_accents = has_accents || *at == '`';
        at = stop == NULL ? end : stop + 1;
    }
    return refuse_without_summary(input, has_accents || input->has_mark, trouble);
}

static enum fz_result look_into(struct fz_input *input, struct fz_trouble *trouble)
{
    struct fz_block block = {0};
    struct stat state;
    char mark[3];
    if (fstat(input->file, &state) != 0)
        return fz_trouble_say(trouble, "%s could not be read.", input->path);
    input->end = (uint64_t)state.st_size;
    if (pread(input->file, mark, 3, 0) == 3 && memcmp(mark, MARK, 3) == 0)
        input->begin = 3;
    input->has_mark = input->begin > 0;
    uint64_t part = input->end - input->begin < FZ_LINE_MAX ? input->end : input->begin + FZ_LINE_MAX;
    enum fz_result result = fz_input_read(input, input->begin, part, &block, trouble);
    if (result == FZ_OK)
        result = find_details(input, &block, trouble);
    if (result == FZ_OK)
        result = find_end(input, &block, trouble);
    free(block.data);
    return result;
}

enum fz_result fz_bill_input(struct fz_inputs *inputs, enum fz_input_kind kind, const char *path, struct fz_trouble *trouble)
{
    struct fz_input *input = fz_inputs_add(inputs, kind, path, trouble);
    if (input == NULL)
        return FZ_FAILED;
    input->file = fz_input_open(path, trouble);
    if (input->file < 0)
        return FZ_FAILED;
    enum fz_result result = look_into(input, trouble);
    if (result == FZ_OK && !fz_inputs_cut(inputs, inputs->count - 1, trouble))
        result = FZ_FAILED;
    return result;
}

/* ---- lines ---- */

/* One line being read. */
struct line {
    struct fz_reading *reading;
    const struct fz_input *input;
    const struct fz_piece *piece;
    const struct fz_range *range; /* NULL: all of it */
    struct fz_item_part cells[FZ_ROLES];
    struct fz_draft draft;
    char own_no[2 * FZ_ITEM_TEXT_MAX + 2];
    int first, last;      /* days of all so far */
    struct fz_input_sums sums;
    const char *issue;    /* what is wrong with it */
    enum fz_cell_role at; /* and in which column */
};

void fz_reading_place(const struct fz_reading *reading, struct fz_draft *draft)
{
    enum fz_item_text first = reading->by_platform_no[draft->item.family] ? FZ_ITEM_PLATFORM_NO : FZ_ITEM_OWN_NO;
    if (reading->by_order) {
        draft->item.hash = fz_number_hash(FZ_FAMILY_PAYMENT, draft->texts[FZ_ITEM_TRANSACTION_ID].text,
                                          draft->texts[FZ_ITEM_TRANSACTION_ID].size);
        return;
    }
    enum fz_item_text which = draft->texts[first].size > 0 ? first
                              : first == FZ_ITEM_OWN_NO    ? FZ_ITEM_PLATFORM_NO
                                                           : FZ_ITEM_OWN_NO;
    draft->item.has |= which == FZ_ITEM_PLATFORM_NO ? FZ_BY_PLATFORM_NO : 0;
    draft->item.hash = fz_number_hash(draft->item.family, draft->texts[which].text, draft->texts[which].size);
}

static bool fail(struct line *line, enum fz_cell_role at, const char *issue)
{
    line->issue = issue;
    line->at = at;
    return false;
}

static bool currency(struct line *line, enum fz_cell_role role, char out[4])
{
    if (line->cells[role].size == 0)
        return true;
    return fz_value_currency(line->cells[role], out) || fail(line, role, "is no currency");
}

/* An empty cell is 0. */
static bool amount(struct line *line, enum fz_cell_role role, const char code[4], int64_t *out)
{
    if (line->cells[role].size == 0)
        return true;
    int digits = code == NULL ? 2 : fz_value_digits(code);
    if (!fz_value_amount(line->cells[role], digits < 0 ? 0 : digits, out))
        return fail(line, role, digits < 0 ? "is in no currency that is known" : "is no amount of its currency");
    return true;
}

static bool rate(struct line *line)
{
    return line->cells[FZ_ROLE_RATE].size == 0 || fz_value_decimal(line->cells[FZ_ROLE_RATE], 0, &line->draft.item.rate) ||
           fail(line, FZ_ROLE_RATE, "is no whole number");
}

static bool bill_time(struct line *line, enum fz_cell_role role, uint8_t has, int64_t *out)
{
    if (line->cells[role].size == 0)
        return true;
    if (!fz_value_bill_time(line->cells[role], out))
        return fail(line, role, "is no time");
    line->draft.item.has |= has;
    return true;
}

static bool text(struct line *line, enum fz_item_text which, enum fz_cell_role role)
{
    if (line->cells[role].size > FZ_ITEM_TEXT_MAX)
        return fail(line, role, "is longer than any number");
    if (line->cells[role].size > 0 && memchr(line->cells[role].text, '\0', line->cells[role].size) != NULL)
        return fail(line, role, "has a zero byte in it");
    line->draft.texts[which] = line->cells[role];
    return true;
}

static bool money(struct line *line)
{
    struct fz_item *item = &line->draft.item;
    item->has |= FZ_HAS_AMOUNT | FZ_HAS_SETTLEMENT;
    return currency(line, FZ_ROLE_CURRENCY, item->currency) &&
           currency(line, FZ_ROLE_SETTLEMENT_CURRENCY, item->settlement_currency) &&
           amount(line, FZ_ROLE_AMOUNT, item->currency, &item->amount) &&
           amount(line, FZ_ROLE_SETTLEMENT, item->settlement_currency, &item->settlement) && rate(line);
}

static bool times(struct line *line)
{
    struct fz_item *item = &line->draft.item;
    bool good = bill_time(line, FZ_ROLE_CREATE_TIME, FZ_HAS_CREATED, &item->create_ms) &&
                bill_time(line, FZ_ROLE_SUCCESS_TIME, FZ_HAS_SUCCESS, &item->success_ms);
    item->own_day = fz_day_of(item->has & FZ_HAS_SUCCESS ? item->success_ms : item->create_ms);
    return good;
}

static bool take_refund(struct line *line)
{
    struct fz_item *item = &line->draft.item;
    item->side = FZ_SIDE_REFUND;
    item->family = FZ_FAMILY_REFUND;
    item->has = FZ_HAS_FEE;
    return text(line, FZ_ITEM_PLATFORM_NO, FZ_ROLE_REFUND_ID) && text(line, FZ_ITEM_OWN_NO, FZ_ROLE_OUT_REFUND_NO) &&
           text(line, FZ_ITEM_TRANSACTION_ID, FZ_ROLE_TRANSACTION_ID) && text(line, FZ_ITEM_SOURCE, FZ_ROLE_SOURCE) &&
           money(line) && times(line) && amount(line, FZ_ROLE_SOURCE_AMOUNT, NULL, &item->source_amount) &&
           amount(line, FZ_ROLE_FEE, NULL, &item->fee) && amount(line, FZ_ROLE_COUPON, NULL, &item->coupon);
}

static bool take_slice(struct line *line)
{
    const struct fz_item_part *number = &line->cells[FZ_ROLE_OUT_ORDER_NO], *account = &line->cells[FZ_ROLE_RECEIVER];
    line->draft.item.side = FZ_SIDE_SLICE;
    line->draft.item.family = FZ_FAMILY_SLICE;
    if (number->size + account->size >= FZ_ITEM_TEXT_MAX)
        return fail(line, FZ_ROLE_OUT_ORDER_NO, "is longer than any number");
    int size = number->size == 0 ? 0
                                 : snprintf(line->own_no, sizeof line->own_no, "%.*s/%.*s", (int)number->size, number->text,
                                            (int)account->size, account->text);
    line->draft.texts[FZ_ITEM_OWN_NO] = (struct fz_item_part){line->own_no, (size_t)size};
    const struct fz_item_part *sponsor = &line->cells[FZ_ROLE_SPONSOR];
    line->draft.item.is_outbound =
        account->size > 0 && account->size == sponsor->size && memcmp(account->text, sponsor->text, account->size) == 0;
    return text(line, FZ_ITEM_PLATFORM_NO, FZ_ROLE_DETAIL_ID) &&
           text(line, FZ_ITEM_TRANSACTION_ID, FZ_ROLE_TRANSACTION_ID) && text(line, FZ_ITEM_SUB_MCHID, FZ_ROLE_SUB_MCHID) &&
           text(line, FZ_ITEM_STATUS, FZ_ROLE_STATUS) && text(line, FZ_ITEM_SOURCE, FZ_ROLE_RECEIVER) && money(line) &&
           times(line);
}

/* A statement's line is a payment's or a refund's; each has columns of its own. */
static bool take_trade(struct line *line)
{
    struct fz_item *item = &line->draft.item;
    bool is_refund = line->cells[FZ_ROLE_REFUND_ID].size > 0 || line->cells[FZ_ROLE_OUT_REFUND_NO].size > 0;
    item->side = FZ_SIDE_TRADE;
    item->family = is_refund ? FZ_FAMILY_REFUND : FZ_FAMILY_PAYMENT;
    if (!is_refund) {
        line->cells[FZ_ROLE_AMOUNT] = line->cells[FZ_ROLE_PAID];
        line->cells[FZ_ROLE_SETTLEMENT] = line->cells[FZ_ROLE_PAID_SETTLEMENT];
        line->cells[FZ_ROLE_DISCOUNT] = line->cells[FZ_ROLE_PAID_DISCOUNT];
    }
    if (!is_refund || line->cells[FZ_ROLE_SETTLEMENT_CURRENCY].size == 0)
        line->cells[FZ_ROLE_SETTLEMENT_CURRENCY] = line->cells[FZ_ROLE_PAID_SETTLEMENT_CURRENCY];
    return text(line, FZ_ITEM_PLATFORM_NO, is_refund ? FZ_ROLE_REFUND_ID : FZ_ROLE_TRANSACTION_ID) &&
           text(line, FZ_ITEM_OWN_NO, is_refund ? FZ_ROLE_OUT_REFUND_NO : FZ_ROLE_OUT_TRADE_NO) &&
           text(line, FZ_ITEM_TRANSACTION_ID, FZ_ROLE_TRANSACTION_ID) && text(line, FZ_ITEM_SUB_MCHID, FZ_ROLE_SUB_MCHID) &&
           text(line, FZ_ITEM_STATUS, FZ_ROLE_STATUS) && money(line) && times(line) &&
           amount(line, FZ_ROLE_FEE, item->settlement_currency, &item->fee) &&
           amount(line, FZ_ROLE_DISCOUNT, item->currency, &item->coupon);
}

/* How many line ends lie before `at`: only to say where something is wrong. */
static uint64_t lines_until(const struct fz_input *input, uint64_t at)
{
    char data[4096];
    uint64_t count = 0;
    for (uint64_t from = 0; from < at;) {
        ssize_t size = pread(input->file, data, at - from < sizeof data ? (size_t)(at - from) : sizeof data, (off_t)from);
        if (size <= 0)
            break;
        for (ssize_t i = 0; i < size; i++)
            count += data[i] == '\n';
        from += (uint64_t)size;
    }
    return count;
}

/* The name of the column in the header is not kept: its number is. */
static enum fz_result refuse_line(const struct line *line)
{
    size_t cell = 0;
    while (cell < line->input->plan.count && line->input->plan.roles[cell] != line->at)
        cell++;
    uint64_t number = lines_until(line->input, line->piece->begin) + line->draft.item.line + 1;
    struct fz_item_part value = line->cells[line->at];
    if (line->at == FZ_ROLE_NONE)
        return fz_trouble_say(line->reading->trouble, "%s, line %llu, %s. The file is cut or changed: fetch it again.",
                              line->input->path, (unsigned long long)number, line->issue);
    return fz_trouble_say(line->reading->trouble,
                          "%s, line %llu, cell %zu: \"%.*s\" %s. The file is cut or changed: fetch it again.",
                          line->input->path, (unsigned long long)number, cell + 1, (int)(value.size < 64 ? value.size : 64),
                          value.size == 0 ? "" : value.text, line->issue);
}

static void cover(struct fz_covered *days, int first, int last)
{
    int known = days->first;
    while (first < known && !atomic_compare_exchange_weak(&days->first, &known, first))
        ;
    known = days->last;
    while (last > known && !atomic_compare_exchange_weak(&days->last, &known, last))
        ;
}

static bool find_cells(struct line *line, char *data, size_t size)
{
    for (size_t i = 0; i < FZ_ROLES; i++)
        line->cells[i] = (struct fz_item_part){0};
    return fz_cells_find(&line->input->plan, data, size, line->cells) == line->input->plan.count ||
           fail(line, FZ_ROLE_NONE, "has more or fewer cells than the header line");
}

static bool take(struct line *line)
{
    switch (line->input->kind) {
    case FZ_INPUT_REFUNDS:
        return take_refund(line);
    case FZ_INPUT_SLICES:
        return take_slice(line);
    default:
        return take_trade(line);
    }
}

static enum fz_result put(struct line *line, char *data, size_t size, struct fz_pen *pen)
{
    struct fz_draft *draft = &line->draft;
    uint32_t piece = draft->item.piece, number = draft->item.line;
    memset(&draft->texts, 0, sizeof draft->texts);
    draft->item = (struct fz_item){.piece = piece, .line = number};
    if (!find_cells(line, data, size))
        return refuse_line(line);
    enum fz_range_look look = line->range == NULL ? FZ_RANGE_IN : fz_range_look(line->range, line->cells);
    if (look != FZ_RANGE_IN)
        return look == FZ_RANGE_OUT ? FZ_OK : FZ_REFUSED;
    if (!take(line))
        return refuse_line(line);
    bool is_statement = line->input->kind == FZ_INPUT_STATEMENT;
    enum fz_cell_role settled_in = is_statement ? FZ_ROLE_PAID_SETTLEMENT_CURRENCY : FZ_ROLE_SETTLEMENT_CURRENCY;
    if (line->input->sums != NULL && !fz_input_sums_add(&line->sums, &draft->item, line->cells[settled_in]))
        return fail(line, settled_in, "is no currency"), refuse_line(line);
    line->first = draft->item.own_day < line->first ? draft->item.own_day : line->first;
    line->last = draft->item.own_day > line->last ? draft->item.own_day : line->last;
    if (draft->item.family == FZ_FAMILY_PAYMENT && !line->reading->wants_payments)
        return FZ_OK;
    if (draft->texts[FZ_ITEM_PLATFORM_NO].size == 0 && draft->texts[FZ_ITEM_OWN_NO].size == 0)
        return fail(line, FZ_ROLE_NONE, "has no number of its own"), refuse_line(line);
    fz_reading_place(line->reading, draft);
    return fz_pen_put(pen, draft);
}

/* Every line counts once: in the window that it lies in, or with all of its piece. */
static enum fz_result add_sums(struct fz_reading *reading, const struct fz_input *input, const struct fz_input_sums *sums)
{
    pthread_mutex_lock(&reading->inputs->lock);
    bool good = fz_input_sums_merge(input->sums, sums);
    pthread_mutex_unlock(&reading->inputs->lock);
    return good ? FZ_OK
                : fz_trouble_say(reading->trouble, "%s has more currencies than there are. Fetch it again.", input->path);
}

enum fz_result fz_bill_piece(struct fz_reading *reading, size_t number, const struct fz_range *range, struct fz_block *block,
                             struct fz_pen *pen)
{
    struct fz_piece *piece = &reading->inputs->pieces[number];
    struct line line = {.reading = reading,
                        .input = &reading->inputs->list[piece->input],
                        .piece = piece,
                        .range = range,
                        .first = INT32_MAX,
                        .last = INT32_MIN};
    enum fz_result result = fz_input_read(line.input, piece->begin, piece->end, block, reading->trouble);
    line.draft.item.piece = (uint32_t)number;
    for (char *at = block->data, *end = at + block->size; result == FZ_OK && at < end; line.draft.item.line++) {
        char *stop = memchr(at, '\n', (size_t)(end - at));
        char *next = stop == NULL ? end : stop + 1;
        size_t size = (size_t)((stop == NULL ? end : stop) - at);
        size -= size > 0 && at[size - 1] == '\r';
        if (size > 0)
            result = put(&line, at, size, pen);
        at = next;
    }
    if (result == FZ_OK && line.input->sums != NULL && !reading->by_order)
        result = add_sums(reading, line.input, &line.sums);
    if (result == FZ_OK)
        piece->lines = (uint64_t)line.draft.item.line + 1;
    cover(&reading->days[line.input->kind], line.first, line.last);
    reading->done += piece->end - piece->begin;
    return result;
}
