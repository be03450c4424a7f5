/* Rows that the story has in common with the rest of a world file. */
#ifndef FZ_WORLD_STEP_ROWS_H
#define FZ_WORLD_STEP_ROWS_H

#include "world/row.h"

/* A receiver as it is added. */
extern const struct fz_world_row fz_world_receiver_rows[];
/* Words of theirs, as the control interface has them. */
extern const char *const fz_world_verdict_words[]; /* EFFECTIVE, FAILED */
extern const char *const fz_world_outcome_words[]; /* SUCCESS, REFUNDCLOSE, ABNORMAL */
extern const char *const fz_world_settles_words[]; /* later, at_once */

#endif
