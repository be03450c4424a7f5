/* From the SQL that all engines share to SQLite's. */
#include "store/sqlite/dialect.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool in_word(char letter)
{
    return isalnum((unsigned char)letter) || letter == '_';
}

static size_t word_size(const char *text)
{
    size_t size = 0;
    while (in_word(text[size]))
        size++;
    return size;
}

static bool is_word(const char *text, size_t size, const char *word)
{
    return strlen(word) == size && strncmp(text, word, size) == 0;
}

/* What stands at `text` up to the end of a string, quoted name or comment; 0 if none begins there. A doubled
 * quote inside is two strings side by side, which comes to the same. */
static size_t quoted_size(const char *text)
{
    const char *end = NULL;
    if (*text == '\'' || *text == '"') {
        end = strchr(text + 1, *text);
        return end == NULL ? strlen(text) : (size_t)(end - text) + 1;
    }
    if (strncmp(text, "--", 2) == 0)
        return strcspn(text, "\n");
    if (strncmp(text, "/*", 2) == 0) {
        end = strstr(text + 2, "*/");
        return end == NULL ? strlen(text) : (size_t)(end - text) + 2;
    }
    return 0;
}

/* The size of "FOR UPDATE" at `text`, 0 if it is not there. */
static size_t lock_size(const char *text)
{
    if (!is_word(text, word_size(text), "FOR"))
        return 0;
    size_t gap = 3 + strspn(text + 3, " \n\t");
    return is_word(text + gap, word_size(text + gap), "UPDATE") ? gap + 6 : 0;
}

/* SQLite's word for one of ours, NULL for any other word. */
static const char *translated(const char *word, size_t size)
{
    static const char *const ours[][2] = {
        {"FZ_INT", "INTEGER"}, {"FZ_BLOB", "BLOB"}, {"FZ_STRICT", "STRICT"}};
    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
        if (is_word(word, size, ours[i][0]))
            return ours[i][1];
    return NULL;
}

char *fz_dialect_sqlite(const char *sql)
{
    /* The one word that grows is FZ_INT, by a letter in six. */
    char *out = malloc(strlen(sql) * 2 + 1);
    if (out == NULL)
        return NULL;
    char *to = out;
    while (*sql != '\0') {
        size_t size = quoted_size(sql);
        const char *copied = sql;
        size_t copied_size = size;
        if (size == 0 && in_word(*sql)) {
            size = lock_size(sql);
            copied_size = 0;
            if (size == 0) {
                size = word_size(sql);
                const char *word = translated(sql, size);
                copied = word == NULL ? sql : word;
                copied_size = word == NULL ? size : strlen(word);
            }
        } else if (size == 0) {
            size = copied_size = 1;
            if (*sql == '$' && isdigit((unsigned char)sql[1]))
                copied = "?";
        }
        memcpy(to, copied, copied_size);
        to += copied_size;
        sql += size;
    }
    *to = '\0';
    return out;
}
