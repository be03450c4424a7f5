/* What a row says of a struct: whether it has the member; and of a call: which member has a role, whether there
 * is a body. */
#include "spec/row/spec.h"

bool fz_is_given(const struct fz_member *member, const void *values)
{
    const void *slot = fz_slot(member, values);
    if (member->given != 0)
        return *((const bool *)values + member->given - 1);
    switch (member->kind) {
    case FZ_STRING:
        return *(const char *const *)slot != NULL;
    case FZ_ARRAY:
    case FZ_STRINGS:
        return *(const void *const *)slot != NULL;
    case FZ_TIME:
        return ((const struct fz_timestamp *)slot)->text != NULL || ((const struct fz_timestamp *)slot)->ms != 0;
    case FZ_INTEGER:
    case FZ_BOOLEAN:
    case FZ_OBJECT:
        break;
    }
    return true;
}

void fz_set_given(const struct fz_member *member, void *values)
{
    if (member->given != 0)
        *((bool *)values + member->given - 1) = true;
}

const struct fz_member *fz_member_of_role(const struct fz_member *members, enum fz_role role)
{
    for (; members->name != NULL; members++)
        if (members->role == role)
            return members;
    return NULL;
}

bool fz_has_body(const struct fz_spec *spec)
{
    for (const struct fz_member *m = spec->request; m->name != NULL; m++)
        if (m->place == FZ_IN_BODY)
            return true;
    return false;
}
