/* Structs copied by their rows. */
#ifndef FZ_SPEC_ROW_COPY_H
#define FZ_SPEC_ROW_COPY_H

#include "base/arena.h"
#include "base/result.h"
#include "spec/row/member.h"

/* A deep copy into `to`, a zeroed struct; texts and items go into `arena`. FZ_FAILED: it is full, or memory is short. */
FZ_MUST_CHECK enum fz_result fz_members_copy(const struct fz_member *members, const void *from, struct fz_arena *arena, void *to);

/* Between structs of two calls: what both have under one name and as one kind, of the struct itself (not what is in objects or
 * lists). Texts are borrowed. */
void fz_members_carry_over(const struct fz_member *from_members, const void *from, const struct fz_member *to_members, void *to);

#endif
