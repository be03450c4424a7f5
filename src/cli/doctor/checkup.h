/* What `fenzhang doctor` looks at, and what it finds: a finding a check. */
#ifndef FZ_CLI_DOCTOR_CHECKUP_H
#define FZ_CLI_DOCTOR_CHECKUP_H

#include <jansson.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/result.h"
#include "cli/profile/profile.h"
#include "wire/certificate.h"

struct fz_checkup {
    struct fz_profile profile;
    json_t *findings; /* in their order */
    int64_t now_ms;   /* wire time */
    /* what checks leave for those behind them */
    EVP_PKEY *key;    /* the merchant's private key; NULL: there is none */
    const char *host; /* the first that can be reached; NULL: none */
};

/* ---- findings ---- */

/* Something fits; it does not, and `mend` says what to do; it could not be looked at. `check` is its name for programs. */
void fz_checkup_well(struct fz_checkup *checkup, const char *check, const char *format, ...) FZ_PRINTF(3, 4);
void fz_checkup_wrong(struct fz_checkup *checkup, const char *check, const char *mend, const char *format, ...)
    FZ_PRINTF(4, 5);
void fz_checkup_skip(struct fz_checkup *checkup, const char *check, const char *format, ...) FZ_PRINTF(3, 4);
/* Whether one of them is wrong. */
bool fz_checkup_found_any(const struct fz_checkup *checkup);
/* Prints them: a line each, and below it how to mend it. */
void fz_checkup_print(const struct fz_checkup *checkup);

/* "2026-01-02T10:00:00+08:00 (in 12 days)" */
#define FZ_DATE_TEXT_SIZE 80
void fz_checkup_write_date(char out[FZ_DATE_TEXT_SIZE], const struct fz_checkup *checkup, int64_t time_ms);

/* ---- checks ---- */

void fz_check_own_files(struct fz_checkup *checkup); /* own_files.c: key, certificate, serial number */
void fz_check_hosts(struct fz_checkup *checkup);     /* hosts.c: names, connections, proxy, TLS */
void fz_check_service(struct fz_checkup *checkup);   /* service.c: clock, signature, and what follows */

struct fz_signed_answer;
/* platform.c: of the answer of GET /v3/certificates: the APIv3 key, the platform's keys, and the mode that merchant is in.
 */
void fz_check_platform(struct fz_checkup *checkup, const struct fz_signed_answer *answer);

#endif
