/* Names of bill files: KIND-CALLER-SUB_MCHID-DAY.csv, and what follows. */
#include "server/files/name.h"

#include <stdio.h>
#include <string.h>

#include "api/call/endpoint.h"
#include "base/calendar.h"
#include "base/text.h"

#define BILL ".csv"

static const char *const kinds[] = {
    [FZ_SORT_REFUNDS] = "refunds", [FZ_SORT_DISTRIBUTIONS] = "distributions", [FZ_SORT_TRADES] = "trades"};

void fz_bill_directory(const char *book, char out[FZ_BILL_DIRECTORY_SIZE])
{
    snprintf(out, FZ_BILL_DIRECTORY_SIZE, "%s-%d", book[0] == '\0' ? "first" : book, /* books once had no names */
             FZ_BILL_FORMAT);
}

static bool is_number(const char *text)
{
    return text[0] != '\0' && strspn(text, "0123456789") == strlen(text);
}

enum fz_result fz_bill_name(const struct fz_bill_link *link, bool overview_first, char out[FZ_BILL_NAME_SIZE])
{
    bool all = link->sub_mchid[0] == '\0';
    if (!is_number(link->caller) || !(all || is_number(link->sub_mchid)) || link->day < 0)
        return FZ_MALFORMED;
    char day[FZ_DAY_SIZE];
    fz_format_day(day, link->day);
    snprintf(out, FZ_BILL_NAME_SIZE, "%s-%s-%s-%s%s" BILL, kinds[link->kind], link->caller,
             all ? "all" : link->sub_mchid, day, overview_first ? "-overview-first" : "");
    return FZ_OK;
}

/* Steps over `text` at the beginning of `*at`, if it is there. */
static bool skip(const char **at, const char *text)
{
    bool there = strncmp(*at, text, strlen(text)) == 0;
    *at += there ? strlen(text) : 0;
    return there;
}

static void read_day(const char *name, struct fz_bill_link *out)
{
    char day[11];
    int kind = FZ_SORT_REFUNDS;
    while (kind <= FZ_SORT_TRADES && !skip(&name, kinds[kind]))
        kind++;
    for (int dashes = 0; dashes < 3 && name != NULL; dashes++)
        name = strchr(name + (dashes > 0), '-');
    *out = (struct fz_bill_link){.day = FZ_NO_DAY};
    if (kind > FZ_SORT_TRADES || name == NULL ||
        !fz_copy_part(day, sizeof day, name + 1, strnlen(name + 1, sizeof day - 1)) ||
        fz_parse_day(day, &out->day) != FZ_OK)
        return;
    out->kind = (enum fz_bill_sort)kind;
}

bool fz_bill_name_read(const char *name, struct fz_bill_link *out, bool *unfinished)
{
    const char *end = strstr(name, BILL);
    if (end == NULL)
        return false;
    end += strlen(BILL);
    if (!skip(&end, FZ_BILL_COMPRESSED))
        (void)skip(&end, FZ_BILL_SUM);
    *unfinished = skip(&end, FZ_BILL_UNFINISHED);
    read_day(name, out);
    return *end == '\0';
}
