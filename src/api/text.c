/* One string against its declaration: length, letters, list of words; a sealed one is opened. */
#include <string.h>
#include <strings.h>

#include "api/reading.h"
#include "base/calendar.h"
#include "base/text.h"

#define OPENED_SIZE 512 /* RSA-2048 under OAEP seals at most 214 bytes; room for larger keys */

/* What is wrong with a text that breaks the rule. */
static const enum fz_issue letter_issues[] = {
    [FZ_ANY_TEXT] = FZ_ISSUE_NONE,
    [FZ_DIGITS] = FZ_ISSUE_ONLY_DIGITS,
    [FZ_NUMBER_LETTERS] = FZ_ISSUE_ONLY_NUMBER_LETTERS,
    [FZ_REFUND_LETTERS] = FZ_ISSUE_ONLY_REFUND_LETTERS,
    [FZ_DATE] = FZ_ISSUE_NO_DATE,
    [FZ_COMPACT_DATE] = FZ_ISSUE_NO_COMPACT_DATE,
};

static bool is_letter_of(enum fz_letters letters, unsigned char character)
{
    if (character >= '0' && character <= '9')
        return true;
    if (letters == FZ_DIGITS)
        return false;
    if ((character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z'))
        return true;
    return character != '\0' && strchr(letters == FZ_REFUND_LETTERS ? "_-|*@" : "_-", character) != NULL;
}

/* C0, DEL and C1 (C2 80 to C2 9F) have no place in a number, a name or a description; tab and line ends may
 * be in a text that somebody typed. */
static bool has_control(const char *text, size_t size)
{
    const unsigned char *bytes = (const unsigned char *)text;
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] < 0x20 && bytes[i] != '\t' && bytes[i] != '\r' && bytes[i] != '\n')
            return true;
        if (bytes[i] == 0x7F || (bytes[i] == 0xC2 && i + 1 < size && bytes[i + 1] < 0xA0))
            return true;
    }
    return false;
}

static bool has_only(enum fz_letters letters, const char *text, size_t size)
{
    int day;
    if (letters == FZ_ANY_TEXT)
        return true;
    if (letters == FZ_DATE)
        return fz_parse_day(text, &day) == FZ_OK;
    if (letters == FZ_COMPACT_DATE)
        return fz_parse_compact_day(text, &day) == FZ_OK;
    for (size_t i = 0; i < size; i++)
        if (!is_letter_of(letters, (unsigned char)text[i]))
            return false;
    return true;
}

static bool is_date(enum fz_letters letters)
{
    return letters == FZ_DATE || letters == FZ_COMPACT_DATE;
}

/* The word of the list that `text` is; NULL if it is none. */
static const char *listed(const struct fz_parameter *parameter, const char *text)
{
    for (const char *const *word = parameter->values; *word != NULL; word++)
        if ((parameter->any_case ? strcasecmp : strcmp)(*word, text) == 0)
            return *word;
    return NULL;
}

static enum fz_result refuse_unlisted(const struct fz_call *call, const struct fz_parameter *parameter,
                                      const struct fz_spot *spot, const char *shown)
{
    struct fz_text words = {.max = sizeof call->error->issue};
    for (const char *const *word = parameter->values; *word != NULL; word++)
        fz_text_format(&words, "%s%s", word == parameter->values ? "" : ", ", *word);
    enum fz_result result = fz_spot_refuse(call, FZ_PARAM_ERROR, spot, shown, FZ_ISSUE_UNLISTED,
                                           &(struct fz_issue_values){.words = words.data});
    fz_text_done(&words);
    return result;
}

/* A sealed text that does not open is a refusal of its own, as is one that is no text. What was sent may be somebody's name in
 * plain text, so it is not shown. */
static enum fz_result open_sealed(const struct fz_call *call, const struct fz_spot *spot, const char *base64, const char **out)
{
    char opened[OPENED_SIZE];
    enum fz_result result = call->open_sealed(call, base64, opened, sizeof opened);
    if (result == FZ_FAILED || result == FZ_REFUSED)
        return result;
    size_t size = result == FZ_OK ? strlen(opened) : 0;
    if (size == 0 || fz_utf8_length(opened, size) < 0 || has_control(opened, size))
        return fz_spot_refuse(call, FZ_SEALED_FIELD, spot, NULL, FZ_ISSUE_NO_SEALED_TEXT, NULL);
    *out = fz_arena_copy(call->arena, opened, size);
    explicit_bzero(opened, sizeof opened);
    return *out == NULL ? FZ_FAILED : FZ_OK;
}

/* What a length out of the parameter's bounds is called. That of a date says less than its form does. */
static enum fz_issue length_issue(const struct fz_parameter *parameter, long length,
                                  struct fz_issue_values *values)
{
    bool is_short = length < parameter->min;
    *values = (struct fz_issue_values){.first = length, .second = is_short ? parameter->min : parameter->max};
    if (is_date(parameter->letters))
        return letter_issues[parameter->letters];
    if (length == 0)
        return FZ_ISSUE_EMPTY;
    if (parameter->min == parameter->max)
        return FZ_ISSUE_OTHER_LENGTH;
    return is_short ? FZ_ISSUE_TOO_SHORT : FZ_ISSUE_TOO_LONG;
}

/* What is wrong with the text whatever it means. */
static enum fz_issue issue_of(const struct fz_parameter *parameter, const char *text, size_t size,
                              struct fz_issue_values *values)
{
    long length = fz_utf8_length(text, size);
    if (length < 0)
        return FZ_ISSUE_NO_UTF8;
    if (has_control(text, size))
        return FZ_ISSUE_CONTROL_CHARACTER;
    if (length < parameter->min || length > parameter->max)
        return length_issue(parameter, length, values);
    return has_only(parameter->letters, text, size) ? FZ_ISSUE_NONE : letter_issues[parameter->letters];
}

enum fz_result fz_text_check(const struct fz_call *call, const struct fz_parameter *parameter,
                             const struct fz_spot *spot, const char *text, size_t size, const char *shown,
                             const char **out)
{
    struct fz_issue_values values = {0};
    enum fz_issue issue = issue_of(parameter, text, size, &values);
    if (parameter->sealed)
        shown = NULL;
    if (issue != FZ_ISSUE_NONE)
        return fz_spot_refuse(call, FZ_PARAM_ERROR, spot, shown, issue, &values);
    if (parameter->values != NULL) {
        const char *word = listed(parameter, text);
        if (word == NULL)
            return refuse_unlisted(call, parameter, spot, shown);
        *out = word;
        return FZ_OK;
    }
    if (parameter->sealed)
        return open_sealed(call, spot, text, out);
    *out = fz_arena_copy(call->arena, text, size);
    return *out == NULL ? FZ_FAILED : FZ_OK;
}

enum fz_result fz_integer_check(const struct fz_call *call, const struct fz_parameter *parameter,
                                const struct fz_spot *spot, const char *shown, int64_t value, int64_t *out)
{
    if (value < parameter->min)
        return fz_spot_refuse(call, FZ_PARAM_ERROR, spot, shown, FZ_ISSUE_BELOW,
                              &(struct fz_issue_values){.first = parameter->min});
    if (value > parameter->max)
        return fz_spot_refuse(call, FZ_PARAM_ERROR, spot, shown, FZ_ISSUE_ABOVE,
                              &(struct fz_issue_values){.first = parameter->max});
    *out = value;
    return FZ_OK;
}
