/* A worker's own tools. */
#include "server/work/tools.h"

#include <stdlib.h>

#include "server/figures/requests.h"
#include "server/log/record.h"

/* ---- the workshop's list, for who counts ---- */

static void list(struct fz_tools *tools)
{
    struct fz_workshop *workshop = tools->workshop;
    pthread_mutex_lock(&workshop->tools.lock);
    tools->next = workshop->tools.first;
    workshop->tools.first = tools;
    pthread_mutex_unlock(&workshop->tools.lock);
}

static void unlist(struct fz_tools *tools)
{
    struct fz_workshop *workshop = tools->workshop;
    pthread_mutex_lock(&workshop->tools.lock);
    for (struct fz_tools **at = &workshop->tools.first; *at != NULL; at = &(*at)->next)
        if (*at == tools) {
            *at = tools->next;
            break;
        }
    pthread_mutex_unlock(&workshop->tools.lock);
}

void fz_tools_count(struct fz_workshop *workshop, struct fz_request_figures *sum)
{
    pthread_mutex_lock(&workshop->tools.lock);
    for (const struct fz_tools *at = workshop->tools.first; at != NULL; at = at->next)
        fz_request_figures_add(sum, at->figures);
    pthread_mutex_unlock(&workshop->tools.lock);
}

/* ---- life ---- */

enum fz_result fz_tools_open(struct fz_tools *tools, struct fz_workshop *workshop, const struct fz_tls *tls)
{
    tools->workshop = tools->door = workshop;
    tools->tls = tls;
    fz_turns_open(&tools->turns);
    tools->figures = fz_request_figures_new();
    tools->verifiers = calloc(FZ_VERIFIER_PLACES, sizeof tools->verifiers[0]);
    if (tools->figures == NULL || tools->verifiers == NULL)
        return FZ_FAILED;
    list(tools);
    return workshop->readers != NULL ? FZ_OK : fz_reader_open(workshop->lent.store, &tools->reader);
}

enum fz_result fz_tools_open_others(struct fz_tools *tools, const struct fz_stores *stores, struct fz_workshop *const workshops[])
{
    tools->others = calloc(stores->count, sizeof *tools->others);
    if (tools->others == NULL)
        return FZ_FAILED;
    tools->stores = stores;
    enum fz_result result = FZ_OK;
    for (size_t i = 0; result == FZ_OK && i < stores->count; i++) {
        result = fz_tools_open(&tools->others[i], workshops[i], tools->tls);
        tools->others[i].door = tools->workshop;
    }
    return result;
}

void fz_tools_close(struct fz_tools *tools)
{
    if (tools->workshop == NULL) /* it was not opened */
        return;
    for (size_t i = 0; tools->others != NULL && i < tools->stores->count; i++)
        fz_tools_close(&tools->others[i]);
    free(tools->others);
    unlist(tools);
    fz_reader_close(tools->reader);
    for (size_t i = 0; tools->verifiers != NULL && i < FZ_VERIFIER_PLACES; i++)
        fz_verifier_free(tools->verifiers[i].verifier);
    free(tools->verifiers);
    fz_signers_done(&tools->signers);
    fz_record_block_unref(tools->records);
    fz_request_figures_free(tools->figures);
    fz_directory_unref(tools->directory);
    fz_turns_close(&tools->turns);
    *tools = (struct fz_tools){0};
}

struct fz_directory *fz_tools_directory(struct fz_tools *tools)
{
    fz_directory_follow(tools->workshop->lent.directory, &tools->directory);
    return tools->directory == NULL ? NULL : fz_directory_ref(tools->directory);
}

struct fz_verifier *fz_tools_verifier(struct fz_tools *tools, const struct fz_merchant_key *key)
{
    struct fz_prepared_verifier *place = &tools->verifiers[key->number % FZ_VERIFIER_PLACES];
    if (place->verifier == NULL || place->number != key->number) {
        fz_verifier_free(place->verifier);
        place->number = key->number;
        place->verifier = fz_verifier_new(key->public_key);
    }
    return place->verifier;
}
