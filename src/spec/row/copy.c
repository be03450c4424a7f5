/* Copies structs by their rows. */
#include "spec/row/copy.h"

#include <string.h>

static enum fz_result copy_text(const char *text, struct fz_arena *arena, const char **out)
{
    *out = text == NULL ? NULL : fz_arena_copy(arena, text, strlen(text));
    return text != NULL && *out == NULL ? FZ_FAILED : FZ_OK;
}

static enum fz_result copy_items(const struct fz_member *member, const void *from, struct fz_arena *arena, void *to)
{
    const char *items = *(const char *const *)fz_slot(member, from);
    size_t count = *fz_count_slot(member, from);
    char *copies = fz_arena_take(arena, (count + 1) * member->size);
    if (copies == NULL)
        return FZ_FAILED;
    *(void **)fz_slot(member, to) = copies;
    *fz_count_slot(member, to) = count;
    for (size_t i = 0; i < count; i++)
        if (fz_members_copy(member->members, items + i * member->size, arena, copies + i * member->size) != FZ_OK)
            return FZ_FAILED;
    return FZ_OK;
}

static enum fz_result copy_member(const struct fz_member *member, const void *from, struct fz_arena *arena, void *to)
{
    const void *source = fz_slot(member, from);
    void *target = fz_slot(member, to);
    switch (member->kind) {
    case FZ_STRING:
        return copy_text(*(const char *const *)source, arena, target);
    case FZ_INTEGER:
        *(int64_t *)target = *(const int64_t *)source;
        return FZ_OK;
    case FZ_BOOLEAN:
        *(bool *)target = *(const bool *)source;
        return FZ_OK;
    case FZ_TIME:
        ((struct fz_timestamp *)target)->ms = ((const struct fz_timestamp *)source)->ms;
        return copy_text(((const struct fz_timestamp *)source)->text, arena, &((struct fz_timestamp *)target)->text);
    case FZ_OBJECT:
        return fz_members_copy(member->members, source, arena, target);
    case FZ_ARRAY:
        return copy_items(member, from, arena, to);
    case FZ_STRINGS: /* of answers alone */
        return FZ_FAILED;
    }
    __builtin_unreachable();
}

enum fz_result fz_members_copy(const struct fz_member *members, const void *from, struct fz_arena *arena, void *to)
{
    enum fz_result result = FZ_OK;
    for (; result == FZ_OK && members->name != NULL; members++)
        if (fz_is_given(members, from)) {
            result = copy_member(members, from, arena, to);
            fz_set_given(members, to);
        }
    return result;
}

static const struct fz_member *same_member(const struct fz_member *members, const struct fz_member *wanted)
{
    for (; members->name != NULL; members++)
        if (members->kind == wanted->kind && strcmp(members->name, wanted->name) == 0)
            return members;
    return NULL;
}

void fz_members_carry_over(const struct fz_member *from_members, const void *from,
                           const struct fz_member *to_members, void *to)
{
    for (; to_members->name != NULL; to_members++) {
        const struct fz_member *member = same_member(from_members, to_members);
        if (member == NULL || !fz_is_given(member, from))
            continue;
        if (member->kind == FZ_STRING)
            *(const char **)fz_slot(to_members, to) = *(const char *const *)fz_slot(member, from);
        else if (member->kind == FZ_INTEGER)
            *(int64_t *)fz_slot(to_members, to) = *(const int64_t *)fz_slot(member, from);
        else
            continue;
        fz_set_given(to_members, to);
    }
}
