/* The faults of a world file: rules as POST /faults takes them, which stand from the beginning. */
#ifndef FZ_SERVER_CONTROL_CALLS_WORLD_FAULTS_H
#define FZ_SERVER_CONTROL_CALLS_WORLD_FAULTS_H

#include "server/birth/world_file.h"
#include "server/fault/faults.h"

/* Sets those of `file` (NULL: none). What is wrong with one, and where, in `fault`. Does not block once a rule has had the
 * expired certificate made. */
FZ_MUST_CHECK enum fz_result fz_faults_of_world(struct fz_faults *faults, const struct fz_world_file *file,
                                                struct fz_world_fault *fault);
/* Looks whether they could be set. */
FZ_MUST_CHECK enum fz_result fz_world_faults_check(const struct fz_world_file *file, struct fz_world_fault *fault);

#endif
