/* Answers on standard output. */
#ifndef FZ_CLI_API_SHOW_H
#define FZ_CLI_API_SHOW_H

#include <jansson.h>

#include "cli/profile/caller.h"

enum fz_shown_as { FZ_AS_TEXT, FZ_AS_NUMBER, FZ_AS_AMOUNT, FZ_AS_RATE, FZ_AS_SHARE, FZ_AS_DAY /* of 20260131 */ };

/* What is shown of an answer: a column of its table. */
struct fz_shown {
    const char *title;
    const char *member; /* its dotted path: "amount.refund" */
    enum fz_shown_as as;
    const char *currency; /* of an amount: the member that has it; NULL: CNY */
};

/* Prints an answer: with --json as it came; else `shown` (NULL-title-ended), of each item of its `list` or (NULL) of itself.
 * An answer that has no body is told by nothing. Gives the exit status. */
int fz_show(const void *answer, const struct fz_shown *shown, const char *list, const struct fz_caller_options *caller);
/* The same of an array of items that was put together from several answers, and is printed as such with --json. */
int fz_show_items(json_t *items, const struct fz_shown *shown, const struct fz_caller_options *caller);

#endif
