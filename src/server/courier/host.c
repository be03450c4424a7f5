/* The hosts that callbacks go to. */
#include "server/courier/host.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/server/hash.h"
#include "base/text.h"

#define BUCKETS (sizeof((struct fz_hosts *)NULL)->buckets / sizeof(struct fz_host *))

/* Hosts that collide stand in one row: at most FZ_HOSTS_MAX of them, and each look-up comes before a request. */
static size_t bucket_of(const char *name)
{
    return (size_t)(fz_hash(name) % BUCKETS);
}

/* Forgets hosts without flights. */
static void forget_idle(struct fz_hosts *hosts)
{
    for (size_t i = 0; i < BUCKETS; i++)
        for (struct fz_host **at = &hosts->buckets[i]; *at != NULL;) {
            struct fz_host *host = *at;
            if (host->flights > 0) {
                at = &host->next;
                continue;
            }
            *at = host->next;
            free(host);
            hosts->count--;
        }
}

struct fz_host *fz_host_find(struct fz_hosts *hosts, const char *name)
{
    size_t bucket = bucket_of(name);
    for (struct fz_host *host = hosts->buckets[bucket]; host != NULL; host = host->next)
        if (strcmp(host->name, name) == 0)
            return host;
    if (hosts->count >= FZ_HOSTS_MAX)
        forget_idle(hosts);
    struct fz_host *host = calloc(1, sizeof *host);
    if (host == NULL)
        return NULL;
    fz_copy(host->name, sizeof host->name, name);
    host->next = hosts->buckets[bucket];
    hosts->buckets[bucket] = host;
    hosts->count++;
    return host;
}

size_t fz_host_room(const struct fz_hosts *hosts, const struct fz_host *host)
{
    static const size_t room[] = {FZ_NEW_FLIGHTS_MAX, FZ_FLIGHTS_MAX, FZ_SILENT_FLIGHTS_MAX};
    size_t own_room = host->state == FZ_HOST_ANSWERS ? FZ_HOST_FLIGHTS_MAX : 1;
    bool full = host->flights >= own_room || hosts->flights[host->state] >= room[host->state];
    return full ? 0 : own_room - host->flights;
}

enum fz_host_state fz_host_begin(struct fz_hosts *hosts, struct fz_host *host)
{
    host->flights++;
    hosts->flights[host->state]++;
    return host->state;
}

void fz_host_end(struct fz_hosts *hosts, struct fz_host *host, enum fz_host_state begun_as)
{
    assert(host->flights > 0 && hosts->flights[begun_as] > 0);
    host->flights--;
    hosts->flights[begun_as]--;
}

void fz_hosts_lift(struct fz_hosts *hosts)
{
    for (size_t i = 0; i < BUCKETS; i++)
        for (struct fz_host *host = hosts->buckets[i]; host != NULL; host = host->next)
            host->down = false;
}

void fz_hosts_clear(struct fz_hosts *hosts)
{
    forget_idle(hosts);
    assert(hosts->count == 0);
}
