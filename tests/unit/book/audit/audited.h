/* A sound book in which every kind of row stands under a number that says what it is; and what the audit
 * finds once it is spoilt. */
#ifndef FZ_TESTS_BOOK_AUDITED_H
#define FZ_TESTS_BOOK_AUDITED_H

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "book/audit/audit.h"

/* Before and after all tests of a program: tells the story of audited.c once. */
int audited_begin(void **state);
int audited_end(void **state);

/* Runs a script on the book's file, past the book, its constraints and its foreign keys. Returns how many
 * rows its last statement changed. */
int spoil(const char *format, ...) FZ_PRINTF(1, 2);
/* Puts everything back as it was told. */
void mend(void);
/* The number that a query gives. */
int64_t told_number(const char *sql);

/* Calls `each` for the row numbers of `table` that meet `where`. */
void each_row(const char *table, const char *where, const char *argument,
              void (*each)(const char *table, const char *argument, int64_t row));
/* The names of the whole-number columns; returns how many. */
size_t integer_columns(const char *table, char names[50][40]);

struct fz_audit audited(void);
void assert_sound(void);
/* Whether this is among what is found. */
bool is_found(const char *line);

/* One way to spoil the book, and all that is to be found of it, in this order, a line for each; "": nothing,
 * which shows the inner side of an edge. */
struct plant {
    const char *sql, *found;
};
/* Plants one after the other, each in the book as it was told, and fails if one is not found so. */
#define ASSERT_PLANTS(plants) assert_plants((plants), sizeof(plants) / sizeof((plants)[0]))
void assert_plants(const struct plant *plants, size_t count);

#endif
