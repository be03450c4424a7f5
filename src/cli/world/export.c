/* fenzhang world export: a book, at rest or held by a server, written down as a world. */
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/local/place.h"
#include "cli/server/data_path.h"
#include "cli/world/commands.h"
#include "server/birth/export.h"
#include "server/birth/trial.h"
#include "server/data/data_directory.h"
#include "world/write.h"

#define TEXT_MAX (64 << 20)

struct options {
    const char *data, *store_url, *secret_file;
    bool keys;
    struct fz_place_options place;
};

static const struct argp_option options[] = {
    {"data", 'd', "DIR", 0, "Of the book in this data directory; where a server holds it, that one is asked", 0},
    {"store", 'u', "URL", 0, "With --data: the book, where it is not DIR/book.db: sqlite:PATH or postgresql://…", 0},
    {"keys", 'k', NULL, 0, "With private keys and APIv3 keys", 0},
    {"secret-file", 's', "FILE", 0, "What seals the keys in the book (DIR/secret.key)", 0},
    {0}};

static error_t take_option(int key, char *argument, struct argp_state *state)
{
    struct options *into = state->input;
    switch (key) {
    case 'd':
        into->data = argument;
        return 0;
    case 'u':
        into->store_url = argument;
        return 0;
    case 'k':
        into->keys = true;
        return 0;
    case 's':
        into->secret_file = argument;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* ---- telling ---- */

/* What is written down is a world like any other: it is looked at before somebody relies on it. */
static void try_it(const char *text, size_t size)
{
    struct fz_world_file *file = NULL;
    struct fz_world_fault fault = {0};
    char why[FZ_WORLD_WHY_SIZE];
    enum fz_result result = fz_world_file_parse(text, size, NULL, &file, &fault);
    if (result == FZ_OK)
        result = fz_world_try(file, &fault);
    fz_world_file_free(file);
    if (result == FZ_OK)
        return;
    fz_world_fault_write(&fault, "the world", why, sizeof why);
    fprintf(stderr, "fenzhang: as it is written here it cannot be told, because the book has been through more than a file can say. %s\n",
            why);
}

static int tell(const json_t *told)
{
    struct fz_text text = {.max = TEXT_MAX};
    const json_t *sentence;
    size_t i;
    fz_text_string(&text, "# A book as a file, by fenzhang world export.\n");
    json_array_foreach(json_object_get(told, "left_out"), i, sentence)
    {
        fz_text_format(&text, "# %s\n", json_string_value(sentence));
        fprintf(stderr, "fenzhang: %s\n", json_string_value(sentence));
    }
    fz_world_write(json_object_get(told, "world"), &text);
    int status = text.failed ? FZ_EXIT_TROUBLE : FZ_EXIT_DONE;
    if (text.failed)
        fputs("fenzhang: the file would be too long, or memory is short.\n", stderr);
    else
        fwrite(text.data, 1, text.size, stdout);
    if (!text.failed)
        try_it(text.data, text.size);
    if (text.data != NULL)
        OPENSSL_cleanse(text.data, text.size);
    fz_text_done(&text);
    return status;
}

/* ---- of a server ---- */

static int ask(const struct options *with)
{
    struct fz_place place;
    struct fz_place_answer answer = {0};
    int status = fz_place_find(&with->place, &place) ? FZ_EXIT_DONE : FZ_EXIT_TROUBLE;
    if (status == FZ_EXIT_DONE)
        status = fz_place_ask(&place, "GET", with->keys ? "/world?keys=1" : "/world", NULL, &answer);
    if (status == FZ_EXIT_DONE)
        status = fz_place_judge(&answer);
    if (status == FZ_EXIT_DONE)
        status = tell(answer.json);
    fz_place_answer_done(&answer);
    fz_place_done(&place);
    return status;
}

/* ---- of a file ---- */

struct reading {
    const struct options *with;
    struct fz_secrets secrets;
    json_t *told;
};

static enum fz_result export(struct fz_tx *tx, void *argument)
{
    struct reading *reading = argument;
    json_decref(reading->told);
    reading->told = NULL;
    return fz_world_export(tx, &reading->secrets, reading->with->keys, &reading->told);
}

static enum fz_result read_secrets(struct reading *reading, const char *data, char *why, size_t why_size)
{
    char path[FZ_PATH_SIZE];
    const char *file = reading->with->secret_file;
    if (file == NULL && fz_path_join(path, data, "secret.key") != FZ_OK)
        return FZ_FAILED;
    return fz_secrets_load(file == NULL ? path : file, false, &reading->secrets, why, why_size);
}

static enum fz_result read_store(struct fz_store *store, struct reading *reading, char *why, size_t why_size)
{
    enum fz_result result = fz_store_read_once(store, export, reading);
    if (result == FZ_FULL)
        snprintf(why, why_size, "The book has more to tell than the %d steps that a file may have. Take a snapshot instead.",
                 FZ_WORLD_EXPORT_STEPS);
    else if (result != FZ_OK)
        snprintf(why, why_size, "The book cannot be read. Look at the disk; nothing was changed.");
    return result == FZ_OK ? FZ_OK : FZ_FAILED;
}

/* FZ_CONFLICT: a server holds it. */
static enum fz_result read_book(const char *path, const char *data, struct reading *reading, char *why, size_t why_size)
{
    static const unsigned char nothing[32]; /* an export draws no values */
    struct fz_store *store = NULL;
    struct fz_world *world = fz_world_new(false, 0, nothing);
    struct fz_store_options with = {.path = path, .world = world};
    enum fz_result result = world == NULL ? FZ_FAILED : read_secrets(reading, data, why, why_size);
    if (result == FZ_OK)
        result = fz_store_open(&with, &store, why, why_size);
    if (result == FZ_OK) {
        result = read_store(store, reading, why, why_size);
        fz_store_close(store);
    }
    fz_world_free(world);
    return result;
}

static int run_file(struct options *with, const char *data)
{
    char path[FZ_PATH_SIZE], why[FZ_PATH_SIZE + 1200] = "memory is short";
    struct reading reading = {.with = with};
    enum fz_result result = fz_book_path(data, with->store_url, path, why, sizeof why);
    if (result == FZ_OK && !fz_store_is_shared(path) && access(path, F_OK) != 0) {
        snprintf(why, sizeof why, "there is no book in %s. Name its data directory with --data.", data);
        result = FZ_FAILED;
    }
    if (result == FZ_OK)
        result = read_book(path, data, &reading, why, sizeof why);
    with->place.data = data;
    int status = result == FZ_CONFLICT ? ask(with) : result == FZ_OK ? tell(reading.told) : FZ_EXIT_TROUBLE;
    if (result != FZ_OK && result != FZ_CONFLICT)
        fprintf(stderr, "fenzhang: %s\n", why);
    json_decref(reading.told);
    OPENSSL_cleanse(&reading.secrets, sizeof reading.secrets);
    return status;
}

static const struct argp argp = {
    options,
    take_option,
    NULL,
    "Prints a book as a world: merchants and receivers as they are, and a story that leads there, from its journal. What a file "
    "cannot carry is said on standard error and at the head of the file; so it is if the file cannot be told as it stands. Without "
    "--data a running server is asked.\v"
    "Examples:\n"
    "  fenzhang world export > now.yaml\n"
    "      of the server that FENZHANG_ENV or --control names\n"
    "  fenzhang world export --data ./data --keys > whole.yaml\n"
    "      with private keys: keep it as you keep those\n"
    "\n"
    "Exit status: 0 done; 1 the server refused; 2 the book could not be read.",
    NULL,
    NULL,
    NULL};

static int run(int argc, char **argv)
{
    struct options with = {0};
    char data[FZ_PATH_SIZE];
    fz_arguments_parse_shared(&fz_world_export_command, argc, argv, &with, &with.place);
    if (with.data == NULL)
        return ask(&with);
    return fz_data_path(with.data, data) ? run_file(&with, data) : FZ_EXIT_TROUBLE;
}

const struct fz_command fz_world_export_command = {
    .name = "export",
    .summary = "prints a book as a world",
    .argp = &argp,
    .shared = &fz_place_argp,
    .run = run,
};
