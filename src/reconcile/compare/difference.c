/* Writes a difference as JSON. */
#include "reconcile/compare/difference.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "wire/json_text.h"

#define LINES_TOLD 20 /* of one side of a difference */

static const char *const words[] = {
#define WORD(name, word, meaning) [FZ_KIND_##name] = word,
    FZ_KINDS(WORD)
#undef WORD
};

static const char *file_of(const struct fz_compare *compare, const struct fz_item *item)
{
    return fz_input_name(&compare->inputs->list[compare->inputs->pieces[item->piece].input]);
}

static unsigned long long line_of(const struct fz_compare *compare, const struct fz_item *item)
{
    return fz_inputs_line(compare->inputs, item->piece, item->line);
}

const char *fz_place_text(const struct fz_compare *compare, const struct fz_item *const *items, size_t count,
                          char out[FZ_PLACE_SIZE])
{
    const char *first = file_of(compare, items[0]);
    if (count == 1)
        snprintf(out, FZ_PLACE_SIZE, "line %llu of %s", line_of(compare, items[0]), first);
    else if (strcmp(first, file_of(compare, items[1])) == 0)
        snprintf(out, FZ_PLACE_SIZE, "lines %llu and %llu of %s%s", line_of(compare, items[0]), line_of(compare, items[1]),
                 first, count > 2 ? " and more" : "");
    else
        snprintf(out, FZ_PLACE_SIZE, "line %llu of %s and line %llu of %s%s", line_of(compare, items[0]), first,
                 line_of(compare, items[1]), file_of(compare, items[1]), count > 2 ? " and more" : "");
    return out;
}

/* ---- JSON ---- */

/* Whatever bytes a file had, JSON is UTF-8. */
static void text(struct fz_json *json, const char *name, const char *value)
{
    char clean[FZ_ITEM_TEXT_MAX + 1];
    if (value[0] == '\0')
        return;
    fz_copy_clean(clean, sizeof clean, value, strlen(value), sizeof clean);
    fz_json_string(json, name, clean);
}

static void moment(struct fz_json *json, const char *name, bool has, int64_t ms)
{
    char written[FZ_TIME_SIZE];
    if (!has)
        return;
    fz_format_time(written, ms);
    fz_json_string(json, name, written);
}

static void day(struct fz_json *json, const char *name, int number)
{
    char written[FZ_DAY_SIZE];
    if (number == FZ_NO_DAY)
        return;
    fz_format_day(written, number);
    fz_json_string(json, name, written);
}

static void place(struct fz_json *json, const struct fz_compare *compare, const struct fz_item *item)
{
    text(json, "file", file_of(compare, item));
    fz_json_integer(json, "line", (int64_t)line_of(compare, item));
}

static void line(struct fz_json *json, const struct fz_compare *compare, const struct fz_item *item)
{
    fz_json_object(json, NULL);
    place(json, compare, item);
    if (item->side == FZ_SIDE_TRADE)
        fz_json_string(json, "bill", "statement");
    text(json, "source", fz_item_text(item, FZ_ITEM_SOURCE));
    if (item->has & FZ_HAS_AMOUNT)
        fz_json_integer(json, "amount", item->side == FZ_SIDE_REFUND ? item->source_amount : item->amount);
    text(json, "currency", item->side == FZ_SIDE_REFUND ? "CNY" : item->currency);
    if (item->has & FZ_HAS_FEE)
        fz_json_integer(json, "fee", item->fee);
    if (item->has & FZ_HAS_SETTLEMENT)
        fz_json_integer(json, "settlement_amount", item->settlement);
    text(json, "settlement_currency", item->settlement_currency);
    if (item->rate > 0 && item->side != FZ_SIDE_TRADE) /* a statement's is between price and payer's currency */
        fz_json_integer(json, "exchange_rate", item->rate);
    fz_json_end_object(json);
}

static void lines(struct fz_json *json, const struct fz_compare *compare, const struct fz_item *const *items, size_t count)
{
    fz_json_array(json, "lines");
    for (size_t i = 0; i < count && i < LINES_TOLD; i++)
        line(json, compare, items[i]);
    fz_json_end_array(json);
}

/* The fields that both sides have, of the first; sums were worked out by the caller. */
static void fields(struct fz_json *json, const struct fz_compare *compare, const struct fz_item *item,
                   const struct fz_rows *sums)
{
    place(json, compare, item);
    text(json, "sub_mchid", fz_item_text(item, FZ_ITEM_SUB_MCHID));
    if (sums->has & FZ_HAS_AMOUNT)
        fz_json_integer(json, "amount", sums->amount);
    text(json, "currency", item->currency);
    text(json, "status", fz_item_text(item, FZ_ITEM_STATUS));
    moment(json, "success_time", item->has & FZ_HAS_SUCCESS, item->success_ms);
    moment(json, "create_time", item->has & FZ_HAS_CREATED, item->create_ms);
    if (item->side == FZ_SIDE_RECORD)
        day(json, "day", item->has & (FZ_HAS_SUCCESS | FZ_HAS_CREATED) ? item->own_day : FZ_NO_DAY);
    if (sums->has & FZ_HAS_FEE)
        fz_json_integer(json, "fee", sums->fee);
    if (sums->has & FZ_HAS_SETTLEMENT)
        fz_json_integer(json, "settlement_amount", sums->settlement);
    text(json, "settlement_currency", item->settlement_currency);
}

/* Of the bill's lines all together. */
static struct fz_rows sums_of(const struct fz_item *const *items, size_t count)
{
    struct fz_rows sums = {.has = items[0]->has, .amount = items[0]->amount};
    for (size_t i = 0; i < count; i++) {
        sums.fee += items[i]->fee;
        sums.settlement += items[i]->settlement;
    }
    if (items[0]->side == FZ_SIDE_TRADE)
        sums.has &= (uint8_t)~FZ_HAS_FEE;
    return sums;
}

static void sides(struct fz_json *json, const struct fz_compare *compare, const struct fz_group *group,
                  const struct fz_rows *rows)
{
    fz_json_object(json, "here");
    if (group->record_count > 0) {
        fields(json, compare, group->records[0], rows);
        lines(json, compare, group->records, group->record_count);
    }
    fz_json_end_object(json);
    fz_json_object(json, "there");
    if (group->line_count + group->trade_count > 0) {
        const struct fz_item **items = group->line_count > 0 ? group->lines : group->trades;
        struct fz_rows sums = sums_of(items, group->line_count > 0 ? group->line_count : group->trade_count);
        fields(json, compare, items[0], &sums);
        lines(json, compare, group->lines, group->line_count + group->trade_count);
    }
    fz_json_end_object(json);
}

/* The first of the group that has such a text. */
static const char *text_of(const struct fz_group *group, enum fz_item_text which)
{
    size_t count = group->line_count + group->trade_count + group->record_count;
    for (size_t i = 0; i < count; i++)
        if (group->lines[i]->sizes[which] > 0)
            return fz_item_text(group->lines[i], which);
    return "";
}

static void numbers(struct fz_json *json, const struct fz_group *group)
{
    static const char *const names[][2] = {[FZ_FAMILY_REFUND] = {"refund_id", "out_refund_no"},
                                           [FZ_FAMILY_SLICE] = {"detail_id", "out_order_no"},
                                           [FZ_FAMILY_PAYMENT] = {"transaction_id", "out_trade_no"}};
    enum fz_family family = group->lines[0]->family;
    char own[FZ_ITEM_TEXT_MAX + 1], platform[FZ_ITEM_TEXT_MAX + 1];
    const char *texts[] = {text_of(group, FZ_ITEM_PLATFORM_NO), text_of(group, FZ_ITEM_OWN_NO)};
    fz_copy_clean(platform, sizeof platform, texts[0], strlen(texts[0]), sizeof platform);
    fz_copy_clean(own, sizeof own, texts[1], family == FZ_FAMILY_SLICE ? strcspn(texts[1], "/") : strlen(texts[1]),
                  sizeof own);
    if (family != FZ_FAMILY_REFUND) {
        fz_json_string(json, "refund_id", "");
        fz_json_string(json, "out_refund_no", "");
    }
    fz_json_string(json, names[family][0], platform);
    fz_json_string(json, names[family][1], own);
    if (family != FZ_FAMILY_PAYMENT)
        text(json, "transaction_id", text_of(group, FZ_ITEM_TRANSACTION_ID));
    text(json, "sub_mchid", text_of(group, FZ_ITEM_SUB_MCHID));
}

enum fz_result fz_difference_say(struct fz_comparing *comparing, const struct fz_group *group, const struct fz_rows *rows,
                                 const struct fz_difference *difference, const char *format, ...)
{
    struct fz_json json = {.text = comparing->json};
    char reason[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    json.text.size = 0;
    fz_json_object(&json, NULL);
    fz_json_string(&json, "kind", words[difference->kind]);
    fz_copy_clean(reason, sizeof reason, strdupa(reason), strlen(reason), sizeof reason);
    fz_json_string(&json, "reason", reason);
    numbers(&json, group);
    day(&json, "day", difference->day);
    fz_json_object(&json, "stake");
    fz_json_integer(&json, "amount", difference->stake);
    fz_json_string(&json, "currency", difference->currency);
    fz_json_end_object(&json);
    sides(&json, comparing->compare, group, rows);
    fz_json_end_object(&json);
    comparing->json = json.text;
    if (json.text.failed)
        return fz_trouble_memory(comparing->compare->trouble);
    struct fz_finding finding = {.kind = difference->kind,
                                 .day = difference->day,
                                 .piece = group->lines[0]->piece,
                                 .line = group->lines[0]->line,
                                 .stake = difference->stake};
    memcpy(finding.currency, difference->currency, 4);
    return fz_findings_add(comparing->compare->findings, &finding, json.text.data, json.text.size);
}
