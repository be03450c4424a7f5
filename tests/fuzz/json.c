/* JSON read by the short cut is what jansson reads: whatever the input is, the short cut takes it only if jansson does, with
 * every member once, and both trees have the same text. What jansson reads has the same text when it is written over. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "wire/json_dumped.h"
#include "wire/json_tree.h"

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void require_same(const struct fz_json_node *root, const json_t *json)
{
    struct fz_json written = {.text.max = 1 << 20};
    char *dumped = fz_json_dumped(json, JSON_COMPACT | JSON_ENCODE_ANY);
    fz_json_write_node(&written, root);
    require(dumped != NULL && written.text.data != NULL && !written.text.failed && strcmp(dumped, written.text.data) == 0);
    free(dumped);
    fz_text_done(&written.text);
}

static void read_plainly(const char *text, size_t size)
{
    struct fz_json_tree tree;
    fz_json_tree_begin(&tree);
    char *copy = malloc(size); /* as long as it is: what reads on is seen */
    memcpy(copy, text, size);
    const struct fz_json_node *root = fz_json_plain(&tree, copy, size);
    if (root != NULL) {
        json_t *json = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
        require_same(root, json);
        json_decref(json);
    }
    fz_json_tree_done(&tree);
    free(copy);
}

static void read_wholly(const char *text, size_t size, size_t flags)
{
    struct fz_json_tree tree;
    json_error_t error;
    json_t *json = json_loadb(text, size, flags | JSON_ALLOW_NUL, NULL);
    enum fz_result result = fz_json_tree_read(&tree, text, size, flags, &error);
    require(json == NULL ? result == FZ_MALFORMED && error.line > 0 : result == FZ_OK);
    if (json != NULL)
        require_same(tree.root, json);
    json_decref(json);
    fz_json_tree_done(&tree);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    const char *text = (const char *)input;
    read_plainly(text, size);
    read_wholly(text, size, 0);
    read_wholly(text, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY);
    return 0;
}
