/* World files: whatever they are, one that is read fits its rows and comes back as it was from JSON and from an export; one
 * that is not has a fault with a place in it. */
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "fuzz.h"
#include "world/read.h"
#include "world/row.h"
#include "world/write.h"

static void check_fault(enum fz_result result, const struct fz_world_fault *fault, const char *text, size_t size)
{
    unsigned lines = 2;
    for (size_t i = 0; i < size; i++)
        lines += text[i] == '\n' || text[i] == '\r' || (unsigned char)text[i] >= 0x80;
    if ((result == FZ_OK) != (fault->why[0] == '\0') || fault->line > lines)
        abort();
}

static void check_same(const json_t *json, const char *text)
{
    struct fz_arena arena = {0};
    struct fz_world_fault fault = {0};
    const struct fz_node *again = NULL;
    if (text == NULL || fz_tree_read(text, strlen(text), &arena, &again, &fault) != FZ_OK ||
        fz_world_check_map(again, fz_world_rows, &fault) != FZ_OK)
        abort();
    json_t *second = fz_world_json(again);
    if (!json_equal(json, second))
        abort();
    json_decref(second);
    fz_arena_done(&arena);
}

/* As the book keeps it, and as an export writes it. */
static void check_again(const struct fz_node *root)
{
    struct fz_text file = {.max = FZ_WORLD_FILE_MAX};
    json_t *json = fz_world_json(root);
    char *text = fz_world_json_text(root);
    check_same(json, text);
    fz_world_write(json, &file);
    if (!file.failed) /* with its blanks and escapes it may be longer than a file can be */
        check_same(json, file.data);
    json_decref(json);
    fz_text_done(&file);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    struct fz_arena arena = {0};
    struct fz_world_fault fault = {0};
    const struct fz_node *root = NULL;
    char *text = malloc(size == 0 ? 1 : size); /* as long as it is: what reads on is seen */
    memcpy(text, input, size);
    enum fz_result result = fz_tree_read(text, size, &arena, &root, &fault);
    if (result == FZ_OK &&
        (root->weight > FZ_WORLD_NODES_MAX || root->height > FZ_WORLD_DEPTH_MAX || root->bytes > FZ_WORLD_FILE_MAX))
        abort();
    if (result == FZ_OK && root->kind == FZ_NODE_MAP)
        result = fz_world_check_map(root, fz_world_rows, &fault);
    check_fault(result, &fault, text, size);
    if (result == FZ_OK && root->kind == FZ_NODE_MAP)
        check_again(root);
    fz_arena_done(&arena);
    free(text);
    return 0;
}
