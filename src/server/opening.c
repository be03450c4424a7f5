/* The book that the server serves: where it lies, opened with its secret, found as it was made, or made. */
#include "server/life.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/server/log.h"
#include "base/text.h"
#include "server/birth/creation.h"
#include "server/birth/fork.h"
#include "server/control/calls/world_faults.h"
#include "server/data/data_directory.h"
#include "server/keys/identity.h"
#include "server/snapshot/shelf.h"

enum fz_result fz_life_read_world(struct fz_server *server, char *why, size_t why_size)
{
    struct fz_world_fault fault = {0};
    const char *path = server->options.world_file;
    if (path == NULL && server->options.demo) {
        server->world_file = fz_world_file_demo();
        return server->world_file == NULL ? fz_life_short(why, why_size) : FZ_OK;
    }
    if (path == NULL)
        return FZ_OK;
    enum fz_result result = fz_world_file_read(path, &server->world_file, &fault);
    if (result == FZ_OK)
        result = fz_world_faults_check(server->world_file, &fault);
    if (result == FZ_OK)
        return FZ_OK;
    fz_world_fault_write(&fault, path, why, why_size);
    return FZ_FAILED;
}

enum fz_result fz_life_place_book(struct fz_server *server, char *why, size_t why_size)
{
    const struct fz_server_options *options = &server->options;
    const struct fz_fork fork = {.from = options->from,
                                 .data = options->data,
                                 .book = server->book_path,
                                 .secret_file = options->secret_file,
                                 .asked = &server->asked};
    enum fz_result result = fz_book_path(options->data, options->store_url, server->book_path, why, why_size);
    fz_snapshots_sweep(options->data);
    return result == FZ_OK && options->from != NULL ? fz_fork_make(&fork, why, why_size) : result;
}

/* A secret is made for a new book only: keys that are sealed in one that exists open with their own. */
static enum fz_result load_secrets(struct fz_server *server, const char *book, char *why, size_t why_size)
{
    const char *file = server->options.secret_file;
    char *path = server->secret_path;
    if (file != NULL)
        fz_copy(path, sizeof server->secret_path, file);
    else if (fz_path_join(path, server->options.data, "secret.key") != FZ_OK)
        return fz_life_short(why, why_size);
    if (fz_store_is_shared(book)) /* who may not make one finds that the book's keys do not open with it */
        return fz_secrets_load(path, true, &server->secrets, why, why_size);
    /* Where a secret was made for a book that should lie beside it, there was a book. */
    bool used = file == NULL && server->options.store_url == NULL && access(path, F_OK) == 0;
    bool fresh = access(book, F_OK) != 0;
    enum fz_result result = fz_store_expect(book, used, why, why_size);
    if (result != FZ_OK)
        return result;
    return fz_secrets_load(path, fresh, &server->secrets, why, why_size);
}

static void tell(const char *sentence)
{
    fz_log_error("%s", sentence);
}

static void note(const char *sentence)
{
    fz_log_info("%s", sentence);
}

static enum fz_result open_store(struct fz_server *server, char *why, size_t why_size)
{
    const struct fz_server_options *options = &server->options;
    enum fz_result result = load_secrets(server, server->book_path, why, why_size);
    if (result != FZ_OK)
        return result;
    server->world = fz_world_new(options->seeded, options->seed, server->secrets.draws);
    if (server->world == NULL)
        return fz_life_short(why, why_size);
    struct fz_store_options store = {.path = server->book_path,
                                     .world = server->world,
                                     .writers = options->store_connections,
                                     .one_by_one = options->store_unpipelined,
                                     .unprepared = options->store_unprepared,
                                     .tell = tell,
                                     .note = note,
                                     .another = fz_life_turn_to_the_book,
                                     .another_argument = server};
    return fz_store_open(&store, &server->store, why, why_size);
}

static enum fz_result load_origin(struct fz_tx *tx, void *origin)
{
    return fz_origin_load(tx, origin);
}

/* Keys that one process seals, all have to open; and links to bills hold wherever they are shown. */
static enum fz_result check_secret(struct fz_server *server, const struct fz_origin *origin, char *why, size_t why_size)
{
    const struct fz_server_options *options = &server->options;
    if (origin->secret_check[0] == '\0' || strcmp(origin->secret_check, server->secrets.check) == 0)
        return FZ_OK;
    if (fz_store_is_shared(server->book_path))
        snprintf(why, why_size,
                 "The keys in the book do not open with the secret in %s%s: the book was made with another one, and all of its processes need "
                 "that. Copy the secret file of a process that serves it, and name it with --secret-file.",
                 options->secret_file == NULL ? options->data : options->secret_file,
                 options->secret_file == NULL ? "/secret.key" : "");
    else
        snprintf(why, why_size,
                 "The keys in the book do not open with this secret. Put back the secret.key that the book was made with, or name it "
                 "with --secret-file.");
    return FZ_FAILED;
}

/* A book that was made with a seed goes on with it; another seed would make it another book. */
static enum fz_result check_seed(struct fz_server *server, const struct fz_origin *origin, char *why,
                                 size_t why_size)
{
    const struct fz_server_options *options = &server->options;
    if (!options->seeded || (origin->seeded && origin->seed == options->seed)) {
        fz_origin_draw(origin, &server->secrets, server->world);
        return FZ_OK;
    }
    if (origin->seeded)
        snprintf(why, why_size,
                 "The book in %s was made with --seed %llu, and a book keeps its seed. Leave --seed away, or "
                 "name another data directory.",
                 options->data, (unsigned long long)origin->seed);
    else
        snprintf(why, why_size,
                 "The book in %s was made without --seed, and a book stays as it was made. Leave --seed "
                 "away, or name another data directory.",
                 options->data);
    return FZ_FAILED;
}

static enum fz_result load_world(struct fz_tx *tx, void *argument)
{
    struct fz_server *server = argument;
    struct fz_origin origin;
    struct fz_world_file *file = NULL;
    enum fz_result result = fz_origin_load(tx, &origin);
    if (result == FZ_OK)
        result = fz_book_file(tx, &server->secrets, &origin, &file);
    fz_world_file_free(server->world_file);
    server->world_file = file;
    return result;
}

/* Whatever file is named now: a book stays what it began as. */
static enum fz_result open_old_book(struct fz_server *server, const struct fz_origin *origin, char *why, size_t why_size)
{
    enum fz_result result = check_secret(server, origin, why, why_size);
    if (result == FZ_OK)
        result = check_seed(server, origin, why, why_size);
    if (result != FZ_OK)
        return result;
    if (server->options.world_file != NULL)
        fz_log_info("the book in %s is there already and was opened as it is: %s is for a new one. To tell it, name another data "
                    "directory",
                    server->options.data, server->options.world_file);
    if (fz_store_read_once(server->store, load_world, server) == FZ_OK)
        return FZ_OK;
    snprintf(why, why_size,
             "The world that the book in %s began as cannot be read with this secret. Put back the secret.key that the book was made "
             "with, or name it with --secret-file.",
             server->options.data);
    return FZ_FAILED;
}

static enum fz_result make_book(struct fz_server *server, struct fz_origin *origin, char *why, size_t why_size)
{
    const struct fz_book_place place = {
        .world = server->world, .store = server->store, .secrets = &server->secrets};
    *origin = (struct fz_origin){
        .seeded = server->options.seeded, .seed = server->options.seed, .demo = server->options.demo};
    struct fz_world_fault fault = {0};
    enum fz_result result = fz_book_create(&place, server->world_file, origin, &fault);
    if (result == FZ_OK)
        fz_store_checkpoint(server->store); /* the book's file alone is the whole book from the beginning */
    else if (result != FZ_CONFLICT)
        fz_world_fault_write(&fault, server->options.world_file, why, why_size);
    return result;
}

/* Finds how the book was made, or makes it; of several processes that begin at the same time one does, and the others find it made. */
static enum fz_result find_or_make(struct fz_server *server, struct fz_origin *origin, char *why, size_t why_size)
{
    enum fz_result result = fz_store_read_once(server->store, load_origin, origin);
    if (result == FZ_ABSENT) {
        result = make_book(server, origin, why, why_size);
        if (result != FZ_CONFLICT)
            return result;
        result = fz_store_read_once(server->store, load_origin, origin);
    }
    if (result == FZ_OK)
        return open_old_book(server, origin, why, why_size);
    snprintf(why, why_size,
             "The book in %s cannot be read. Look at the disk and at the system's log; nothing was changed.",
             server->options.data);
    return FZ_FAILED;
}

static enum fz_result load_keys(struct fz_server *server, char *why, size_t why_size)
{
    server->directory = fz_directory_holder_new(server->store, &server->secrets);
    if (server->directory == NULL)
        return fz_life_short(why, why_size);
    if (fz_directory_reload(server->directory) == FZ_OK)
        return FZ_OK;
    struct fz_store_health health;
    fz_store_health(server->store, &health);
    if (health.damaged) {
        snprintf(why, why_size,
                 "The book %s/book.db is damaged: what was read of it cannot be. Nothing was changed. Put back a copy, or look "
                 "at the disk.",
                 server->options.data);
        return FZ_FAILED;
    }
    snprintf(why, why_size,
             "The keys in the book do not open with this secret. Put back the secret.key that the book "
             "was made with, or name it with "
             "--secret-file.");
    return FZ_FAILED;
}

enum fz_result fz_life_open_book(struct fz_server *server, struct fz_origin *origin, char *why, size_t why_size)
{
    enum fz_result result = open_store(server, why, why_size);
    if (result == FZ_OK)
        result = find_or_make(server, origin, why, why_size);
    if (result == FZ_OK)
        result = load_keys(server, why, why_size);
    if (result == FZ_OK)
        fz_copy(server->book, sizeof server->book, origin->name);
    return result;
}
