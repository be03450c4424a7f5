/* What is printed of the calls when the library is built. */
#ifndef FZ_CLIENT_PRINT_PRINT_H
#define FZ_CLIENT_PRINT_PRINT_H

#include <stdio.h>

#include "spec/calls.h"

/* "refund-by-id" as C has it: refund_by_id. */
void fz_print_c_name(FILE *out, const char *name);
/* fenzhang/calls.h: a function for every call. */
void fz_print_header(FILE *out);
/* Text of troff. */
void fz_print_text(FILE *out, const char *text);
/* The manual page of one call (section 3). */
void fz_print_page(FILE *out, const struct fz_spec *spec);
/* Of a call that answers a file: the functions that make it, and the columns of the file. */
void fz_print_file_synopsis(FILE *out, const struct fz_spec *spec);
void fz_print_file_columns(FILE *out, const struct fz_spec *spec);

#endif
