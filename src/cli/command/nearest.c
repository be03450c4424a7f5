/* Which word somebody may have meant who typed another. */
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "cli/command/command.h"

#define WORD_MAX 48

static size_t least(size_t a, size_t b, size_t c)
{
    size_t two = a < b ? a : b;
    return two < c ? two : c;
}

/* How many letters were put in, left out, mistaken, or swapped with their neighbour (the restricted distance of Damerau
 * and Levenshtein). Upper and lower case are the same. */
static size_t distance(const char *a, const char *b)
{
    size_t rows[3][WORD_MAX + 1], a_size = strlen(a), b_size = strlen(b);
    for (size_t j = 0; j <= b_size; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_size; i++) {
        size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *two_above = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b_size; j++) {
            bool same = strncasecmp(a + i - 1, b + j - 1, 1) == 0;
            row[j] = least(above[j] + 1, row[j - 1] + 1, above[j - 1] + (same ? 0 : 1));
            if (i > 1 && j > 1 && strncasecmp(a + i - 1, b + j - 2, 1) == 0 &&
                strncasecmp(a + i - 2, b + j - 1, 1) == 0 && two_above[j - 2] + 1 < row[j])
                row[j] = two_above[j - 2] + 1;
        }
    }
    return rows[a_size % 3][b_size];
}

/* A third of the letters may be wrong; a word that was broken off counts as near, too. */
void fz_nearest_try(struct fz_nearest *nearest, const char *candidate)
{
    size_t size = strlen(nearest->word);
    if (size < 2 || size > WORD_MAX || strlen(candidate) > WORD_MAX)
        return;
    size_t far = strncasecmp(nearest->word, candidate, size) == 0 ? 1 : distance(nearest->word, candidate);
    if (far > 1 + size / 4 || (nearest->best != NULL && far >= nearest->distance))
        return;
    nearest->best = candidate;
    nearest->distance = far;
}
