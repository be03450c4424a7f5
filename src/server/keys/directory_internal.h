/* What a version of the directory is made of. For its own files alone. */
#ifndef FZ_SERVER_KEYS_DIRECTORY_INTERNAL_H
#define FZ_SERVER_KEYS_DIRECTORY_INTERNAL_H

#include "server/keys/directory.h"

struct fz_directory {
    atomic_size_t references;
    uint64_t version;
    struct fz_changes changes; /* that it is as new as */
    /* Callers and keys in the order of their numbers, the platform's keys oldest first, as the statements
     * give them. */
    struct fz_caller *callers;
    struct fz_merchant_key *keys;
    struct fz_platform_key *platform;
    size_t caller_count, key_count, platform_count;
};

struct fz_caller *fz_directory_find_caller(const struct fz_directory *directory, const char *mchid);

#endif
