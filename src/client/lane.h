/* A lane: what one blocking call at a time drives: a libcurl multi handle with its connections, an easy handle, a prepared
 * signer. Lanes are kept and used again, so that connections live on. */
#ifndef FZ_CLIENT_LANE_H
#define FZ_CLIENT_LANE_H

#include "client/attempt.h"

struct fz_lane {
    CURLM *multi;
    CURL *easy;
    struct fz_signer *signer; /* NULL: the client's own function signs */
    struct fz_lane *next, **before; /* in the client's list of busy ones */
};

/* An idle lane, or a new one; it is busy then. NULL: memory is short. */
struct fz_lane *fz_lane_take(fz_client *client);
void fz_lane_give_back(fz_client *client, struct fz_lane *lane);
/* Wakes all that wait in busy lanes. */
void fz_lanes_wake(fz_client *client);
/* Frees the idle ones. `ours` false: this is a child of fork(), and the connections are the parent's: they are left alone. */
void fz_lanes_free(fz_client *client, bool ours);

#endif
