/* The signature doctor: says which mistake made a request's signature fail. With one public RSA operation a
 * key it finds what was signed (its digest); then it only hashes: the message that each known mistake would
 * have produced, until one has that digest. So what it names is proved, not guessed. */
#ifndef FZ_WIRE_DOCTOR_DOCTOR_H
#define FZ_WIRE_DOCTOR_DOCTOR_H

#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"

enum fz_mistake {
    FZ_MISTAKE_NONE = 0,
#define FZ_MISTAKE(id, ...) FZ_MISTAKE_##id,
#include "wire/doctor/mistakes.def"
#undef FZ_MISTAKE
    FZ_MISTAKE_COUNT
};

/* The identifier, such as "LAST_NEWLINE_MISSING"; static. */
const char *fz_mistake_name(enum fz_mistake mistake);

/* What was wrong and what to do, in one of the two languages; static. */
const char *fz_mistake_text(enum fz_mistake mistake, bool chinese);

/* A request as it arrived. All is borrowed. */
struct fz_arrival {
    const char *method, *target; /* as sent */
    const char *timestamp, *nonce, *mchid, *serial_no;
    const char *host; /* the header Host; NULL: none */
    const char *const
        *patterns;         /* the endpoint's paths with placeholders; the last is NULL; NULL: not known */
    const char *signature; /* the text in the header, base64 or not; need not be terminated */
    size_t signature_size;
    const char *body;
    size_t body_size;
    bool chinese; /* the language of what it says */
};

enum fz_candidate_role {
    FZ_CANDIDATE_NAMED,   /* serial_no names its certificate */
    FZ_CANDIDATE_OWN,     /* of another certificate of the same merchant or institution */
    FZ_CANDIDATE_PLATFORM /* the platform's own */
};

/* A public key that may have made the signature. Only keys that the sender may hear of: a key of somebody
 * else must never be among them. */
struct fz_candidate {
    EVP_PKEY *key; /* borrowed */
    enum fz_candidate_role role;
};
#define FZ_CANDIDATES_MAX 32 /* further ones are not tried */

#define FZ_DIAGNOSIS_MISTAKES 3
#define FZ_DIAGNOSIS_LINE     200

/* What was wrong. Zeroed means: nobody looked. Everything in it comes from the request itself. */
struct fz_diagnosis {
    const char *mistake; /* static; "NONE": the signature is good; "UNKNOWN": no known mistake fits */
    const char *also[FZ_DIAGNOSIS_MISTAKES - 1]; /* made together with it; NULL: no more */
    char says[800];                              /* what was wrong and what to do, in plain words */
    /* Where the signed message begins to differ from the expected one, when the signed one was found. */
    bool differs;
    int64_t offset;                      /* bytes from the message's beginning */
    int line;                            /* from 1 */
    char signed_line[FZ_DIAGNOSIS_LINE]; /* the surroundings; control characters as \n, other bytes as \xNN */
    char expected_line[FZ_DIAGNOSIS_LINE];
    size_t same; /* how many bytes of these two are the same from the left */
};

/* The request's signature did not verify: why? Takes at most about 2 ms (its work is capped, whatever is
 * sent). */
void fz_doctor(const struct fz_arrival *arrival, const struct fz_candidate *candidates, size_t count,
               struct fz_diagnosis *out);
/* Authorization has another scheme or breaks its grammar: where? NULL: there is none. */
void fz_doctor_header(const char *authorization, bool doubled, bool chinese, struct fz_diagnosis *out);
/* The timestamp is out of the window around `now` (seconds). */
void fz_doctor_time(int64_t timestamp, int64_t now, bool chinese, struct fz_diagnosis *out);
/* A serial number of whatever spelling as certificates have it (capital hexadecimal digits, nothing in
 * front); FZ_MALFORMED if it is none. */
FZ_MUST_CHECK enum fz_result fz_doctor_serial(const char *serial_no, char *out, size_t out_size);
/* Names one mistake that was found by other means. `how` (NULL: nothing) is put in brackets. */
void fz_doctor_name(enum fz_mistake mistake, const char *how, bool chinese, struct fz_diagnosis *out);
/* The same with a list of what would have done (NULL: none is known). */
void fz_doctor_name_instead(enum fz_mistake mistake, const char *those, bool chinese, struct fz_diagnosis *out);

#endif
