/* Worlds: their directories, and their servers' life. */
#include "cli/local/worlds.h"

#include <errno.h>
#include <ftw.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/data/data_directory.h"

#define DEPTH_MAX 16 /* descriptors that a removal may use */
#define WHY_SIZE  (FZ_PATH_SIZE + 1200)

/* ---- directories ---- */

/* False after a message. */
static bool make_place(struct fz_worlds *worlds)
{
    const char *below = getenv("TMPDIR");
    if (below == NULL || below[0] != '/')
        below = "/tmp";
    if (asprintf(&worlds->place, "%s/fenzhang-run-XXXXXX", below) < 0) {
        worlds->place = NULL;
    } else if (mkdtemp(worlds->place) == NULL) {
        free(worlds->place);
        worlds->place = NULL;
    }
    if (worlds->place != NULL)
        return true;
    fprintf(stderr, "fenzhang: no directory can be made in %s (%s). Make room there, or set TMPDIR.\n", below,
            strerrordesc_np(errno));
    return false;
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *where)
{
    (void)about, (void)kind, (void)where;
    (void)remove(path);
    return 0; /* and the others */
}

/* ---- servers ---- */

struct start {
    struct fz_local_world *world;
    struct fz_server_options options;
    enum fz_result result;
    char why[WHY_SIZE];
};

static void *start_one(void *argument)
{
    struct start *start = argument;
    start->result = fz_server_start(&start->options, &start->world->server, start->why, sizeof start->why);
    return NULL;
}

/* From a book that is there. */
static void be_fork(struct start *start, const char *from)
{
    start->options.demo = false;
    start->options.world_file = NULL;
    start->options.from = from;
}

/* The first one's book is made; the others are forks of it, beside each other. */
static void start_all(struct start *starts, size_t count)
{
    pthread_t threads[FZ_WORLDS_MAX];
    bool beside[FZ_WORLDS_MAX] = {false};
    start_one(&starts[0]);
    for (size_t i = 1; i < count && starts[0].result == FZ_OK; i++) {
        be_fork(&starts[i], starts[0].options.data);
        beside[i] = pthread_create(&threads[i], NULL, start_one, &starts[i]) == 0;
        if (!beside[i])
            start_one(&starts[i]);
    }
    for (size_t i = 1; i < count; i++)
        if (beside[i])
            pthread_join(threads[i], NULL);
}

/* False after a message. */
static bool have_started(const struct start *starts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (starts[i].result != FZ_OK) {
            fprintf(stderr, "fenzhang: %s\n", starts[i].why);
            return false;
        }
    return true;
}

static bool name_paths(struct fz_worlds *worlds, size_t number)
{
    struct fz_local_world *world = &worlds->list[number];
    if (asprintf(&world->data, "%s/%zu", worlds->place, number) < 0)
        world->data = NULL;
    if (world->data == NULL || asprintf(&world->demo_env, "%s/demo.env", world->data) < 0)
        world->demo_env = NULL;
    return world->demo_env != NULL;
}

bool fz_worlds_start(struct fz_worlds *worlds, size_t count, const struct fz_server_options *options)
{
    *worlds = (struct fz_worlds){.count = count};
    if (!make_place(worlds))
        return false;
    struct start *starts = calloc(count, sizeof *starts);
    bool good = starts != NULL;
    for (size_t i = 0; good && i < count; i++) {
        good = name_paths(worlds, i);
        starts[i].world = &worlds->list[i];
        starts[i].options = *options;
        starts[i].options.data = worlds->list[i].data;
    }
    if (!good)
        fputs("fenzhang: memory is short. Make room, then try again.\n", stderr);
    else
        start_all(starts, count);
    good = good && have_started(starts, count);
    free(starts);
    return good;
}

void fz_worlds_stop(struct fz_worlds *worlds, bool keep)
{
    for (size_t i = 0; i < worlds->count; i++) {
        struct fz_local_world *world = &worlds->list[i];
        if (world->server != NULL)
            fz_server_stop(world->server);
        free(world->data);
        free(world->demo_env);
    }
    if (worlds->place != NULL && keep)
        fprintf(stderr, "fenzhang: kept in %s: fenzhang serve --data %s/0\n", worlds->place, worlds->place);
    else if (worlds->place != NULL)
        (void)nftw(worlds->place, remove_one, DEPTH_MAX, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
    free(worlds->place);
    *worlds = (struct fz_worlds){0};
}
