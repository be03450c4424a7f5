/* From the SQL that all engines share to one engine's own. */
#include "store/dialect.h"

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

/* The size of two words at `text`, 0 if they are not there. */
static size_t pair_size(const char *text, const char *first, const char *second)
{
    if (!is_word(text, word_size(text), first))
        return 0;
    size_t gap = strlen(first);
    gap += strspn(text + gap, " \n\t");
    return is_word(text + gap, word_size(text + gap), second) ? gap + strlen(second) : 0;
}

/* The engine's word for one of ours, NULL for any other word. */
static const char *translated(const struct fz_dialect *dialect, const char *word, size_t size)
{
    for (size_t i = 0; dialect->words[i][0] != NULL; i++)
        if (is_word(word, size, dialect->words[i][0]))
            return dialect->words[i][1];
    return NULL;
}

/* A piece of the text: so long is it, and this stands for it. */
struct piece {
    size_t size;
    const char *put;
    size_t put_size;
};

static struct piece piece_at(const struct fz_dialect *dialect, const char *sql)
{
    size_t size = quoted_size(sql);
    if (size > 0)
        return (struct piece){size, sql, size};
    if (*sql == '$' && isdigit((unsigned char)sql[1]))
        return (struct piece){1, &dialect->parameter, 1};
    if (!in_word(*sql))
        return (struct piece){1, sql, 1};
    size = pair_size(sql, "FOR", "UPDATE");
    if (size > 0)
        return (struct piece){size, dialect->lock, strlen(dialect->lock)};
    size = pair_size(sql, "SKIP", "LOCKED");
    if (size > 0)
        return (struct piece){size, dialect->skip, strlen(dialect->skip)};
    size = word_size(sql);
    const char *word = translated(dialect, sql, size);
    return word == NULL ? (struct piece){size, sql, size} : (struct piece){size, word, strlen(word)};
}

char *fz_dialect_text(const struct fz_dialect *dialect, const char *sql)
{
    /* What grows most is TEXT, from four letters to sixteen. */
    char *out = malloc(strlen(sql) * 4 + 1);
    if (out == NULL)
        return NULL;
    char *to = out;
    while (*sql != '\0') {
        struct piece piece = piece_at(dialect, sql);
        memcpy(to, piece.put, piece.put_size);
        to += piece.put_size;
        sql += piece.size;
    }
    *to = '\0';
    return out;
}
