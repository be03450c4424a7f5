/* Where output goes: terminals, their width, and whether it is coloured. */
#ifndef FZ_CLI_OUTPUT_SCREEN_H
#define FZ_CLI_OUTPUT_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Columns and lines of the terminal that `out` is ($COLUMNS and $LINES go before what it says itself); 0: it is none,
 * nothing limits a line. */
int fz_screen_columns(FILE *out);
int fz_screen_lines(FILE *out);

enum fz_colour {
    FZ_COLOUR_NONE,
    FZ_COLOUR_BOLD,
    FZ_COLOUR_DIM,
    FZ_COLOUR_RED,
    FZ_COLOUR_GREEN,
    FZ_COLOUR_YELLOW,
    FZ_COLOUR_CYAN
};
/* What switches it on in what is written to `out`; "" where colours are not wanted: no terminal, NO_COLOR; CLICOLOR_FORCE
 * wants them anywhere. FZ_COLOUR_NONE switches back. Static. */
const char *fz_colour(FILE *out, enum fz_colour colour);

/* width.c: columns that a terminal takes for `size` bytes of UTF-8: Chinese letters two, accents none. A byte that is no
 * UTF-8 counts as one. */
size_t fz_text_width(const char *text, size_t size);
/* How many bytes of it fit into `width` columns. */
size_t fz_text_fitting(const char *text, size_t size, size_t width);

#endif
