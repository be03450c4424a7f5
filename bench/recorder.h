/* What a program says to PostgreSQL through libpq, counted, and written down as a script of pgbench. The calls come here by the linker's --wrap. */
#ifndef FZ_BENCH_RECORDER_H
#define FZ_BENCH_RECORDER_H

#include <stdint.h>

/* Statements, and messages: what is sent before an answer is waited for. Of all connections since the start. */
void recorder_counts(int64_t *statements, int64_t *messages);

/* A value that pgbench has a variable of its own for. */
struct recorder_name {
    const char *value, *variable;
};

/* From here on the statements are written down; one thread writes. */
void recorder_begin(void);
/* Prints them: first a line `define NAME=VALUE` for each value that stays the same, then `script`, then the script. Values in `names`, which ends
 * with {0}, become those variables. */
void recorder_end(const struct recorder_name *names);

#endif
