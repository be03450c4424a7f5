/* The file that a book begins as: read from a disk, or from the book that was made of it. */
#ifndef FZ_SERVER_BIRTH_WORLD_FILE_H
#define FZ_SERVER_BIRTH_WORLD_FILE_H

#include "server/keys/secrets.h"
#include "store/store.h"
#include "world/tree.h"

struct fz_world_file {
    struct fz_arena arena;
    const struct fz_node *root; /* checked by its rows; what files it names have in them stands in their place */
    bool demo;                  /* the demo book's, which is in the program */
};

/* Reads the file and those that it names. What is wrong, with its place, in `fault`; FZ_FAILED: the file itself cannot be read.
 * New: fz_world_file_free. */
FZ_MUST_CHECK enum fz_result fz_world_file_read(const char *path, struct fz_world_file **out, struct fz_world_fault *fault);
/* The same from `size` bytes of text; files are named from `beside`, a directory (NULL: none may be named). */
FZ_MUST_CHECK enum fz_result fz_world_file_parse(const char *text, size_t size, const char *beside, struct fz_world_file **out,
                                                 struct fz_world_fault *fault);
/* The demo book's. New; NULL when memory is short. */
struct fz_world_file *fz_world_file_demo(void);
void fz_world_file_free(struct fz_world_file *file); /* NULL: nothing */

/* Gives those who call, and have no key or APIv3 key, one of each, so that the same are there whenever it is told. */
FZ_MUST_CHECK enum fz_result fz_world_file_complete(struct fz_world_file *file, struct fz_world_fault *fault);

/* Whether the documented limits on requests hold in it; of none (NULL) they do. */
bool fz_world_has_limits(const struct fz_world_file *file);

/* Into the book, sealed, and from there. FZ_ABSENT: the book was not made of a file. */
FZ_MUST_CHECK enum fz_result fz_world_file_store(struct fz_tx *tx, const struct fz_secrets *secrets,
                                                 const struct fz_world_file *file);
FZ_MUST_CHECK enum fz_result fz_world_file_load(struct fz_tx *tx, const struct fz_secrets *secrets, struct fz_world_file **out);

#endif
