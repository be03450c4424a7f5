/* World files: read with what they name, kept sealed in the book. */
#include "server/birth/world_file.h"

#include <errno.h>
#include <libgen.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/private_file.h"
#include "base/server/random.h"
#include "base/text.h"
#include "server/birth/demo_world.h"
#include "server/keys/key_columns.h"
#include "wire/sealed.h"
#include "wire/server/key.h"
#include "world/letters.h"
#include "world/read.h"
#include "world/row.h"

#define SEALED_MORE 64  /* what sealing adds */
#define SHOWN_MAX   400 /* of a path in a fault, which has more to say */

FZ_STATEMENT(world_clear, "DELETE FROM world", "", "");
FZ_STATEMENT(world_insert, "INSERT INTO world (id, text) VALUES (1, $1)", "b", "");
FZ_STATEMENT(world_read, "SELECT text FROM world WHERE id = 1", "", "b");

void fz_world_file_free(struct fz_world_file *file)
{
    if (file != NULL)
        fz_arena_wipe(&file->arena);
    free(file);
}

/* ---- files that it names ---- */

/* Members that name a file, and what they name it for. */
static const char *const named[] = {"private_key_file", "certificate_file", "merchant_public_key_file",
                                    "public_key_private_key_file"};

struct bringing {
    struct fz_world_file *file;
    const char *beside;
    struct fz_world_fault *fault;
};

/* The end of a path, which tells most of it. */
static const char *shown(const char *path)
{
    size_t size = strlen(path);
    const char *at = size > SHOWN_MAX ? path + size - SHOWN_MAX : path;
    while (((unsigned char)*at & 0xC0U) == 0x80)
        at++;
    return at;
}

/* It is kept within the world, which has to be readable again. */
static enum fz_result check_letters(const struct bringing *bringing, const struct fz_node *name, const char *path, const char *text)
{
    if (fz_world_is_clean(text, strlen(text)) && fz_utf8_length(text, strlen(text)) >= 0)
        return FZ_OK;
    return fz_world_fault(bringing->fault, name->line, name->column,
                          "The file %s has control characters in it, or is not UTF-8. Leave of it what stands from BEGIN to END.",
                          shown(path));
}

static enum fz_result read_named(const struct bringing *bringing, const struct fz_node *name, char out[FZ_PEM_MAX])
{
    char path[FZ_PATH_SIZE], reason[160] = "its path is too long";
    enum fz_result result = FZ_OK;
    if (name->text[0] == '/')
        result = fz_copy(path, sizeof path, name->text) ? FZ_OK : FZ_FULL;
    else
        result = fz_path_join(path, bringing->beside, name->text);
    if (result == FZ_OK)
        result = fz_public_file_read(path, out, FZ_PEM_MAX, reason, sizeof reason);
    if (result == FZ_OK)
        return check_letters(bringing, name, path, out);
    return fz_world_fault(bringing->fault, name->line, name->column,
                          "The file %s cannot be read: %s. Name it from where this file lies; it has 8 KiB at most.", shown(path),
                          result == FZ_ABSENT ? "there is none" : reason);
}

/* `private_key_file: PATH` becomes `private_key: TEXT`. */
static enum fz_result bring(const struct bringing *bringing, const struct fz_node *map, const char *name)
{
    const struct fz_node *path = fz_tree_member(map, name);
    char text[FZ_PEM_MAX], member[40];
    snprintf(member, sizeof member, "%.*s", (int)(strlen(name) - strlen("_file")), name);
    if (path == NULL)
        return FZ_OK;
    if (fz_tree_entry(map, member) != NULL)
        return fz_world_fault(bringing->fault, path->line, path->column, "`%s` and `%s` say the same: take one of them out.", name,
                              member);
    if (bringing->beside == NULL)
        return fz_world_fault(bringing->fault, path->line, path->column, "No file can be named here: write `%s`.", member);
    enum fz_result result = read_named(bringing, path, text);
    if (result == FZ_OK && fz_tree_put(&bringing->file->arena, map, name, member, text) != FZ_OK)
        result = fz_world_fault(bringing->fault, path->line, path->column, "The files named up to here take too much memory.");
    OPENSSL_cleanse(text, sizeof text);
    return result;
}

static enum fz_result bring_all(const struct bringing *bringing)
{
    const struct fz_node *merchants = fz_tree_member(bringing->file->root, "merchants");
    const struct fz_node *platform = fz_tree_member(bringing->file->root, "platform");
    enum fz_result result = FZ_OK;
    for (size_t n = 0; n < sizeof named / sizeof named[0] && result == FZ_OK; n++) {
        result = bring(bringing, platform, named[n]);
        for (size_t i = 0; i < merchants->count && result == FZ_OK; i++)
            result = bring(bringing, merchants->entries[i].value, named[n]);
    }
    return result;
}

/* ---- reading ---- */

enum fz_result fz_world_file_parse(const char *text, size_t size, const char *beside, struct fz_world_file **out,
                                   struct fz_world_fault *fault)
{
    struct fz_world_file *file = calloc(1, sizeof *file);
    if (file == NULL)
        return fz_world_fault(fault, 0, 0, "Memory is short. Make room, then try again.");
    const struct bringing bringing = {.file = file, .beside = beside, .fault = fault};
    enum fz_result result = fz_tree_read(text, size, &file->arena, &file->root, fault);
    if (result == FZ_OK && file->root->kind != FZ_NODE_MAP)
        result = fz_world_fault(fault, file->root->line, file->root->column,
                                "A world is a mapping: it begins with `fenzhang: 1`, then `merchants:`.");
    if (result == FZ_OK)
        result = fz_world_check_map(file->root, fz_world_rows, fault);
    if (result == FZ_OK)
        result = bring_all(&bringing);
    if (result == FZ_OK)
        *out = file;
    else
        fz_world_file_free(file);
    return result;
}

struct fz_world_file *fz_world_file_demo(void)
{
    struct fz_world_fault fault = {0};
    struct fz_world_file *file = NULL;
    if (fz_world_file_parse(fz_demo_world, strlen(fz_demo_world), NULL, &file, &fault) != FZ_OK)
        return NULL; /* memory was short: a test reads it */
    file->demo = true;
    return file;
}

static enum fz_result tell_unreadable(struct fz_world_fault *fault, int error)
{
    (void)fz_world_fault(fault, 0, 0, "It cannot be read: %s. Name a file that this user can read.", strerrordesc_np(error));
    return FZ_FAILED;
}

/* Opened once: it may be a pipe, which gives what it has once. */
static enum fz_result read_whole(const char *path, char **out, size_t *size, struct fz_world_fault *fault)
{
    FILE *file = fopen(path, "re");
    char *text = file == NULL ? NULL : malloc(FZ_WORLD_FILE_MAX + 2);
    if (text == NULL) {
        int error = errno;
        if (file != NULL)
            fclose(file);
        return tell_unreadable(fault, error);
    }
    errno = 0;
    *size = fread(text, 1, FZ_WORLD_FILE_MAX + 1, file); /* one more than may be, by which a longer one is told */
    bool failed = ferror(file) != 0;
    int error = errno;
    fclose(file);
    if (failed) {
        free(text);
        return tell_unreadable(fault, error);
    }
    *out = text;
    return FZ_OK;
}

enum fz_result fz_world_file_read(const char *path, struct fz_world_file **out, struct fz_world_fault *fault)
{
    char folder[FZ_PATH_SIZE], *text = NULL;
    size_t size = 0;
    if (!fz_copy(folder, sizeof folder, path))
        return fz_world_fault(fault, 0, 0, "Its path is too long.");
    enum fz_result result = read_whole(path, &text, &size, fault);
    if (result == FZ_OK)
        result = fz_world_file_parse(text, size, dirname(folder), out, fault);
    if (text != NULL)
        OPENSSL_cleanse(text, size);
    free(text);
    return result;
}

/* As JSON, in which what files it named have in them stands in their place. New; NULL when memory is short. */
static char *write_down(const struct fz_world_file *file, size_t *size)
{
    char *text = fz_world_json_text(file->root);
    *size = text == NULL ? 0 : strlen(text);
    return text;
}

/* ---- what it leaves open ---- */

static bool has_identity(const struct fz_node *merchant)
{
    return fz_world_has(merchant, "private_key") || fz_world_has(merchant, "certificate") ||
           fz_world_has(merchant, "merchant_public_key");
}

static enum fz_result put_key(struct fz_world_file *file, const struct fz_node *map, const char *name)
{
    FZ_CLEANUP(fz_key_drop) EVP_PKEY *key = fz_key_new();
    FZ_CLEANUP(fz_text_wipe) struct fz_text pem = {.max = FZ_PEM_MAX};
    enum fz_result result = key == NULL ? FZ_FAILED : fz_key_write(key, &pem);
    return result == FZ_OK ? fz_tree_put(&file->arena, map, NULL, name, pem.data) : result;
}

static enum fz_result complete_merchant(struct fz_world_file *file, const struct fz_node *merchant)
{
    char drawn[FZ_APIV3_KEY_SIZE + 1];
    enum fz_result result = FZ_OK;
    if (strcmp(fz_world_text(merchant, "kind"), "sub") == 0)
        return FZ_OK;
    if (!has_identity(merchant))
        result = put_key(file, merchant, "private_key");
    if (result != FZ_OK || fz_world_has(merchant, "apiv3_key"))
        return result;
    fz_random_text(drawn, sizeof drawn);
    return fz_tree_put(&file->arena, merchant, NULL, "apiv3_key", drawn);
}

static bool uses_public_key(const struct fz_node *merchant)
{
    return fz_world_word(merchant, "public_key", fz_public_key_use_words, 0) > 0 ||
           fz_world_word(merchant, "callbacks_signed_by", fz_signer_words, 0) > 0;
}

/* The platform's public key is made where somebody uses it. */
static enum fz_result complete_platform(struct fz_world_file *file, bool is_used)
{
    const struct fz_node *platform = fz_tree_member(file->root, "platform");
    if (!is_used || fz_world_has(platform, "public_key_private_key"))
        return FZ_OK;
    if (platform == NULL) {
        struct fz_node *made = fz_arena_take(&file->arena, sizeof *made);
        struct fz_tree_entry entry = {.name = "platform", .line = file->root->line, .column = file->root->column, .value = made};
        if (made == NULL)
            return FZ_FULL;
        *made = (struct fz_node){.kind = FZ_NODE_MAP, .line = entry.line, .column = entry.column, .weight = 1, .height = 1};
        if (fz_tree_add(&file->arena, (struct fz_node *)(uintptr_t)file->root, &entry) != FZ_OK)
            return FZ_FULL;
        platform = made;
    }
    return put_key(file, platform, "public_key_private_key");
}

/* The book keeps it whole. */
static enum fz_result check_size(const struct fz_world_file *file, struct fz_world_fault *fault)
{
    size_t size = 0;
    char *text = file->demo ? NULL : write_down(file, &size);
    if (text != NULL)
        OPENSSL_cleanse(text, size);
    free(text);
    return size <= FZ_WORLD_FILE_MAX ? FZ_OK
                                     : fz_world_fault(fault, 0, 0, "With the keys and files that belong to it, it is longer than 4 MiB, "
                                                                   "which a world may be at most. Make it shorter.");
}

enum fz_result fz_world_file_complete(struct fz_world_file *file, struct fz_world_fault *fault)
{
    const struct fz_node *merchants = fz_tree_member(file->root, "merchants");
    bool public_key = false;
    enum fz_result result = FZ_OK;
    for (size_t i = 0; i < merchants->count && result == FZ_OK; i++) {
        const struct fz_node *merchant = merchants->entries[i].value;
        public_key = public_key || uses_public_key(merchant);
        result = complete_merchant(file, merchant);
    }
    if (result == FZ_OK)
        result = complete_platform(file, public_key);
    if (result != FZ_OK)
        return fz_world_fault(fault, 0, 0, "Memory is short for the keys that it leaves open. Make room.");
    return check_size(file, fault);
}

bool fz_world_has_limits(const struct fz_world_file *file)
{
    return file == NULL || fz_world_word(file->root, "limits", fz_world_limits_words, 0) == 0;
}

/* ---- in the book ---- */

enum fz_result fz_world_file_store(struct fz_tx *tx, const struct fz_secrets *secrets, const struct fz_world_file *file)
{
    if (file->demo)
        return FZ_OK; /* it is in every program */
    size_t size;
    char *text = write_down(file, &size);
    if (text == NULL)
        return FZ_FAILED;
    FZ_CLEANUP(fz_text_done) struct fz_text sealed = {.max = FZ_WORLD_FILE_MAX + SEALED_MORE};
    enum fz_result result =
        size > FZ_WORLD_FILE_MAX ? FZ_FULL : fz_secret_seal(secrets, "world", "1", text, size, &sealed);
    OPENSSL_cleanse(text, size);
    free(text);
    if (result == FZ_OK)
        result = fz_run(tx, &world_clear, NULL, 0, NULL);
    return result == FZ_OK ? fz_run(tx, &world_insert, FZ_VALUES(FZ_B(sealed.data, sealed.size)), NULL) : result;
}

enum fz_result fz_world_file_load(struct fz_tx *tx, const struct fz_secrets *secrets, struct fz_world_file **out)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(tx, &world_read, NULL, 0, &row);
    if (result != FZ_OK)
        return result;
    FZ_CLEANUP(fz_text_wipe) struct fz_text text = {.max = FZ_WORLD_FILE_MAX};
    struct fz_world_fault fault = {0};
    size_t size;
    const void *sealed = fz_bytes(&row, 0, &size);
    result = fz_secret_open(secrets, "world", "1", sealed, size, &text);
    if (result == FZ_OK)
        result = fz_world_file_parse(text.data, text.size, NULL, out, &fault);
    return result == FZ_OK ? FZ_OK : FZ_FAILED;
}
