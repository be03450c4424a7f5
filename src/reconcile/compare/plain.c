/* Compares a slice with the distribution bill, or a payment with the statement: number, amount, currency, sub-merchant. */
#include "reconcile/compare/plain.h"

#include <string.h>

#include "base/calendar.h"
#include "reconcile/compare/money.h"
#include "reconcile/compare/refund.h"

struct plain {
    struct fz_comparing *comparing;
    const struct fz_group *group;
    const struct fz_item *bill, *record; /* NULL: there is none */
    const char *file;                    /* what the bill is called */
    struct fz_rows rows;
    char place_there[FZ_PLACE_SIZE], place_here[FZ_PLACE_SIZE], there[FZ_MONEY_SIZE], here[FZ_MONEY_SIZE];
};

static const struct fz_item *known(const struct plain *plain)
{
    return plain->bill != NULL ? plain->bill : plain->record;
}

#define SAY(plain, of, at_stake, ...)                                                                                       \
    fz_difference_say(                                                                                                      \
        (plain)->comparing, (plain)->group, &(plain)->rows,                                                                 \
        &(struct fz_difference){                                                                                            \
            .kind = (of), .stake = (at_stake), .currency = known(plain)->currency, .day = known(plain)->own_day},           \
        __VA_ARGS__)

static enum fz_result compare_both(struct plain *plain)
{
    const struct fz_item *bill = plain->bill, *record = plain->record;
    const char *there = fz_item_text(bill, FZ_ITEM_SUB_MCHID), *here = fz_item_text(record, FZ_ITEM_SUB_MCHID);
    int64_t off = record->amount - bill->amount;
    if (record->currency[0] != '\0' && memcmp(record->currency, bill->currency, 4) != 0)
        return SAY(plain, FZ_KIND_CURRENCY, bill->amount, "the %s's currency is %s (%s), your record's %s (%s)", plain->file,
                   bill->currency, plain->place_there, record->currency, plain->place_here);
    enum fz_result result = FZ_OK;
    if ((record->has & FZ_HAS_AMOUNT) && off != 0)
        result = SAY(plain, FZ_KIND_AMOUNT, off < 0 ? -off : off, "the %s says %s (%s), your record %s (%s)", plain->file,
                     plain->there, plain->place_there, plain->here, plain->place_here);
    if (result == FZ_OK && there[0] != '\0' && here[0] != '\0' && strcmp(there, here) != 0)
        result = SAY(plain, FZ_KIND_OTHER_MERCHANT, bill->amount, "it is %s's by the %s (%s), %s's by your record (%s)",
                     there, plain->file, plain->place_there, here, plain->place_here);
    return result;
}

/* Whether the bills of the record's day were given. */
static bool is_covered(const struct plain *plain)
{
    const struct fz_compare *compare = plain->comparing->compare;
    const struct fz_days *days = plain->record->family == FZ_FAMILY_PAYMENT ? &compare->statement : &compare->slices;
    int64_t ms = plain->record->has & FZ_HAS_SUCCESS ? plain->record->success_ms : plain->record->create_ms;
    return (plain->record->has & (FZ_HAS_SUCCESS | FZ_HAS_CREATED)) && fz_days_have(days, fz_day_of(ms));
}

static enum fz_result compare_one(struct plain *plain)
{
    if (plain->bill != NULL && plain->record != NULL)
        return compare_both(plain);
    if (plain->bill != NULL)
        return SAY(plain, FZ_KIND_MISSING_HERE, plain->bill->amount, "the %s says %s (%s), and no record has it",
                   plain->file, plain->there, plain->place_there);
    if (fz_record_state(plain->record) != FZ_RECORD_SUCCESS || !is_covered(plain))
        return FZ_OK;
    return SAY(plain, FZ_KIND_MISSING_THERE, plain->record->amount, "your record has %s (%s), and no %s has it", plain->here,
               plain->place_here, plain->file);
}

static enum fz_result say_doubles(struct plain *plain, size_t bills)
{
    const struct fz_group *group = plain->group;
    enum fz_result result = FZ_OK;
    if (bills > 1)
        result = SAY(plain, FZ_KIND_DUPLICATE_THERE, plain->bill->amount * (int64_t)(bills - 1),
                     "the %s has it %zu times (%s)", plain->file, bills, plain->place_there);
    if (result == FZ_OK && group->record_count > 1)
        result = SAY(plain, FZ_KIND_DUPLICATE_HERE, plain->record->amount * (int64_t)(group->record_count - 1),
                     "your records have it %zu times (%s)", group->record_count, plain->place_here);
    return result;
}

enum fz_result fz_plain_compare(struct fz_comparing *comparing, struct fz_group *group)
{
    size_t bills = group->line_count + group->trade_count;
    struct plain plain = {.comparing = comparing,
                          .group = group,
                          .file = group->lines[0]->family == FZ_FAMILY_PAYMENT ? "statement" : "distribution bill"};
    if (bills > 0) {
        plain.bill = group->lines[0];
        fz_place_text(comparing->compare, group->lines, bills, plain.place_there);
        fz_money_text(plain.there, plain.bill->amount, plain.bill->currency);
    }
    if (group->record_count > 0) {
        plain.record = group->records[0];
        plain.rows = (struct fz_rows){.has = plain.record->has,
                                      .amount = plain.record->amount,
                                      .fee = plain.record->fee,
                                      .settlement = plain.record->settlement};
        fz_place_text(comparing->compare, group->records, group->record_count, plain.place_here);
        fz_money_text(plain.here, plain.record->amount, plain.record->currency);
    }
    /* Records without one row of its kind are not meant to have them. */
    bool is_kept = comparing->compare->families & 1U << group->lines[0]->family;
    enum fz_result result = is_kept || plain.file[0] == 'd' ? say_doubles(&plain, bills) : FZ_OK;
    return result == FZ_OK && is_kept ? compare_one(&plain) : result;
}
