/* A word as a POSIX shell takes it: written, and read back. */
#ifndef FZ_BASE_SHELL_WORD_H
#define FZ_BASE_SHELL_WORD_H

#include "base/result.h"
#include "base/text.h"

/* Adds `value`, in single quotes only where a shell needs them, so that simple readers can do without. */
void fz_shell_word_add(struct fz_text *text, const char *value);

/* Reads the word at `*at` up to a blank, a line's end or the end, and moves `*at` behind it: plain
 * letters, '…' and \c. FZ_MALFORMED: a quote is not closed, or there is something that a shell would
 * expand. FZ_FULL: `out` is. */
FZ_MUST_CHECK enum fz_result fz_shell_word_read(const char **at, struct fz_text *out);

#endif
