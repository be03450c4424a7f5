/* The hosts that callbacks go to: how many are on their way to each, and which of them answer. */
#ifndef FZ_SERVER_COURIER_HOST_H
#define FZ_SERVER_COURIER_HOST_H

#include "book/notification/notification.h"

#define FZ_FLIGHTS_MAX      64 /* on their way altogether */
#define FZ_HOST_FLIGHTS_MAX 4  /* to one host that answers */
/* To hosts that were never tried, and to those that did not answer the last time: one each, and altogether so
 * many of either kind. So the dead do not delay the new, and neither delay those that answer. */
#define FZ_NEW_FLIGHTS_MAX    32
#define FZ_SILENT_FLIGHTS_MAX 16
#define FZ_HOSTS_MAX          8192 /* remembered */

enum fz_host_state { FZ_HOST_NEW, FZ_HOST_ANSWERS, FZ_HOST_SILENT };

struct fz_host {
    char name[FZ_NOTIFY_URL_SIZE];
    size_t flights;
    enum fz_host_state state;
    bool down; /* did not answer since the clock's jump began: not tried before it ends */
    struct fz_host *next;
};

struct fz_hosts {
    struct fz_host *buckets[1024];
    size_t count;
    size_t flights[FZ_HOST_SILENT + 1]; /* by the state that the host had when they set out */
};

/* The host of that name; a new one is NEW. NULL when memory is short. Borrowed while it has flights, or until
 * the next call. */
struct fz_host *fz_host_find(struct fz_hosts *hosts, const char *name);
/* How many may set out now. */
size_t fz_host_room(const struct fz_hosts *hosts, const struct fz_host *host);
/* One sets out. Returns the state that the host has now, to be given back at its end. */
enum fz_host_state fz_host_begin(struct fz_hosts *hosts, struct fz_host *host);
void fz_host_end(struct fz_hosts *hosts, struct fz_host *host, enum fz_host_state begun_as);
/* No host is put down as dead any more. */
void fz_hosts_lift(struct fz_hosts *hosts);
/* Forgets all; none may have flights. */
void fz_hosts_clear(struct fz_hosts *hosts);

#endif
