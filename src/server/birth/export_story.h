/* A book's journal as the steps of a story. */
#ifndef FZ_SERVER_BIRTH_EXPORT_STORY_H
#define FZ_SERVER_BIRTH_EXPORT_STORY_H

#include "server/birth/export.h"

struct fz_export_story {
    json_t *steps;    /* in the order of their times */
    int64_t begin_ms; /* of the first; 0: there is none */
    size_t by_code, unpaid; /* orders that a file cannot tell: paid by code; never paid, and closed by now */
};

/* FZ_FULL: there are more than FZ_WORLD_EXPORT_STEPS. */
FZ_MUST_CHECK enum fz_result fz_export_story(struct fz_tx *tx, struct fz_export_story *out);

#endif
