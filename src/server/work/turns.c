/* Turns: a queue, and a count of those that are out of it. */
#include "server/work/turns.h"

#include <stddef.h>

void fz_turns_open(struct fz_turns *turns)
{
    *turns = (struct fz_turns){0};
    pthread_mutex_init(&turns->lock, NULL);
}

void fz_turns_close(struct fz_turns *turns)
{
    pthread_mutex_destroy(&turns->lock);
}

static void append(struct fz_turns *turns, struct fz_turn *turn)
{
    turn->next = NULL;
    if (turns->first == NULL)
        turns->first = turn;
    else
        turns->last->next = turn;
    turns->last = turn;
}

bool fz_turns_take(struct fz_turns *turns, struct fz_turn *turn)
{
    pthread_mutex_lock(&turns->lock);
    bool now = turns->out < FZ_TURNS_AT_ONCE;
    turn->has_it = now;
    if (now)
        turns->out++;
    else
        append(turns, turn);
    pthread_mutex_unlock(&turns->lock);
    return now;
}

struct fz_turn *fz_turns_pass(struct fz_turns *turns, struct fz_turn *turn)
{
    if (!turn->has_it)
        return NULL;
    turn->has_it = false;
    pthread_mutex_lock(&turns->lock);
    struct fz_turn *next = turns->first;
    if (next == NULL) {
        turns->out--;
    } else {
        turns->first = next->next;
        next->has_it = true;
    }
    pthread_mutex_unlock(&turns->lock);
    return next;
}
