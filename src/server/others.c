/* Servers of further stores: started behind the first, checked against the map, stopped after it. */
#include "server/others.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/net/listen.h"

_Static_assert(FZ_OWN_PORTS == 3 + FZ_STORES_MAX, "one for each control interface");

static const struct fz_stores *stores_of(const struct fz_server *first)
{
    return first->options.stores;
}

enum fz_result fz_others_data(char out[FZ_PATH_SIZE], const char *data, const char *name)
{
    char stores[FZ_PATH_SIZE];
    return fz_path_join(stores, data, "stores") == FZ_OK ? fz_path_join(out, stores, name) : FZ_FAILED;
}

/* Puts the store's name before what its server says. */
static enum fz_result say(const struct fz_other_store *store, const char *reason, char *why, size_t why_size)
{
    snprintf(why, why_size, "The store %s: %s", store->name, reason);
    return FZ_FAILED;
}

/* ---- addresses ---- */

static const char *control_of(const struct fz_other_store *store)
{
    return store->control[0] == '\0' ? "127.0.0.1:0" : store->control;
}

static struct fz_others *others_new(void)
{
    struct fz_others *others = calloc(1, sizeof *others);
    for (size_t i = 0; others != NULL && i < FZ_STORES_MAX; i++)
        others->controls[i] = -1;
    return others;
}

enum fz_result fz_others_listen(struct fz_server *first, char *why, size_t why_size)
{
    const struct fz_stores *stores = stores_of(first);
    first->others = others_new();
    if (first->others == NULL) {
        snprintf(why, why_size, "The server cannot start: memory is short. Make room, then start again.");
        return FZ_FAILED;
    }
    for (size_t i = 0; i < stores->count; i++) {
        char host[FZ_HOST_SIZE], reason[1000];
        int *socket = &first->others->controls[i];
        if (fz_listen("control", control_of(&stores->list[i]), socket, host, reason, sizeof reason) != FZ_OK)
            return say(&stores->list[i], reason, why, why_size);
        first->ports[3 + i] = fz_port_of(*socket);
    }
    return FZ_OK;
}

/* ---- start ---- */

/* What the first one's options say of its book and its addresses is not said of another. */
static struct fz_server_options options_of(struct fz_server *first, size_t i)
{
    const struct fz_other_store *store = &stores_of(first)->list[i];
    struct fz_server_options options = first->options;
    options.first = first;
    options.place = i + 1;
    options.data = first->others->data[i];
    options.store_url = store->url;
    options.secret_file = store->secret_file[0] == '\0' ? first->secret_path : store->secret_file;
    options.control = control_of(store);
    memset(&options.handed_over, 0, sizeof options.handed_over);
    options.handed_over.control = first->others->controls[i];
    options.proxy = options.from = options.world_file = NULL;
    options.demo = options.seeded = false;
    return options;
}

static enum fz_result start_one(struct fz_server *first, size_t i, char *why, size_t why_size)
{
    const struct fz_other_store *store = &stores_of(first)->list[i];
    struct fz_others *others = first->others;
    char reason[FZ_PATH_SIZE + 1000] = "";
    if (fz_others_data(others->data[i], first->options.data, store->name) != FZ_OK)
        return say(store, "the data directory's path is too long. Name a shorter one with --data.", why, why_size);
    const struct fz_server_options options = options_of(first, i);
    others->controls[i] = -1; /* it is the server's now */
    if (fz_server_start(&options, &others->servers[i], reason, sizeof reason) != FZ_OK)
        return say(store, reason, why, why_size);
    others->https[i] = others->servers[i]->http;
    return FZ_OK;
}

/* ---- who lies where ---- */

static const struct fz_server *server_of(const struct fz_server *first, size_t place)
{
    return place == 0 ? first : first->others->servers[place - 1];
}

/* Nobody would reach a merchant in another book than where his requests are led. */
static enum fz_result check_merchants(const struct fz_server *first, size_t place, char *why, size_t why_size)
{
    const struct fz_stores *stores = stores_of(first);
    struct fz_directory *directory = fz_directory_present(server_of(first, place)->directory);
    const struct fz_caller *caller = NULL;
    size_t said = place, at = 0;
    while (said == place && (caller = fz_directory_caller_at(directory, at++)) != NULL)
        said = fz_stores_find(stores, caller->mchid);
    if (said != place)
        snprintf(why, why_size,
                 "The merchant %s lies in the book of %s%s, but the map of stores leads him to %s, so nobody would reach him. Set that right in "
                 "the map; if he lies in both books, one of them is the wrong one to serve with this map.",
                 caller->mchid, place == 0 ? "" : "the store ", fz_store_name(stores, place), fz_store_name(stores, said));
    fz_directory_unref(directory);
    return said == place ? FZ_OK : FZ_FAILED;
}

/* Books have names of their own, but those that are older than names. */
static enum fz_result check_books(const struct fz_server *first, size_t place, char *why, size_t why_size)
{
    const char *book = server_of(first, place)->book;
    for (size_t other = 0; other < place && book[0] != '\0'; other++)
        if (strcmp(server_of(first, other)->book, book) == 0) {
            snprintf(why, why_size, "The store %s is the same book as %s. Name another with --store %s=URL.", fz_store_name(stores_of(first), place),
                     fz_store_name(stores_of(first), other), fz_store_name(stores_of(first), place));
            return FZ_FAILED;
        }
    return FZ_OK;
}

enum fz_result fz_others_start(struct fz_server *first, char *why, size_t why_size)
{
    enum fz_result result = FZ_OK;
    const size_t count = stores_of(first)->count;
    for (size_t i = 0; result == FZ_OK && i < count; i++)
        result = start_one(first, i, why, why_size);
    for (size_t place = 0; result == FZ_OK && place <= count; place++)
        result = check_books(first, place, why, why_size);
    for (size_t place = 0; result == FZ_OK && place <= count; place++)
        result = check_merchants(first, place, why, why_size);
    return result;
}

void fz_others_wait_no_more(struct fz_server *first)
{
    for (size_t i = 0; first->others != NULL && i < stores_of(first)->count; i++)
        if (first->others->servers[i] != NULL)
            fz_store_wait_no_more(first->others->servers[i]->store);
}

void fz_others_stop(struct fz_server *first)
{
    struct fz_others *others = first->others;
    for (size_t i = 0; others != NULL && i < stores_of(first)->count; i++) {
        if (others->servers[i] != NULL)
            fz_server_stop(others->servers[i]);
        if (others->controls[i] >= 0)
            close(others->controls[i]);
    }
    free(others);
    first->others = NULL;
}
