/* What may stand in a world file, row by row: the reader checks by these, and the JSON Schema is made from them. */
#ifndef FZ_WORLD_ROW_H
#define FZ_WORLD_ROW_H

#include <jansson.h>

#include "world/tree.h"

enum fz_world_type {
    FZ_WORLD_TEXT,    /* of `min` to `max` characters, all of `letters` */
    FZ_WORLD_LINES,   /* the same, with tabs and line ends: PEM, and texts in which the API takes them */
    FZ_WORLD_WORD,    /* one of `words` */
    FZ_WORLD_INTEGER, /* from `min` to `max` */
    FZ_WORLD_BOOLEAN,
    FZ_WORLD_MOMENT,   /* moment.h */
    FZ_WORLD_DAY,      /* moment.h */
    FZ_WORLD_DURATION, /* ISO 8601 */
    FZ_WORLD_MAPPING,  /* its members are `rows` */
    FZ_WORLD_LIST,     /* of `min` to `max` items, each as `item` says */
    FZ_WORLD_NAMED,    /* a mapping of `min` to `max` members, whose names have `letters` and whose values are as `item` says */
    FZ_WORLD_CALL      /* what the control interface's call of that name takes: it reads it */
};

struct fz_world_row {
    const char *name; /* NULL ends a list */
    enum fz_world_type type;
    const char *about; /* in a few words */
    bool required;
    bool or_null;
    int64_t min, max;
    const char *letters;      /* NULL: any */
    const char *const *words; /* NULL-ended */
    const struct fz_world_row *rows, *item;
    const char *call; /* "POST /faults" */
};

#define FZ_WORLD_DIGITS  "0123456789"
#define FZ_WORLD_PLAIN   FZ_WORLD_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define FZ_WORLD_NUMBERS FZ_WORLD_PLAIN "_|*@-"

/* A whole world file. */
extern const struct fz_world_row fz_world_rows[];
/* What can happen in a story: a row of a step for each, behind those that say when. */
extern const struct fz_world_row fz_world_step_rows[];

/* As POST /merchants has them. */
extern const char *const fz_public_key_use_words[]; /* off, both, only */
extern const char *const fz_world_limits_words[];   /* real, off */
extern const char *const fz_signer_words[];         /* certificate, public_key */

/* Checks a tree against rows: names, types, bounds. The first fault is told with its place. */
FZ_MUST_CHECK enum fz_result fz_world_check_map(const struct fz_node *map, const struct fz_world_row *rows,
                                                struct fz_world_fault *fault);

/* The JSON Schema (2020-12) of a world file. `call_schema` gives that of a call's body (new; NULL when memory is short). New;
 * NULL when memory is short. */
json_t *fz_world_schema(json_t *(*call_schema)(const char *call));

#endif
