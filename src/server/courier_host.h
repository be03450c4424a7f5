/* The hosts that callbacks go to: how many are on their way to each, and which of them answer. */
#ifndef FZ_SERVER_COURIER_HOST_H
#define FZ_SERVER_COURIER_HOST_H

#include "book/notification.h"

#define FZ_FLIGHTS_MAX      64 /* on their way altogether */
#define FZ_HOST_FLIGHTS_MAX 4  /* to one host that answers */
/* To hosts of which that is not known, one each. So those that answer always have places of their own,
 * however many others are dead. */
#define FZ_UNPROVEN_FLIGHTS_MAX 48
#define FZ_HOSTS_MAX            8192 /* remembered */

struct fz_host {
    char name[FZ_NOTIFY_URL_SIZE];
    size_t flights;
    bool proven; /* answered the last time */
    bool down;   /* did not answer since the clock's jump began: not tried before it ends */
    struct fz_host *next;
};

struct fz_hosts {
    struct fz_host *buckets[1024];
    size_t count, unproven_flights;
};

/* The host of that name; a new one is not proven. NULL when memory is short. Borrowed while it has flights,
 * or until the next call. */
struct fz_host *fz_host_find(struct fz_hosts *hosts, const char *name);
/* How many may set out now. */
size_t fz_host_room(const struct fz_hosts *hosts, const struct fz_host *host);
/* One sets out. Returns whether the host was proven, to be given back at its end. */
bool fz_host_begin(struct fz_hosts *hosts, struct fz_host *host);
void fz_host_end(struct fz_hosts *hosts, struct fz_host *host, bool was_proven);
/* No host is put down as dead any more. */
void fz_hosts_lift(struct fz_hosts *hosts);
/* Forgets all; none may have flights. */
void fz_hosts_clear(struct fz_hosts *hosts);

#endif
