/* A line of an answer's head, as libcurl hands it over. */
#ifndef FZ_WIRE_HEADER_LINE_H
#define FZ_WIRE_HEADER_LINE_H

#include <stddef.h>

/* Puts the rest of the line behind `name` and its colon, without blanks, into `out`. Of another name, or with more than `out` has room for, it leaves
 * `out` as it is: too long a value is as good as none. */
void fz_header_line_take(const char *line, size_t size, const char *name, char *out, size_t out_size);

#endif
