/* Finding secrets in a text by the names before them. For the mask's own files alone. */
#ifndef FZ_SERVER_LOG_MASK_SCAN_H
#define FZ_SERVER_LOG_MASK_SCAN_H

#include <stdbool.h>

/* With these an escape, a separator or a tag begins: a text that has none of them has nothing to be masked. */
extern const bool fz_mask_telling[256];

/* Where a scan is. */
struct fz_mask_scan {
    const char *begin, *end; /* the text; `begin` moves on: no name begins before it */
    const char *also;        /* one more secret name, or NULL */
    bool bare;               /* no escape is left that could be undone */
    const char *colon, *equals, *bracket, *wide; /* the next of each; `end` if there is none */
};

/* Lets it begin at `at`; `end`, `also` and `bare` are given. */
void fz_mask_begin(struct fz_mask_scan *scan, const char *at);
/* The next secret, which is never empty: its ends. False: there is none. */
bool fz_mask_next(struct fz_mask_scan *scan, const char **from, const char **to);

#endif
