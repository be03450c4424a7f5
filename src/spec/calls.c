/* The table of calls. */
#include "spec/calls.h"

static const struct fz_spec *const specs[] = {
#define FZ_CALL(name) &fz_spec_##name,
#include "spec/calls.def"
#undef FZ_CALL
};

const struct fz_spec *const *fz_specs(size_t *count)
{
    *count = sizeof specs / sizeof specs[0];
    return specs;
}
