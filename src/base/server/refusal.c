/* The table of refusals, and how one is written down. */
#include "base/server/refusal.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"

static const struct fz_row_text rows[FZ_ROW_COUNT] = {
    [FZ_ROW_NONE] = {"NONE", 200, "", "", 0, "", "", ""},
#define FZ_ROW(id, status, code, hk_code, number, english, chinese, when)                                    \
    [FZ_##id] = {#id, status, code, hk_code, number, english, chinese, when},
#define FZ_HK_ENGLISH(id, english)
#include "base/server/errors.def"
#undef FZ_ROW
#undef FZ_HK_ENGLISH
};

static const char *const hk_english[FZ_ROW_COUNT] = {
#define FZ_ROW(id, ...)
#define FZ_HK_ENGLISH(id, english) [FZ_##id] = english,
#include "base/server/errors.def"
#undef FZ_ROW
#undef FZ_HK_ENGLISH
};

static const char *const reaches[FZ_ROW_COUNT] = {
#define FZ_REACH(id, text) [FZ_##id] = text,
#include "base/server/reach.def"
#undef FZ_REACH
};

const struct fz_row_text *fz_row_text(enum fz_row row)
{
    assert((unsigned)row < FZ_ROW_COUNT);
    return &rows[row];
}

const char *fz_row_english(enum fz_row row, bool old_spelling)
{
    assert((unsigned)row < FZ_ROW_COUNT);
    return old_spelling && hk_english[row] != NULL ? hk_english[row] : rows[row].english;
}

enum fz_row fz_row_named(const char *name)
{
    for (enum fz_row row = FZ_ROW_NONE + 1; row < FZ_ROW_COUNT; row++)
        if (strcmp(rows[row].name, name) == 0)
            return row;
    return FZ_ROW_NONE;
}

const char *fz_row_reach(enum fz_row row)
{
    assert((unsigned)row < FZ_ROW_COUNT);
    return reaches[row] == NULL ? "" : reaches[row];
}

enum fz_result fz_refuse(struct fz_error *error, enum fz_row row)
{
    return fz_refuse_at(error, row, NULL, NULL, NULL, FZ_ISSUE_NONE);
}

enum fz_result fz_refuse_at(struct fz_error *error, enum fz_row row, const char *location, const char *field,
                            const char *value, enum fz_issue issue)
{
    return fz_refuse_with(error, row, location, field, value, issue, NULL);
}

enum fz_result fz_refuse_with(struct fz_error *error, enum fz_row row, const char *location,
                              const char *field, const char *value, enum fz_issue issue,
                              const struct fz_issue_values *values)
{
    error->row = row;
    fz_copy(error->location, sizeof error->location, location);
    fz_copy(error->field, sizeof error->field, field);
    fz_copy(error->value, sizeof error->value, value);
    fz_issue_write(error->issue, sizeof error->issue, issue, false, values);
    fz_issue_write(error->issue_chinese, sizeof error->issue_chinese, issue, true, values);
    return FZ_REFUSED;
}
