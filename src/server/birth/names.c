/* What demo.env will say of a world: whose names, and whether a shell and those who read the file can take them. */
#include <ctype.h>

#include "base/shell_word.h"
#include "server/birth/telling.h"

/* Half of what demo.env has at most (env.c): what else stands there has room beside it. */
#define NAMES_SIZE_MAX (32 * 1024)

static enum fz_result look_at_name(const struct fz_telling *telling, const char *prefix, const struct fz_tree_entry *entry,
                                   struct fz_text *text)
{
    if (prefix[0] == '\0' && isdigit((unsigned char)entry->name[0]))
        return fz_world_fault(telling->fault, entry->line, entry->column,
                              "A shell takes no name that begins with a digit: begin `%s` with a letter.", entry->name);
    fz_text_format(text, "%s%s=", prefix, entry->name);
    fz_shell_word_add(text, entry->value->text);
    if (!text->failed)
        return FZ_OK;
    return fz_world_fault(telling->fault, entry->line, entry->column,
                          "With `%s` the names of `environment` and their values take more than 32 KiB, which they may have in all: "
                          "make them shorter.",
                          entry->name);
}

/* What demo.env is to tell of somebody who is not there would be nothing. */
static enum fz_result look_at_holder(const struct fz_telling *telling, const struct fz_node *item)
{
    struct fz_merchant merchant;
    const struct fz_node *mchid = fz_tree_member(item, "mchid"), *prefix = fz_tree_member(item, "prefix");
    if (prefix != NULL && isdigit((unsigned char)prefix->text[0]))
        return fz_world_fault(telling->fault, prefix->line, prefix->column,
                              "A shell takes no name that begins with a digit: begin `prefix` with a letter.");
    enum fz_result result = fz_merchant_find(telling->tx, mchid->text, &merchant);
    return result == FZ_ABSENT ? fz_world_fault(telling->fault, mchid->line, mchid->column,
                                                "No merchant of this file has this `mchid`: write one that does.")
                               : result;
}

static enum fz_result look_at_item(const struct fz_telling *telling, const struct fz_node *item, struct fz_text *text)
{
    const struct fz_node *names = fz_tree_member(item, "names");
    const char *prefix = fz_world_text(item, "prefix");
    enum fz_result result = look_at_holder(telling, item);
    for (size_t i = 0; names != NULL && i < names->count && result == FZ_OK; i++)
        result = look_at_name(telling, prefix == NULL ? "" : prefix, &names->entries[i], text);
    return result;
}

enum fz_result fz_telling_environment(const struct fz_telling *telling)
{
    FZ_CLEANUP(fz_text_done) struct fz_text text = {.max = NAMES_SIZE_MAX};
    const struct fz_node *list = fz_tree_member(telling->root, "environment");
    enum fz_result result = FZ_OK;
    for (size_t i = 0; list != NULL && i < list->count && result == FZ_OK; i++)
        result = look_at_item(telling, list->entries[i].value, &text);
    return result;
}
