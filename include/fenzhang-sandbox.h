/* A sandbox inside the program: Fenzhang's own book and endpoints on free ports of this machine, for tests of programs that
 * speak to WeChat Pay Global. Nothing else has to be installed or started, and nothing stays when it ends.
 *
 *     char why[FZ_SANDBOX_WHY_SIZE];
 *     fz_sandbox *sandbox;
 *     if (fz_sandbox_new(NULL, &sandbox, why, sizeof why) != 0)
 *         errx(1, "%s", why);
 *     struct fz_sandbox_credentials merchant = FZ_INIT(fz_sandbox_credentials);
 *     fz_sandbox_get_credentials(sandbox, FZ_SANDBOX_MCHID, &merchant);
 *     struct fz_client_options options = FZ_INIT(fz_client_options);
 *     fz_sandbox_client_options(sandbox, &merchant, &options);
 *     …
 *     fz_sandbox_free(sandbox);
 *
 * Functions that can fail return 0 when they did what they say, and -1 when not: fz_sandbox_error() then says why. All can be
 * called from any thread, but fz_sandbox_free from one alone and last. Texts are UTF-8 and end in a NUL. What is passed in is
 * borrowed for the call; NULL, or 0, stands for what can be left away. Texts that are given through `char **` are the
 * caller's: free them with fz_sandbox_text_free; NULL in its place: not wanted. Amounts are in the smallest unit of their
 * currency (fen), times in milliseconds since 1970.
 *
 * Several sandboxes can run in one process. A sandbox takes no signals, changes nothing for the whole process (signals'
 * handlers, limits, locale, umask, standard output and error; but libcurl's curl_global_init is called once and not undone),
 * and once it is freed its threads have ended and its descriptors are closed.
 * It does not outlive a fork: in the child there is no sandbox, and fz_sandbox_free must not be called there.
 *
 * One thing differs from the program `fenzhang`: a request that is no HTTP at all is refused by a page in HTML, not in JSON,
 * and is not in the log of requests. */
#ifndef FENZHANG_SANDBOX_H
#define FENZHANG_SANDBOX_H

#include "fenzhang/client.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct fz_sandbox fz_sandbox;

/* ---- start and stop ---- */

/* What is NULL, 0 or false takes the default. */
struct fz_sandbox_options {
    size_t size;
    /* Where the book lies: a directory, made if there is none, that no other sandbox or server has. A book that is there goes
     * on. NULL: a new one below $TMPDIR, or /tmp, which goes with the sandbox. */
    const char *data;
    bool empty;    /* a new book without the demo merchants and their orders */
    bool has_seed; /* a new book whose drawn values follow `seed`; its clock stands still at 2026-01-05T10:00:00+08:00 */
    uint64_t seed;
    bool frozen;           /* the clock stands still from the beginning */
    const char *listen;    /* "ADDR:PORT" of the API; NULL: a free port of 127.0.0.1 */
    const char *control;   /* the same of the control interface; loopback alone */
    bool tls;              /* the API speaks TLS: see fz_sandbox_ca_file */
    bool limits;           /* the documented limits on requests hold */
    bool overview_first;   /* bill files begin with their summary */
    bool callbacks_wait;   /* what brings a callback forth returns when it was answered */
    const char *callbacks_to;      /* "loopback", "private" or "any"; NULL: loopback */
    const char *callback_ladder;   /* when a failed one is sent again, like "15s,3m,6h"; "none"; NULL: as the vendor does */
    const char *callback_ca_file;  /* PEM: certificates of callback hosts are checked against it; NULL: the system's */
    bool callback_insecure;        /* they are not checked */
    int callback_probes;           /* of 10 000 callbacks so many have a probe with a wrong signature sent ahead */
    unsigned workers;              /* threads that serve the API; 0: one a core */
    unsigned log_requests;         /* exchanges kept for fz_sandbox_request; 0: 10 000 */
    const char *world_file;        /* what a new book begins as (docs/worlds.md), in the place of the demo; NULL: see `empty` */
};

/* Enough for `why`. */
#define FZ_SANDBOX_WHY_SIZE 6000

/* Starts one. `options` NULL: the defaults. `why` (NULL is allowed) gets what happened, why and what to do. */
FZ_API int fz_sandbox_new(const struct fz_sandbox_options *options, fz_sandbox **sandbox, char *why, size_t why_size);
/* Ends it, within a second or so: what is under way gets its answer, threads are joined, a temporary directory is removed.
 * Calls of the sandbox's own functions have to be over. NULL is allowed. */
FZ_API void fz_sandbox_free(fz_sandbox *sandbox);

/* Why this thread's last call of one of these functions failed: what happened, why, what to do. "" if it did not. Borrowed
 * until its next call. */
FZ_API const char *fz_sandbox_error(void);
/* Frees a text that one of these functions gave. NULL is allowed. */
FZ_API void fz_sandbox_text_free(char *text);

/* What all sandboxes of this process have to say, a line each: `level` is "info", "warning" or "error", `text` has no line end.
 * Called from whichever thread has it to say, one at a time; it must not call functions of this library. NULL, as in the
 * beginning: nobody is told. */
FZ_API void fz_sandbox_set_log(void (*line)(void *argument, const char *level, const char *text), void *argument);

/* ---- where it is ---- */

/* All borrowed from the sandbox. */
FZ_API const char *fz_sandbox_url(const fz_sandbox *sandbox);         /* "http://127.0.0.1:PORT", of the API */
FZ_API const char *fz_sandbox_control_url(const fz_sandbox *sandbox); /* of the control interface (docs/control.md) */
FZ_API const char *fz_sandbox_data(const fz_sandbox *sandbox);        /* the directory */
FZ_API const char *fz_sandbox_ca_file(const fz_sandbox *sandbox);     /* PEM, to be trusted with `tls`; NULL without */

/* ---- who can call it ---- */

#define FZ_SANDBOX_MCHID           "1900000100" /* the demo institution */
#define FZ_SANDBOX_SUB_MCHID       "1900000109" /* its sub-merchants: they have no keys */
#define FZ_SANDBOX_OTHER_SUB_MCHID "1900000110"
#define FZ_SANDBOX_DIRECT_MCHID    "1900000120" /* the demo direct merchant */

#define FZ_SANDBOX_PATH_SIZE 4096

/* What a merchant signs and reads with. "" each: it has none. */
struct fz_sandbox_credentials {
    size_t size;
    char mchid[33];
    char serial_no[41];                         /* of its certificate */
    char apiv3_key[33];
    char private_key_file[FZ_SANDBOX_PATH_SIZE]; /* PEM */
    char certificate_file[FZ_SANDBOX_PATH_SIZE]; /* PEM */
    char public_key_id[65];                     /* of the platform's public key, if the merchant uses it */
    char public_key_file[FZ_SANDBOX_PATH_SIZE]; /* PEM; the same */
};

/* Those of a merchant as they are now: the demo merchants', or of one that was added. */
FZ_API int fz_sandbox_get_credentials(fz_sandbox *sandbox, const char *mchid, struct fz_sandbox_credentials *out);

/* Sets what a client needs to call this sandbox as that merchant: who it is, its keys, the host and its CA. Leaves all else.
 * Borrowed from `credentials` and the sandbox. */
FZ_API int fz_sandbox_client_options(const fz_sandbox *sandbox, const struct fz_sandbox_credentials *credentials,
                                     struct fz_client_options *out);

/* A value of the demo book by its name in DIR/demo.env, like "TRANSACTION_ID", "BILL_DATE" or "DIRECT_OUT_TRADE_NO". */
FZ_API int fz_sandbox_demo_value(fz_sandbox *sandbox, const char *name, char **value);

/* ---- the clock ---- */

/* Book time; for fz_client_options too: now_ms = fz_sandbox_now_ms, clock = the sandbox. */
FZ_API int64_t fz_sandbox_now_ms(void *sandbox);
/* Whether it stands still. */
FZ_API bool fz_sandbox_is_frozen(fz_sandbox *sandbox);
/* Moves it on, by a duration or to a time (never back). Returns when all events in between have run and all callbacks due in
 * between were tried: so not from the code that answers a callback. */
FZ_API int fz_sandbox_advance(fz_sandbox *sandbox, const char *duration); /* ISO 8601: "PT5M", "P1D" */
FZ_API int fz_sandbox_advance_to(fz_sandbox *sandbox, int64_t now_ms);
/* Lets it stand still, or run again. */
FZ_API int fz_sandbox_freeze(fz_sandbox *sandbox, bool frozen);
/* Whether the headers of callbacks carry book time, or the machine's (as in the beginning). */
FZ_API int fz_sandbox_sign_in_book_time(fz_sandbox *sandbox, bool book_time);

/* ---- payers ---- */

struct fz_sandbox_payment {
    size_t size;
    const char *mchid;     /* who calls: an institution or a direct merchant */
    const char *sub_mchid; /* of an institution */
    int64_t amount;
    bool marked;                /* for distribution */
    const char *currency;       /* NULL: CNY */
    const char *transaction_id; /* NULL: drawn */
    const char *out_trade_no;   /* NULL: drawn */
    const char *payer;          /* "balance", "mini_fund", "debit" or "credit" */
    const char *notify_url;     /* who is told of it */
    bool wait;                  /* returns when that was answered, at most 30 seconds later */
    const char *more;           /* a JSON object with further members, as docs/control.md has them */
};

struct fz_sandbox_paid {
    size_t size;
    char transaction_id[33];
    char out_trade_no[33];
};

/* A paid transaction in one step. `out`: NULL is allowed. */
FZ_API int fz_sandbox_make_payment(fz_sandbox *sandbox, const struct fz_sandbox_payment *payment, struct fz_sandbox_paid *out);
/* The payer pays an order that was placed through the API, or enters the password that it waits for. `mchid`: who placed it.
 * `payer` as above. `wait`: returns when the notify_url has answered. */
FZ_API int fz_sandbox_pay(fz_sandbox *sandbox, const char *mchid, const char *out_trade_no, const char *payer, bool wait,
                          struct fz_sandbox_paid *out);
/* The account that paid is "open", "closed" or "frozen" from now on. */
FZ_API int fz_sandbox_set_payer_account(fz_sandbox *sandbox, const char *mchid, const char *sub_mchid, const char *out_trade_no,
                                        const char *state);

/* ---- refunds and receivers ---- */

struct fz_sandbox_outcome {
    size_t size;
    const char *status;       /* "SUCCESS", "REFUNDCLOSE" or "ABNORMAL" */
    const char *channel;      /* "ORIGINAL", "BALANCE", "OTHER_BALANCE" or "OTHER_BANKCARD"; NULL: as it is */
    const char *recv_account; /* NULL: as the channel has it */
    bool wait;                /* returns when the notify_url has answered */
};

/* What becomes of a refund, by the vendor's number for it. */
FZ_API int fz_sandbox_set_refund_outcome(fz_sandbox *sandbox, const char *refund_id, const struct fz_sandbox_outcome *outcome);

/* Ends the audits of a receiver that are under way: `fail_reason` NULL: it is good; else why not, with a description. `mchid`
 * NULL: for all merchants. */
FZ_API int fz_sandbox_end_receiver_audit(fz_sandbox *sandbox, const char *account, const char *mchid, const char *fail_reason,
                                         const char *fail_description);
/* What else happens to a receiver, as a JSON object: {"penalised":true}, {"fails_with":"ACCOUNT_ABNORMAL"}. */
FZ_API int fz_sandbox_change_receiver(fz_sandbox *sandbox, const char *account, const char *changes);

/* ---- merchants ---- */

/* Makes one: {"mchid":"1900000777","kind":"institution","contract_date":"2025-01-01"} (docs/control.md has all members). `out`
 * gets its credentials. */
FZ_API int fz_sandbox_add_merchant(fz_sandbox *sandbox, const char *merchant, struct fz_sandbox_credentials *out);
/* Changes one: {"certificate":"rotate"}, {"penalised":true}, {"papers":"missing"}. */
FZ_API int fz_sandbox_change_merchant(fz_sandbox *sandbox, const char *mchid, const char *changes);
/* All, as JSON. */
FZ_API int fz_sandbox_merchants(fz_sandbox *sandbox, char **merchants);
/* Pays into its recharged refund balance, in its settlement currency; `remaining` gets what is in it then. */
FZ_API int fz_sandbox_recharge(fz_sandbox *sandbox, const char *mchid, int64_t amount, int64_t *remaining);

/* Makes a new platform certificate, which signs after `signs_in` (ISO 8601; NULL: 24 hours of book time). */
FZ_API int fz_sandbox_rotate_platform_certificate(fz_sandbox *sandbox, const char *signs_in, char serial_no[41]);
/* The platform's keys, as JSON. */
FZ_API int fz_sandbox_platform(fz_sandbox *sandbox, char **platform);

/* ---- requests that go wrong ---- */

/* From now on requests go wrong by this rule: {"error":"SYSTEM_ERROR","endpoint":"refund-submit","count":1}. */
FZ_API int fz_sandbox_add_fault(fz_sandbox *sandbox, const char *rule, int64_t *id);
/* All rules and what they struck, as JSON. */
FZ_API int fz_sandbox_faults(fz_sandbox *sandbox, char **faults);
FZ_API int fz_sandbox_clear_fault(fz_sandbox *sandbox, int64_t id);
FZ_API int fz_sandbox_clear_faults(fz_sandbox *sandbox);
/* Whether the documented limits on requests hold. */
FZ_API int fz_sandbox_set_limits(fz_sandbox *sandbox, bool hold);

/* ---- callbacks ---- */

/* What notify_urls were or will be told, newest first, as JSON. `query`: NULL, or like "state=FAILED&limit=10". */
FZ_API int fz_sandbox_callbacks(fz_sandbox *sandbox, const char *query, char **callbacks);
/* One, with its plain text and all that was sent, as JSON. */
FZ_API int fz_sandbox_callback(fz_sandbox *sandbox, const char *id, char **callback);
/* Sends it once more, at once; `wait`: returns when it was answered. */
FZ_API int fz_sandbox_resend_callback(fz_sandbox *sandbox, const char *id, bool wait);
/* Spoils a merchant's callbacks: {"mchid":"1900000100","mode":"duplicate","count":1}. */
FZ_API int fz_sandbox_set_callback_mode(fz_sandbox *sandbox, const char *mode);
/* The modes, as JSON. */
FZ_API int fz_sandbox_callback_modes(fz_sandbox *sandbox, char **modes);

/* ---- what happened ---- */

/* One exchange whole, by the Request-ID of its answer, as JSON. */
FZ_API int fz_sandbox_request(fz_sandbox *sandbox, const char *request_id, char **request);
/* Exchanges, newest first, as JSON. `query`: NULL, or like "code=NOT_ENOUGH&limit=10". */
FZ_API int fz_sandbox_requests(fz_sandbox *sandbox, const char *query, char **requests);
/* Checks every invariant of the book; -1 when one does not hold. `totals`, as JSON: what was counted, or what does not hold. */
FZ_API int fz_sandbox_audit(fz_sandbox *sandbox, char **totals);
/* Back to the book as it was created, with the same keys, no faults, no modes. `again`: with a seed, the same values are drawn
 * once more. */
FZ_API int fz_sandbox_reset(fz_sandbox *sandbox, bool again);

/* ---- any call of the control interface ---- */

/* `method` and `path` as in docs/control.md ("POST", "/clock"), `json` the body (NULL: none). `status` gets that of HTTP, 0
 * when there was no answer; `answer` its body, NULL when there was none. -1 unless the status is 2xx. */
FZ_API int fz_sandbox_control(fz_sandbox *sandbox, const char *method, const char *path, const char *json, int *status,
                              char **answer);

#ifdef __cplusplus
}
#endif

#endif
