/* Moments, as requests and answers have them. */
#ifndef FENZHANG_TIME_H
#define FENZHANG_TIME_H

#include <stdint.h>

/* Whoever writes fills `text` or else `ms`; whoever reads gets both: the text as it was sent (RFC 3339), and
 * milliseconds since 1970 (0 if the text is no time). Neither: not given. */
struct fz_timestamp {
    const char *text;
    int64_t ms;
};

#endif
