/* Goes through the differences, and reads what all forms of the report show of them. */
#include <stdio.h>
#include <string.h>

#include "cli/output/value.h"
#include "cli/reconcile/report.h"

#define DIFFERENCE_MAX (1 << 20)

static bool give(struct fz_reconciliation *found, enum fz_difference_kind kind, uint64_t number, struct fz_text *text,
                 fz_take_difference *take, void *argument)
{
    if (fz_findings_read(&found->findings, kind, number, text) != FZ_OK) {
        fprintf(stderr, "fenzhang: %s\n", found->trouble.text);
        return false;
    }
    json_t *difference = json_loadb(text->data, text->size, 0, NULL);
    if (difference == NULL) {
        fputs("fenzhang: memory is short, so not all was told. Try again.\n", stderr);
        return false;
    }
    bool goes_on = take(argument, kind, number, difference);
    json_decref(difference);
    return goes_on;
}

bool fz_report_each(struct fz_reconciliation *found, fz_take_difference *take, void *argument)
{
    struct fz_text text = {.max = DIFFERENCE_MAX};
    bool goes_on = true;
    for (enum fz_difference_kind kind = 0; kind < FZ_KIND_COUNT; kind++)
        for (uint64_t i = 0; goes_on && i < found->findings.kinds[kind].count; i++)
            goes_on = give(found, kind, i, &text, take, argument);
    fz_text_done(&text);
    return goes_on;
}

const char *fz_report_text(const json_t *object, const char *member, const char *inner)
{
    const json_t *value = json_object_get(object, member);
    if (inner != NULL)
        value = json_object_get(value, inner);
    return json_is_string(value) ? json_string_value(value) : "";
}

void fz_report_amount(char out[64], const json_t *object, const char *amount, const char *currency)
{
    const json_t *value = json_object_get(object, amount);
    out[0] = '\0';
    if (json_is_integer(value))
        fz_amount_write(out, json_integer_value(value), fz_report_text(object, currency, NULL));
}

void fz_report_stakes(char out[FZ_STAKES_SIZE], const struct fz_findings_kind *kind)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < FZ_STAKE_CURRENCIES && kind->stakes[i].count > 0; i++) {
        char amount[FZ_VALUE_SIZE];
        fz_amount_write(amount, kind->stakes[i].amount, kind->stakes[i].currency);
        used += (size_t)snprintf(out + used, FZ_STAKES_SIZE - used, "%s%s", i == 0 ? "" : ", ", amount);
    }
}
