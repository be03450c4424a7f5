/* Several hosts: each process begins with one that is drawn, and stays with the one that took it. A host that has gone costs the seconds of a
 * time-out each time it is asked, so it is asked last. */
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/server/random.h"
#include "store/postgres/engine.h"

/* "a,b,c" from its `by`th member on: "b,c,a". New: free. NULL: there is but one, or memory is short. */
static char *turned(const char *list, size_t by)
{
    size_t count = 1, size = list == NULL ? 0 : strlen(list);
    for (size_t i = 0; i < size; i++)
        count += list[i] == ',';
    char *out = count == 1 ? NULL : malloc(size + 1);
    if (out == NULL)
        return NULL;
    const char *first = list;
    for (size_t i = 0; i < by % count; i++)
        first = strchr(first, ',') + 1;
    size_t tail = size - (size_t)(first - list);
    memcpy(out, first, tail);
    if (first != list) { /* the comma before it comes behind it, and then what stood before that */
        out[tail] = ',';
        memcpy(out + tail + 1, list, size - tail - 1);
    }
    out[size] = '\0';
    return out;
}

void fz_hosts_of(const struct fz_store *store, size_t lead, struct fz_hosts *out)
{
    *out = (struct fz_hosts){0};
    PQconninfoOption *options = PQconninfoParse(store->address, NULL);
    for (const PQconninfoOption *option = options; option != NULL && option->keyword != NULL; option++)
        for (size_t i = 0; i < FZ_HOST_LISTS; i++)
            if (strcmp(option->keyword, fz_host_lists[i]) == 0)
                out->lists[i] = turned(option->val, lead);
    PQconninfoFree(options);
}

void fz_hosts_done(struct fz_hosts *hosts)
{
    for (size_t i = 0; i < FZ_HOST_LISTS; i++)
        free(hosts->lists[i]);
}

const char *const fz_host_lists[FZ_HOST_LISTS] = {"host", "hostaddr", "port"};

/* Of each family a name may have one: that of this machine has two. */
static size_t addresses_of(const char *name)
{
    const struct addrinfo wanted = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    size_t four = 0, six = 0;
    if (getaddrinfo(name, NULL, &wanted, &found) != 0)
        return 0;
    for (const struct addrinfo *at = found; at != NULL; at = at->ai_next) {
        four += at->ai_family == AF_INET;
        six += at->ai_family == AF_INET6;
    }
    freeaddrinfo(found);
    return four > six ? four : six;
}

static void warn_of(const struct fz_store *store, const char *name)
{
    char text[500];
    size_t count = name[0] == '\0' || name[0] == '/' ? 0 : addresses_of(name);
    if (count <= 1)
        return;
    snprintf(text, sizeof text,
             "The name %s of the database's host leads to %zu addresses, and of those only the first that answers is asked whether it takes "
             "writes. Name the hosts one by one: postgresql://host1,host2,host3/…",
             name, count);
    store->tell(text);
}

void fz_hosts_warn(const struct fz_store *store)
{
    PQconninfoOption *options = PQconninfoParse(store->address, NULL);
    char *names = NULL, *rest = NULL;
    bool by_number = false; /* hostaddr: then no name is looked up */
    for (const PQconninfoOption *option = options; option != NULL && option->keyword != NULL; option++) {
        if (option->val != NULL && strcmp(option->keyword, "host") == 0)
            names = strdup(option->val);
        by_number = by_number || (option->val != NULL && strcmp(option->keyword, "hostaddr") == 0);
    }
    if (names != NULL && !by_number && store->tell != NULL)
        for (const char *name = strtok_r(names, ",", &rest); name != NULL; name = strtok_r(NULL, ",", &rest))
            warn_of(store, name);
    free(names);
    PQconninfoFree(options);
}

void fz_hosts_draw(struct fz_store *store)
{
    uint32_t drawn = 0;
    fz_random(&drawn, sizeof drawn);
    atomic_store(&store->lead, drawn % 1024);
}

void fz_hosts_move_on(struct fz_store *store, size_t lead)
{
    (void)atomic_compare_exchange_strong(&store->lead, &lead, lead + 1); /* of several that find the same one moves on */
}

/* Whether `text` is the first of `list`; NULL has none. */
static bool is_first(const char *list, const char *text)
{
    size_t size = list == NULL ? 0 : strcspn(list, ",");
    return list == NULL || text == NULL || (strlen(text) == size && memcmp(list, text, size) == 0);
}

bool fz_hosts_is_first(const struct fz_hosts *hosts, const PGconn *connection)
{
    return is_first(hosts->lists[0], PQhost(connection)) && is_first(hosts->lists[2], PQport(connection));
}
