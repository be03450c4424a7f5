/* An example of a call: what is sent, and what is answered. Each is tried by tests/api/test_examples.py on the demo book of
 * `--demo --seed 1`, just made. */
#ifndef FZ_SPEC_ROW_EXAMPLE_H
#define FZ_SPEC_ROW_EXAMPLE_H

#include <stdbool.h>

/* JSON as it is written. */
#define FZ_JSON(...) #__VA_ARGS__

struct fz_example {
    const char *parameters; /* an object: of path and query; NULL: none */
    const char *body;       /* NULL: none */
    const char *answer;     /* JSON, or of a file its beginning, a JSON string; NULL: it has no body */
    const char *after;      /* the call whose example has to be made first; NULL: none */
    bool direct;            /* the demo book's direct merchant calls, not its institution */
};

#endif
