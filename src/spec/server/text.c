/* One string against its declaration: length, letters, list of words; a sealed one is opened. */
#include <string.h>
#include <strings.h>

#include "base/calendar.h"
#include "base/text.h"
#include "spec/server/request_internal.h"

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
static const char *listed(const struct fz_member *member, const char *text)
{
    for (const char *const *word = member->words; *word != NULL; word++)
        if ((member->any_case ? strcasecmp : strcmp)(*word, text) == 0)
            return *word;
    return NULL;
}

static enum fz_result refuse_unlisted(const struct fz_reading *reading, const struct fz_member *member,
                                      const struct fz_json_place *place, const char *shown)
{
    struct fz_text words = {.max = sizeof reading->error->issue};
    for (const char *const *word = member->words; *word != NULL; word++)
        fz_text_format(&words, "%s%s", word == member->words ? "" : ", ", *word);
    enum fz_result result = fz_refuse_value(reading, FZ_PARAM_ERROR, place, shown, FZ_ISSUE_UNLISTED,
                                           &(struct fz_issue_values){.words = words.data});
    fz_text_done(&words);
    return result;
}

/* A sealed text that does not open is a refusal of its own, as is one that is no text. What was sent may be somebody's name in
 * plain text, so it is not shown. */
static enum fz_result open_sealed(const struct fz_reading *reading, const struct fz_json_place *place,
                                  const char *base64, const char **out)
{
    char opened[OPENED_SIZE];
    enum fz_result result = reading->open_sealed(reading->opener, base64, opened, sizeof opened);
    if (result == FZ_FAILED || result == FZ_REFUSED)
        return result;
    size_t size = result == FZ_OK ? strlen(opened) : 0;
    if (size == 0 || fz_utf8_length(opened, size) < 0 || has_control(opened, size))
        return fz_refuse_value(reading, FZ_SEALED_FIELD, place, NULL, FZ_ISSUE_NO_SEALED_TEXT, NULL);
    *out = fz_arena_copy(reading->arena, opened, size);
    explicit_bzero(opened, sizeof opened);
    return *out == NULL ? FZ_FAILED : FZ_OK;
}

/* What a length out of the parameter's bounds is called. That of a date says less than its form does. */
static enum fz_issue length_issue(const struct fz_member *member, long length,
                                  struct fz_issue_values *values)
{
    bool is_short = length < member->min;
    *values = (struct fz_issue_values){.first = length, .second = is_short ? member->min : member->max};
    if (is_date(member->letters))
        return letter_issues[member->letters];
    if (length == 0)
        return FZ_ISSUE_EMPTY;
    if (member->min == member->max)
        return FZ_ISSUE_OTHER_LENGTH;
    return is_short ? FZ_ISSUE_TOO_SHORT : FZ_ISSUE_TOO_LONG;
}

/* What is wrong with the text whatever it means. */
static enum fz_issue issue_of(const struct fz_member *member, const char *text, size_t size,
                              struct fz_issue_values *values)
{
    long length = fz_utf8_length(text, size);
    if (length < 0)
        return FZ_ISSUE_NO_UTF8;
    if (has_control(text, size))
        return FZ_ISSUE_CONTROL_CHARACTER;
    if (length < member->min || length > member->max)
        return length_issue(member, length, values);
    return has_only(member->letters, text, size) ? FZ_ISSUE_NONE : letter_issues[member->letters];
}

enum fz_result fz_text_check(const struct fz_reading *reading, const struct fz_member *member,
                             const struct fz_json_place *place, const char *text, size_t size, const char *shown,
                             const char **out)
{
    struct fz_issue_values values = {0};
    enum fz_issue issue = issue_of(member, text, size, &values);
    if (member->sealed)
        shown = NULL;
    if (issue != FZ_ISSUE_NONE)
        return fz_refuse_value(reading, FZ_PARAM_ERROR, place, shown, issue, &values);
    if (member->words != NULL) {
        const char *word = listed(member, text);
        if (word == NULL)
            return refuse_unlisted(reading, member, place, shown);
        *out = word;
        return FZ_OK;
    }
    if (member->sealed)
        return open_sealed(reading, place, text, out);
    *out = fz_arena_copy(reading->arena, text, size);
    return *out == NULL ? FZ_FAILED : FZ_OK;
}

enum fz_result fz_integer_check(const struct fz_reading *reading, const struct fz_member *member,
                                const struct fz_json_place *place, const char *shown, int64_t value, int64_t *out)
{
    if (value < member->min)
        return fz_refuse_value(reading, FZ_PARAM_ERROR, place, shown, FZ_ISSUE_BELOW,
                              &(struct fz_issue_values){.first = member->min});
    if (value > member->max)
        return fz_refuse_value(reading, FZ_PARAM_ERROR, place, shown, FZ_ISSUE_ABOVE,
                              &(struct fz_issue_values){.first = member->max});
    *out = value;
    return FZ_OK;
}
