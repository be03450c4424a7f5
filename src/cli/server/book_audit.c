/* A book's file, opened and re-added. */
#include "cli/server/book_audit.h"

#include <stdio.h>

#include "server/keys/directory.h"

static enum fz_result read_book(struct fz_store *store, struct fz_audit *out, struct fz_error *error)
{
    struct fz_reader *reader = NULL;
    enum fz_result result = fz_reader_open(store, &reader);
    if (result == FZ_OK)
        result = fz_audit_book(store, reader, out, error);
    fz_reader_close(reader);
    return result;
}

static enum fz_result open_keys(struct fz_store *store, const struct fz_secrets *secrets)
{
    struct fz_directory_holder *holder = fz_directory_holder_new(store, secrets);
    enum fz_result result = holder == NULL ? FZ_FAILED : fz_directory_reload(holder);
    fz_directory_holder_free(holder);
    return result;
}

static enum fz_result look(struct fz_store *store, const char *path, const struct fz_secrets *secrets, struct fz_audit *out,
                           char *why, size_t why_size)
{
    struct fz_error error = {0};
    enum fz_result result = read_book(store, out, &error);
    if (result == FZ_FULL) {
        snprintf(why, why_size, "The book %s was not audited: %s.", path, error.issue);
        return FZ_FAILED;
    }
    if (result != FZ_OK) {
        snprintf(why, why_size, "The book %s cannot be read: %s. Look at the disk; nothing was changed.", path,
                 error.issue[0] == '\0' ? "no reason given" : error.issue);
        return FZ_FAILED;
    }
    if (secrets == NULL || open_keys(store, secrets) == FZ_OK)
        return FZ_OK;
    snprintf(why, why_size, "The keys in the book do not open with this secret. Take the secret.key that the book was made with.");
    return FZ_REFUSED;
}

static enum fz_result open_and_look(const char *path, bool half_made, const struct fz_secrets *secrets, struct fz_audit *out, char *why,
                                    size_t why_size)
{
    static const unsigned char nothing[32]; /* an audit draws no values */
    struct fz_store *store = NULL;
    struct fz_world *world = fz_world_new(false, 0, nothing);
    struct fz_store_options with = {.path = path, .world = world, .as_it_is = true, .half_made = half_made};
    snprintf(why, why_size, "Memory is short.");
    enum fz_result result = world == NULL ? FZ_FAILED : fz_store_open(&with, &store, why, why_size);
    if (result == FZ_OK) {
        result = look(store, path, secrets, out, why, why_size);
        fz_store_close(store);
    }
    fz_world_free(world);
    return result;
}

enum fz_result fz_book_audit(const char *path, const struct fz_secrets *secrets, struct fz_audit *out, char *why, size_t why_size)
{
    return open_and_look(path, false, secrets, out, why, why_size);
}

enum fz_result fz_book_audit_copy(const char *path, const struct fz_secrets *secrets, struct fz_audit *out, char *why, size_t why_size)
{
    return open_and_look(path, true, secrets, out, why, why_size);
}
