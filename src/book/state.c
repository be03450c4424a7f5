/* The one function that reads the tables of states. */
#include "book/state.h"

enum fz_result fz_state_check(const struct fz_states *states, unsigned from, unsigned to)
{
    for (size_t i = 0; i < states->count; i++)
        if (states->allowed[i].from == from && states->allowed[i].to == to)
            return FZ_OK;
    return FZ_FAILED;
}
