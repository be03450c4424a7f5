/* A worker's own tools. */
#include "server/work/tools.h"

#include <stdlib.h>

#include "server/figures/requests.h"
#include "server/log/record.h"

enum fz_result fz_tools_open(struct fz_tools *tools, struct fz_workshop *workshop, const struct fz_tls *tls)
{
    tools->workshop = workshop;
    tools->tls = tls;
    fz_turns_open(&tools->turns);
    tools->figures = fz_request_figures_new();
    tools->verifiers = calloc(FZ_VERIFIER_PLACES, sizeof tools->verifiers[0]);
    if (tools->figures == NULL || tools->verifiers == NULL)
        return FZ_FAILED;
    return workshop->readers != NULL ? FZ_OK : fz_reader_open(workshop->lent.store, &tools->reader);
}

void fz_tools_close(struct fz_tools *tools)
{
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
