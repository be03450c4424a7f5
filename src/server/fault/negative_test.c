/* Wechatpay-Negative-Test. */
#include "server/fault/negative_test.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define ISSUE_MAX 256 /* S-RQ: detail.issue is string(256) */

static bool has_code(enum fz_row row, const char *code, bool old_spelling)
{
    const struct fz_row_text *text = fz_row_text(row);
    return strcmp(old_spelling ? text->hk_code : text->code, code) == 0;
}

/* Whether the row's identifier begins with this word of an endpoint's name, in capitals, and "_". */
static bool is_called_after(enum fz_row row, const char *word, size_t size)
{
    const char *name = fz_row_text(row)->name;
    for (size_t i = 0; i < size; i++)
        if (name[i] != toupper((unsigned char)word[i]))
            return false;
    return name[size] == '_';
}

static enum fz_row first_with(const char *code, bool old_spelling, const char *word, size_t size)
{
    for (enum fz_row row = FZ_ROW_NONE + 1; row < FZ_ROW_COUNT; row++)
        if (has_code(row, code, old_spelling) && (size == 0 || is_called_after(row, word, size)))
            return row;
    return FZ_ROW_NONE;
}

/* The spelling of the request's prefix first, then the other. */
static enum fz_row first_in_either(const char *code, bool old_spelling, const char *word, size_t size)
{
    enum fz_row row = first_with(code, old_spelling, word, size);
    return row == FZ_ROW_NONE ? first_with(code, !old_spelling, word, size) : row;
}

/* A row that is called like its code is what the code means in general; of the signature's rows it is the one
 * that S-RQ describes, "Signature error". */
static enum fz_row general_row(const char *code)
{
    if (has_code(FZ_SIGN_MISMATCH, code, false) || has_code(FZ_SIGN_MISMATCH, code, true))
        return FZ_SIGN_MISMATCH;
    for (enum fz_row row = FZ_ROW_NONE + 1; row < FZ_ROW_COUNT; row++)
        if ((has_code(row, code, false) || has_code(row, code, true)) &&
            strcmp(fz_row_text(row)->name, fz_row_text(row)->code) == 0)
            return row;
    return FZ_ROW_NONE;
}

static enum fz_row by_code(const char *code, const char *endpoint, bool old_spelling)
{
    static const char order[] = "order";
    enum fz_row row = general_row(code);
    for (const char *end = endpoint + strlen(endpoint); row == FZ_ROW_NONE && end > endpoint;) {
        const char *word = end;
        while (word > endpoint && word[-1] != '-')
            word--;
        row = first_in_either(code, old_spelling, word, (size_t)(end - word));
        end = word > endpoint ? word - 1 : endpoint;
    }
    if (row == FZ_ROW_NONE) /* NO_AUTH: NO_AUTH_CHILD */
        row = first_in_either(code, old_spelling, code, strlen(code));
    if (row == FZ_ROW_NONE)
        row = first_in_either(code, old_spelling, order, sizeof order - 1);
    return row == FZ_ROW_NONE ? first_in_either(code, old_spelling, "", 0) : row;
}

enum fz_row fz_negative_test_row(const char *wanted, const char *endpoint, bool old_spelling)
{
    enum fz_row row = fz_row_named(wanted);
    for (const char *part = wanted; row == FZ_ROW_NONE && part != NULL;) {
        row = by_code(part, endpoint, old_spelling);
        part = strchr(part, '_');
        part = part == NULL ? NULL : part + 1;
    }
    return row;
}

/* Each code once, as many as there is room for beside what is said about them. */
static void list_codes(char out[ISSUE_MAX + 1])
{
    size_t tail = strlen(fz_issue_text(FZ_ISSUE_NO_SUCH_CODE, false)), used = 0;
    const char *joint = "";
    for (enum fz_row row = FZ_ROW_NONE + 1; row < FZ_ROW_COUNT; row++) {
        const char *code = fz_row_text(row)->code;
        if (first_with(code, false, "", 0) != row || used + 2 + strlen(code) + tail > ISSUE_MAX)
            continue;
        used += (size_t)snprintf(out + used, ISSUE_MAX - used, "%s%s", joint, code);
        joint = ", ";
    }
}

enum fz_result fz_negative_test(struct fz_error *error, const char *wanted, const char *endpoint,
                                bool old_spelling)
{
    enum fz_row row = fz_negative_test_row(wanted, endpoint, old_spelling);
    if (row != FZ_ROW_NONE)
        return fz_refuse_at(error, row, NULL, FZ_NEGATIVE_TEST_HEADER, wanted, FZ_ISSUE_ASKED_FOR);
    char codes[ISSUE_MAX + 1];
    list_codes(codes);
    return fz_refuse_with(error, FZ_PARAM_ERROR, NULL, FZ_NEGATIVE_TEST_HEADER, wanted, FZ_ISSUE_NO_SUCH_CODE,
                          &(struct fz_issue_values){.words = codes});
}
