/* Servers of this process, each with a demo book in a directory of its own: a world a piece. */
#ifndef FZ_CLI_LOCAL_WORLDS_H
#define FZ_CLI_LOCAL_WORLDS_H

#include <stdbool.h>
#include <stddef.h>

#include "server/server.h"

#define FZ_WORLDS_MAX 64

struct fz_worlds {
    char *place; /* the directory that those of all worlds lie in */
    size_t count;
    struct fz_local_world {
        char *data, *demo_env; /* its directory, and the file there that tells its names */
        struct fz_server *server;
    } list[FZ_WORLDS_MAX];
};

/* Makes the directories and starts the servers, each as `options` say, which `data` is not asked of; the others fork the book
 * of the first. False after a message; fz_worlds_stop either way. */
bool fz_worlds_start(struct fz_worlds *worlds, size_t count, const struct fz_server_options *options);
/* Ends the servers, and removes the directories unless they are to be kept. */
void fz_worlds_stop(struct fz_worlds *worlds, bool keep);

/* The environment of a program in the world of that number: this process's own, what the demo.env says, FENZHANG_WORLD and
 * FENZHANG_ENV. New, NULL-ended: fz_world_environment_free. NULL after a message. */
char **fz_world_environment(const struct fz_worlds *worlds, size_t number);
void fz_world_environment_free(char **environment);

#endif
