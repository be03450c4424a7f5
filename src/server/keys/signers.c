/* Prepared signers. */
#include "server/keys/signers.h"

#include <string.h>

struct fz_signer *fz_signers_prepare(struct fz_signers *signers, const struct fz_platform_key *key)
{
    struct fz_prepared_signer *prepared = &signers->by_kind[key->kind];
    if (prepared->signer == NULL || strcmp(prepared->serial_no, key->serial_no) != 0) {
        fz_signer_free(prepared->signer);
        prepared->signer = fz_signer_new(key->private_key);
        memcpy(prepared->serial_no, key->serial_no, sizeof prepared->serial_no);
    }
    return prepared->signer;
}

void fz_signers_done(struct fz_signers *signers)
{
    for (size_t i = 0; i < sizeof signers->by_kind / sizeof signers->by_kind[0]; i++)
        fz_signer_free(signers->by_kind[i].signer);
    *signers = (struct fz_signers){0};
}
