/* A place for a test. */
#include "unit/server/place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char place[64];
struct fz_world *place_world;
struct fz_store *place_store;
struct fz_secrets place_secrets;

const char *place_path(const char *name)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", place, name);
    return path;
}

int place_make(void **state)
{
    (void)state;
    strcpy(place, "/tmp/fenzhang-server-XXXXXX");
    place_world = NULL;
    place_store = NULL;
    place_secrets = (struct fz_secrets){0};
    return mkdtemp(place) == NULL ? -1 : 0;
}

void place_reopen(void)
{
    char why[600] = "";
    if (place_store != NULL)
        fz_store_close(place_store);
    fz_world_free(place_world);
    place_world = fz_world_new(true, 7, NULL);
    struct fz_store_options options = {.path = place_path("book.db"), .world = place_world};
    if (fz_store_open(&options, &place_store, why, sizeof why) != FZ_OK)
        fail_msg("%s", why);
}

int place_open(void **state)
{
    if (place_make(state) != 0)
        return -1;
    memset(place_secrets.sealing, 7, sizeof place_secrets.sealing);
    place_reopen();
    return 0;
}

int place_close(void **state)
{
    (void)state;
    char command[128];
    if (place_store != NULL)
        fz_store_close(place_store);
    fz_world_free(place_world);
    snprintf(command, sizeof command, "rm -rf %s", place);
    return system(command);
}

void place_write(fz_work work, void *argument)
{
    struct fz_error error = {0};
    enum fz_result result = fz_store_write(place_store, work, argument, &error);
    if (result != FZ_OK)
        fail_msg("result %d: %s %s", (int)result, fz_row_text(error.row)->name, error.issue);
}
