/* Compares batches of settlement details. */
#include "reconcile/settle/batch.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "base/text.h"
#include "reconcile/compare/money.h"
#include "reconcile/compare/refund.h"
#include "wire/json_text.h"

#define DIFFERENCE_MAX ((size_t)64 << 10)

static const char *const names[] = {"pay", "refund", "fee", "split_amount.pay", "split_amount.refund"};

/* A batch, and what it is compared with. */
struct batch {
    const struct fz_settle_sums *sums;
    const char *merchant; /* "": all of the institution */
    const json_t *object;
    char currency[4];
    int first_day, last_day;
    int64_t told[FZ_SETTLED_COUNT], expected[FZ_SETTLED_COUNT];
};

static int64_t number(const json_t *object, const char *member)
{
    return json_integer_value(json_object_get(object, member));
}

static const char *text(const json_t *object, const char *member)
{
    const char *value = json_string_value(json_object_get(object, member));
    return value == NULL ? "" : value;
}

/* What is of marked orders stands in split_amount and in the whole, too. */
static bool read_batch(struct batch *batch)
{
    const json_t *amount = json_object_get(batch->object, "amount"), *split = json_object_get(batch->object, "split_amount");
    if (!json_is_object(amount) ||
        fz_parse_compact_day(text(batch->object, "trade_start_date"), &batch->first_day) != FZ_OK ||
        fz_parse_compact_day(text(batch->object, "trade_end_date"), &batch->last_day) != FZ_OK)
        return false;
    snprintf(batch->currency, sizeof batch->currency, "%.3s", text(amount, "currency"));
    batch->told[FZ_SETTLED_SPLIT_PAY] = number(split, "pay");
    batch->told[FZ_SETTLED_SPLIT_REFUND] = number(split, "refund");
    batch->told[FZ_SETTLED_PAY] = number(amount, "pay") - number(split, "pay");
    batch->told[FZ_SETTLED_REFUND] = number(amount, "refund") - number(split, "refund");
    batch->told[FZ_SETTLED_FEE] = number(amount, "fee");
    return true;
}

static void add_up(struct batch *batch)
{
    for (size_t which = 0; which < FZ_SETTLED_COUNT; which++)
        for (size_t i = 0; i < batch->sums->totals[which].count; i++) {
            const struct fz_total *total = &batch->sums->totals[which].list[i];
            bool is_of_it = (batch->merchant[0] == '\0' || strcmp(batch->merchant, total->sub_mchid) == 0) &&
                            strcmp(batch->currency, total->currency) == 0 && batch->first_day <= total->day &&
                            total->day <= batch->last_day;
            batch->expected[which] += is_of_it ? total->here : 0;
        }
}

/* ---- closed refunds ---- */

/* Those of a set of closed refunds that came back in this batch would change refund and fee so. */
static bool is_explained_by(const struct batch *batch, unsigned set)
{
    int64_t refund = batch->expected[FZ_SETTLED_REFUND], fee = batch->expected[FZ_SETTLED_FEE];
    for (size_t i = 0; i < batch->sums->closed_count; i++) {
        const struct fz_closed *closed = &batch->sums->closed[i];
        if (!(set & 1U << i))
            continue;
        if ((batch->merchant[0] != '\0' && strcmp(batch->merchant, closed->sub_mchid) != 0) ||
            strcmp(batch->currency, closed->currency) != 0 || closed->day > batch->last_day)
            return false;
        refund -= closed->refund;
        fee -= closed->fee;
    }
    return refund == batch->told[FZ_SETTLED_REFUND] && fee == batch->told[FZ_SETTLED_FEE];
}

/* On which day a refund was closed no file tells, only that it was: so any of them may have come back here. */
static void explain_closed(struct batch *batch)
{
    for (unsigned set = 0; set < 1U << batch->sums->closed_count; set++)
        if (is_explained_by(batch, set)) {
            batch->expected[FZ_SETTLED_REFUND] = batch->told[FZ_SETTLED_REFUND];
            batch->expected[FZ_SETTLED_FEE] = batch->told[FZ_SETTLED_FEE];
            return;
        }
}

/* ---- what differs ---- */

static int64_t write_reason(const struct batch *batch, struct fz_text *out)
{
    char told[FZ_MONEY_SIZE], expected[FZ_MONEY_SIZE], first[FZ_DAY_SIZE], last[FZ_DAY_SIZE];
    int64_t stake = 0;
    fz_format_day(first, batch->first_day);
    fz_format_day(last, batch->last_day);
    fz_text_format(out, "the settlement of %s, trades of %s to %s:", text(batch->object, "settlement_date"), first, last);
    for (size_t i = 0; i < FZ_SETTLED_COUNT; i++) {
        int64_t off = batch->told[i] - batch->expected[i];
        if (off == 0)
            continue;
        stake += off < 0 ? -off : off;
        fz_text_format(out, " %s%s is %s by the details, %s by the bills;", i < FZ_SETTLED_FEE ? "unmarked orders' " : "",
                       names[i], fz_money_text(told, batch->told[i], batch->currency),
                       fz_money_text(expected, batch->expected[i], batch->currency));
    }
    fz_text_string(out, " an order that is marked and on no bill yet, a refund from the recharged balance, or one that was "
                        "closed may be why");
    return stake;
}

static void write_side(struct fz_json *json, const char *name, const struct batch *batch,
                       const int64_t amounts[FZ_SETTLED_COUNT])
{
    fz_json_object(json, name);
    for (size_t i = 0; i < FZ_SETTLED_COUNT; i++)
        fz_json_integer(json, names[i], amounts[i]);
    fz_json_string(json, "currency", batch->currency);
    fz_json_end_object(json);
}

static enum fz_result say(const struct batch *batch, struct fz_findings *findings)
{
    struct fz_json json = {.text.max = DIFFERENCE_MAX};
    struct fz_text reason = {.max = DIFFERENCE_MAX};
    char day[FZ_DAY_SIZE];
    struct fz_finding finding = {.kind = FZ_KIND_AMOUNT, .day = batch->last_day, .stake = write_reason(batch, &reason)};
    memcpy(finding.currency, batch->currency, sizeof finding.currency);
    fz_format_day(day, batch->last_day);
    fz_json_object(&json, NULL);
    fz_json_string(&json, "kind", "amount");
    fz_json_string(&json, "reason", reason.failed ? "" : reason.data);
    fz_json_string(&json, "refund_id", "");
    fz_json_string(&json, "out_refund_no", "");
    fz_json_string(&json, "batch_id", text(batch->object, "batch_id"));
    fz_json_string(&json, "sub_mchid", batch->merchant);
    fz_json_string(&json, "day", day);
    fz_json_object(&json, "stake");
    fz_json_integer(&json, "amount", finding.stake);
    fz_json_string(&json, "currency", batch->currency);
    fz_json_end_object(&json);
    write_side(&json, "here", batch, batch->expected);
    write_side(&json, "there", batch, batch->told);
    fz_json_end_object(&json);
    enum fz_result result = json.text.failed ? fz_trouble_memory(batch->sums->trouble)
                                             : fz_findings_add(findings, &finding, json.text.data, json.text.size);
    fz_text_done(&json.text);
    fz_text_done(&reason);
    return result;
}

static enum fz_result compare(struct batch *batch, struct fz_findings *findings)
{
    add_up(batch);
    explain_closed(batch);
    return memcmp(batch->told, batch->expected, sizeof batch->told) == 0 ? FZ_OK : say(batch, findings);
}

/* ---- files ---- */

/* Digits and an equals sign before the path. */
static const char *split_name(const char *name, char merchant[36])
{
    size_t digits = strspn(name, "0123456789");
    bool has = digits > 0 && digits < 36 && name[digits] == '=';
    snprintf(merchant, 36, "%.*s", has ? (int)digits : 0, name);
    return has ? name + digits + 1 : name;
}

enum fz_result fz_batches_compare(const struct fz_settle_sums *sums, const struct fz_days *days, const char *name,
                                  struct fz_findings *findings, uint64_t *compared, uint64_t *passed_over)
{
    char merchant[36];
    const char *path = split_name(name, merchant);
    json_error_t error;
    json_t *whole = json_load_file(path, 0, &error);
    const json_t *list = json_is_array(whole) ? whole : json_object_get(whole, "data");
    enum fz_result result = FZ_OK;
    if (!json_is_array(list))
        result = fz_trouble_say(sums->trouble,
                                "%s has no settlement details: %s. Give what `fenzhang settlements --json` prints.", path,
                                whole == NULL ? error.text : "it is no array, and has none called data");
    for (size_t i = 0; i < json_array_size(list) && result == FZ_OK; i++) {
        struct batch batch = {.sums = sums, .merchant = merchant, .object = json_array_get(list, i)};
        if (!read_batch(&batch))
            result = fz_trouble_say(sums->trouble, "%s: its batch %zu has no amount or no days.", path, i + 1);
        else if (!fz_days_have(days, batch.first_day) || !fz_days_have(days, batch.last_day))
            (*passed_over)++;
        else {
            (*compared)++;
            result = compare(&batch, findings);
        }
    }
    json_decref(whole);
    return result;
}
