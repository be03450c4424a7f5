/* What can be wrong with a value, in words of either language. */
#ifndef FZ_BASE_ISSUE_H
#define FZ_BASE_ISSUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The rows of issues.def. */
enum fz_issue {
    FZ_ISSUE_NONE = 0, /* nothing is said */
#define FZ_ISSUE(id, english, chinese) FZ_ISSUE_##id,
#include "base/issues.def"
#undef FZ_ISSUE
    FZ_ISSUE_COUNT
};

/* What a row leaves open. */
struct fz_issue_values {
    int64_t first, second; /* $1, $2 */
    const char *words;     /* $w; NULL: none */
};

/* The text of `issue` as the table has it; "" for FZ_ISSUE_NONE, and for what is no row. Static. */
const char *fz_issue_text(enum fz_issue issue, bool chinese);

/* Writes `issue` with `values` (NULL: nothing) in their places, cut where `out` ends. */
void fz_issue_write(char *out, size_t size, enum fz_issue issue, bool chinese,
                    const struct fz_issue_values *values);

#endif
