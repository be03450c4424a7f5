/* Following something that goes on: until Ctrl-C, or until nobody reads any more. And the lines that tell of it. */
#ifndef FZ_CLI_LOCAL_FOLLOW_H
#define FZ_CLI_LOCAL_FOLLOW_H

#include <jansson.h>
#include <poll.h>
#include <stdbool.h>

#include "cli/output/screen.h"

#define FZ_FOLLOW_HANDLES 2

/* From now on Ctrl-C is waited for. False after a message. */
bool fz_follow_begin(struct pollfd handles[FZ_FOLLOW_HANDLES]);
/* Whether it is over, which the handles tell after they were polled. What was printed is on its way then. */
bool fz_follow_is_over(struct pollfd handles[FZ_FOLLOW_HANDLES]);

/* The next text of the line, in that colour; nothing of NULL and "". Control characters are shown as ?. */
void fz_follow_column(enum fz_colour colour, const char *text);
void fz_follow_end_line(void);
/* A status of HTTP; 0: "-". */
void fz_follow_status(int64_t status);
/* 870us, 12.3ms, 4.56s. */
void fz_follow_duration(int64_t us);
/* A member that is a text; NULL: it is none. */
const char *fz_follow_text(const json_t *object, const char *name);
/* A line of JSON. */
void fz_follow_json(const json_t *value);

#endif
