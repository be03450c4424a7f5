/* A world told into a book of its own, in a directory that is removed afterwards. */
#include "server/birth/trial.h"

#include <errno.h>
#include <ftw.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/server/random.h"
#include "base/text.h"
#include "server/birth/creation.h"
#include "server/data/data_directory.h"

#define DEPTH_MAX 16 /* descriptors that a removal may use */

/* What a book is made of. */
struct trial {
    char directory[FZ_PATH_SIZE];
    struct fz_secrets secrets;
    struct fz_world *world;
    struct fz_store *store;
};

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *where)
{
    (void)about, (void)kind, (void)where;
    (void)remove(path);
    return 0; /* and the others */
}

static void done(struct trial *trial)
{
    if (trial->store != NULL)
        fz_store_close(trial->store);
    fz_world_free(trial->world);
    if (trial->directory[0] != '\0')
        (void)nftw(trial->directory, remove_one, DEPTH_MAX, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
    OPENSSL_cleanse(&trial->secrets, sizeof trial->secrets);
}

static enum fz_result make_directory(struct trial *trial, struct fz_world_fault *fault)
{
    const char *below = getenv("TMPDIR");
    if (fz_path_join(trial->directory, below == NULL || below[0] != '/' ? "/tmp" : below, "fenzhang-world-XXXXXX") == FZ_OK &&
        mkdtemp(trial->directory) != NULL)
        return FZ_OK;
    int error = errno;
    trial->directory[0] = '\0';
    return fz_world_fault(fault, 0, 0, "No directory can be made to try it in: %s. Make room, or set TMPDIR.", strerrordesc_np(error));
}

static enum fz_result open_store(struct trial *trial, struct fz_world_fault *fault)
{
    char path[FZ_PATH_SIZE], why[600] = "Memory is short.";
    fz_random(&trial->secrets, sizeof trial->secrets);
    trial->world = fz_world_new(false, 0, trial->secrets.draws);
    enum fz_result result = trial->world == NULL ? FZ_FAILED : fz_path_join(path, trial->directory, "book.db");
    if (result == FZ_OK)
        result = fz_store_expect(path, false, why, sizeof why);
    if (result == FZ_OK)
        result = fz_store_open(&(struct fz_store_options){.path = path, .world = trial->world}, &trial->store, why, sizeof why);
    return result == FZ_OK ? FZ_OK : fz_world_fault(fault, 0, 0, "%s", why);
}

enum fz_result fz_world_try(struct fz_world_file *file, struct fz_world_fault *fault)
{
    FZ_CLEANUP(done) struct trial trial = {.store = NULL};
    enum fz_result result = make_directory(&trial, fault);
    if (result == FZ_OK)
        result = open_store(&trial, fault);
    if (result != FZ_OK)
        return result;
    const struct fz_book_place place = {.world = trial.world, .store = trial.store, .secrets = &trial.secrets};
    return fz_book_create(&place, file, &(struct fz_origin){.seeded = false}, fault);
}
