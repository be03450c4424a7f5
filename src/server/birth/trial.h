/* A world told into a book that is thrown away. */
#ifndef FZ_SERVER_BIRTH_TRIAL_H
#define FZ_SERVER_BIRTH_TRIAL_H

#include "server/birth/world_file.h"

/* Below TMPDIR. What is wrong, and where, in `fault`. */
FZ_MUST_CHECK enum fz_result fz_world_try(struct fz_world_file *file, struct fz_world_fault *fault);

#endif
