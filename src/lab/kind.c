/* The names of the kinds, and what they need. */
#include <string.h>

#include "lab/lab.h"

static const char *const names[FZ_LAB_KIND_COUNT] = {
    [FZ_LAB_NONE] = "",
#define FZ_LAB_KIND(name, needed) [FZ_LAB_##name] = #name,
#include "lab/kinds.def"
#undef FZ_LAB_KIND
};

static const int needs[FZ_LAB_KIND_COUNT] = {
    [FZ_LAB_NONE] = 1,
#define FZ_LAB_KIND(name, needed) [FZ_LAB_##name] = needed,
#include "lab/kinds.def"
#undef FZ_LAB_KIND
};

const char *fz_lab_kind_name(enum fz_lab_kind kind)
{
    return names[kind];
}

int fz_lab_kind_needs(enum fz_lab_kind kind)
{
    return needs[kind];
}

enum fz_lab_kind fz_lab_kind_named(const char *name)
{
    for (enum fz_lab_kind kind = FZ_LAB_NONE + 1; kind < FZ_LAB_KIND_COUNT; kind++)
        if (strcmp(names[kind], name) == 0)
            return kind;
    return FZ_LAB_NONE;
}
