/* The tools of one worker: what it has for itself alone, so that no request waits for another worker's. All
 * of it but the turns is used on the worker's thread only. */
#ifndef FZ_SERVER_WORK_TOOLS_H
#define FZ_SERVER_WORK_TOOLS_H

#include "server/keys/signers.h"
#include "server/work/stores.h"
#include "server/work/turns.h"
#include "server/work/workshop.h"

#define FZ_VERIFIER_PLACES 1024 /* keys kept ready; further ones take the places of earlier ones */

struct fz_record_block;
struct fz_request_figures;
struct fz_tls;

struct fz_tools {
    struct fz_workshop *workshop;
    struct fz_workshop *door; /* whose connections they serve: of another store's tools the first one's */
    const struct fz_tls *tls; /* that its connections speak; NULL: plain HTTP */
    struct fz_reader *reader; /* NULL where the workshop has threads that read */
    struct fz_record_block *records;    /* which it fills, for the request log */
    struct fz_request_figures *figures; /* of the requests that it answered */
    struct fz_directory *directory;     /* the version in use */
    struct fz_signers signers;
    struct fz_turns turns; /* of its exchanges that have waited; any thread's */
    struct fz_prepared_verifier {
        uint64_t number; /* of the key */
        struct fz_verifier *verifier;
    } * verifiers;
    const struct fz_stores *stores; /* borrowed; NULL: there is only one */
    struct fz_tools *others;        /* the worker's for each further store; NULL: none */
    struct fz_tools *next;          /* in the workshop's list */
};

/* `tools` is zeroed; after a failure, too, fz_tools_close. */
FZ_MUST_CHECK enum fz_result fz_tools_open(struct fz_tools *tools, struct fz_workshop *workshop,
                                           const struct fz_tls *tls);
/* Adds those for further stores, with the workshop of each; all borrowed. */
FZ_MUST_CHECK enum fz_result fz_tools_open_others(struct fz_tools *tools, const struct fz_stores *stores,
                                                  struct fz_workshop *const workshops[]);
void fz_tools_close(struct fz_tools *tools);
/* Adds what was counted with all tools of a workshop to `sum`. */
void fz_tools_count(struct fz_workshop *workshop, struct fz_request_figures *sum);

/* The present version of the directory, looked up once a request. A new reference, or NULL if there is none.
 */
struct fz_directory *fz_tools_directory(struct fz_tools *tools);
/* The verifier for a merchant's key; NULL when memory is short. */
struct fz_verifier *fz_tools_verifier(struct fz_tools *tools, const struct fz_merchant_key *key);

#endif
