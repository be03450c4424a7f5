/* The pool of lanes. */
#include "client/lane.h"

#include "base/memory.h"

#define CONNECTIONS_KEPT 4 /* a lane calls one host as a rule, and another while that one fails */

static void free_lane(struct fz_lane *lane)
{
    if (lane == NULL)
        return;
    curl_easy_cleanup(lane->easy);
    curl_multi_cleanup(lane->multi);
    fz_signer_free(lane->signer);
    fz_release(lane);
}

static struct fz_lane *new_lane(const fz_client *client)
{
    struct fz_lane *lane = fz_allocate_zeroed(sizeof *lane);
    if (lane == NULL)
        return NULL;
    lane->multi = curl_multi_init();
    lane->easy = curl_easy_init();
    lane->signer = client->key == NULL ? NULL : fz_signer_new(client->key);
    if (lane->multi == NULL || lane->easy == NULL || (client->key != NULL && lane->signer == NULL)) {
        free_lane(lane);
        return NULL;
    }
    curl_multi_setopt(lane->multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS_KEPT);
    return lane;
}

static void put_first(struct fz_lane **list, struct fz_lane *lane)
{
    lane->next = *list;
    lane->before = list;
    if (lane->next != NULL)
        lane->next->before = &lane->next;
    *list = lane;
}

static void take_out(struct fz_lane *lane)
{
    *lane->before = lane->next;
    if (lane->next != NULL)
        lane->next->before = lane->before;
}

struct fz_lane *fz_lane_take(fz_client *client)
{
    pthread_mutex_lock(&client->lock);
    struct fz_lane *lane = client->idle;
    if (lane != NULL)
        take_out(lane);
    pthread_mutex_unlock(&client->lock);
    if (lane == NULL)
        lane = new_lane(client);
    if (lane == NULL)
        return NULL;
    pthread_mutex_lock(&client->lock);
    put_first(&client->busy, lane);
    pthread_mutex_unlock(&client->lock);
    return lane;
}

void fz_lane_give_back(fz_client *client, struct fz_lane *lane)
{
    pthread_mutex_lock(&client->lock);
    take_out(lane);
    put_first(&client->idle, lane);
    pthread_mutex_unlock(&client->lock);
}

void fz_lanes_wake(fz_client *client)
{
    pthread_mutex_lock(&client->lock);
    for (struct fz_lane *lane = client->busy; lane != NULL; lane = lane->next)
        (void)curl_multi_wakeup(lane->multi);
    pthread_mutex_unlock(&client->lock);
}

void fz_lanes_free(fz_client *client, bool ours)
{
    for (struct fz_lane *lane = client->idle, *next; lane != NULL; lane = next) {
        next = lane->next;
        if (ours)
            free_lane(lane);
        else
            fz_release(lane);
    }
}
