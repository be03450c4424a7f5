/* Text on standard output, a page at a time where it is long. */
#ifndef FZ_CLI_OUTPUT_PAGE_H
#define FZ_CLI_OUTPUT_PAGE_H

#include <stdbool.h>
#include <stddef.h>

/* Writes `text` to standard output; if that is a terminal with fewer lines, and `may_page` (not --no-input), through $PAGER
 * ("less -FRX" without one). What cannot be written shows at the program's end. */
void fz_page(const char *text, size_t size, bool may_page);

#endif
