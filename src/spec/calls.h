/* All calls of the API. */
#ifndef FZ_SPEC_CALLS_H
#define FZ_SPEC_CALLS_H

#include "spec/row/spec.h"

#define FZ_CALL(name) extern const struct fz_spec fz_spec_##name;
#include "spec/calls.def"
#undef FZ_CALL

/* The table of them. */
const struct fz_spec *const *fz_specs(size_t *count);

#endif
