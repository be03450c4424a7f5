/* Lingering: a refusal that goes out before the request was read to its end would be lost if the connection
 * were closed at once, because what the peer still sends then makes the kernel reset it. So the last bytes
 * are read and thrown away, for a short
 * while and up to a mebibyte. */
#ifndef FZ_SERVER_NET_LINGER_H
#define FZ_SERVER_NET_LINGER_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

#define FZ_LINGER_MAX   64
#define FZ_LINGER_MS    2000
#define FZ_LINGER_BYTES (1 << 20) /* of one connection */

struct fz_linger;

struct fz_linger *fz_linger_new(void);
/* Closes what is left. */
void fz_linger_free(struct fz_linger *linger);

/* Keeps a copy of `handle` whose connection is about to be closed; its sending side is shut down already.
 * With FZ_LINGER_MAX kept already, the oldest goes. */
void fz_linger_keep(struct fz_linger *linger, int handle, int64_t now_ms);

/* Fills `out` with what to wait for; returns how many. Only the accept thread calls this and the next. */
size_t fz_linger_polls(struct fz_linger *linger, struct pollfd out[FZ_LINGER_MAX]);
/* Reads and drops what came; closes those that ended, sent too much or whose time is over. Returns when the
 * next one's time is over, INT64_MAX if there is none. */
int64_t fz_linger_drain(struct fz_linger *linger, int64_t now_ms);

#endif
