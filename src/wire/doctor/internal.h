/* What the parts of the doctor share. Not for others; they have doctor.h. */
#ifndef FZ_WIRE_DOCTOR_INTERNAL_H
#define FZ_WIRE_DOCTOR_INTERNAL_H

#include "base/arena.h"
#include "base/text.h"
#include "wire/doctor/doctor.h"
#include "wire/signature.h"

/* ---- signature.c: what the text of a signature is ---- */

#define FZ_DOCTOR_SIGNATURE_MAX 512 /* bytes: a key of 4096 bits */

/* `mistake` and `bytes` of a text that is some encoding of a signature by a key of `key_size` bytes; false if
 * it is none. */
bool fz_doctor_read_signature(const char *text, size_t text_size, size_t key_size,
                              unsigned char bytes[FZ_DOCTOR_SIGNATURE_MAX], enum fz_mistake *mistake);

/* ---- recover.c: what a signature covers ---- */

enum fz_recovered_form { FZ_RECOVERED_PKCS1, FZ_RECOVERED_BARE, FZ_RECOVERED_PSS };

struct fz_recovered {
    enum fz_recovered_form form;
    EVP_MD *hash; /* of the message; owned */
    unsigned char digest[EVP_MAX_MD_SIZE];
    size_t digest_size;
    unsigned char salt[FZ_DOCTOR_SIGNATURE_MAX]; /* PSS: digest is over 8 zeros, the message's digest, this */
    size_t salt_size;
    bool sure; /* it cannot be chance that the key gives such a block; else a match has to show it */
};

/* What a block may be. One of which nobody can be sure may look like PSS with several hashes: only a message tells which. */
#define FZ_READINGS_MAX 3
struct fz_readings {
    size_t count; /* more than one: none is sure */
    struct fz_recovered list[FZ_READINGS_MAX];
};

/* One public operation. False: `key` did not make it. */
bool fz_doctor_recover(EVP_PKEY *key, const unsigned char *signature, size_t size, struct fz_readings *out);
void fz_doctor_readings_done(struct fz_readings *readings);

/* ---- messages and variants ---- */

enum fz_doctor_line {
    FZ_LINE_METHOD,
    FZ_LINE_TARGET,
    FZ_LINE_TIMESTAMP,
    FZ_LINE_NONCE,
    FZ_LINE_BODY,
    FZ_LINE_COUNT,
    FZ_LINE_MCHID = FZ_LINE_COUNT, /* these do not belong there */
    FZ_LINE_SERIAL,
    FZ_LINE_SCHEME,
    FZ_LINE_HOST,
    FZ_LINE_EMPTY,
    FZ_LINE_ALL
};

/* How often a mistake is met: likely ones are tried first, and also two at a time. */
enum fz_frequency { FZ_LIKELY, FZ_SELDOM, FZ_RARE };

/* How a message is put together from lines. */
struct fz_shape {
    enum fz_mistake mistake;
    const char *how;
    const char *end; /* behind each line */
    bool last_end;   /* behind the last one too */
    const char *tail;
    unsigned char count;
    unsigned char order[8]; /* enum fz_doctor_line */
    enum fz_frequency frequency;
};

/* Another text for one line. */
struct fz_variant {
    enum fz_mistake mistake, also; /* `also`: NONE, or what is wrong besides */
    const char *how;               /* static; NULL: nothing to add */
    const char *text;              /* in the arena, or static */
    size_t size;
    bool likely; /* tried together with others */
};
#define FZ_VARIANTS_MAX 96
struct fz_variants {
    struct fz_arena *arena;
    const char *original; /* a variant that is the same is none */
    size_t original_size;
    size_t count;
    struct fz_variant list[FZ_VARIANTS_MAX];
};

/* Adds a copy of `text`, unless there is the same already, or no room. Gives the new variant or NULL. */
struct fz_variant *fz_variants_add(struct fz_variants *variants, enum fz_mistake mistake, const char *how,
                                   const char *text, size_t size);

/* shape.c: shapes are tried one after another; false when there are no more. */
bool fz_doctor_shape(size_t index, struct fz_shape *out);
extern const struct fz_shape fz_doctor_right_shape;

/* lines.c */
void fz_doctor_method_variants(const struct fz_arrival *arrival, struct fz_variants *out);
void fz_doctor_timestamp_variants(const struct fz_arrival *arrival, struct fz_variants *out);
void fz_doctor_nonce_variants(const struct fz_arrival *arrival, struct fz_variants *out);
/* target.c, query.c */
void fz_doctor_target_variants(const struct fz_arrival *arrival, struct fz_variants *out);
void fz_doctor_query_variants(const struct fz_arrival *arrival, struct fz_variants *out);
/* body.c, json.c: take what they cost off `*budget_ns`, and end when it is used up. */
void fz_doctor_body_variants(const struct fz_arrival *arrival, struct fz_variants *out, size_t *budget_ns);
void fz_doctor_json_variants(const struct fz_arrival *arrival, struct fz_variants *out, size_t *budget_ns);
/* charset.c */
void fz_doctor_charset_variants(const struct fz_arrival *arrival, struct fz_variants *out, size_t *budget_ns);

/* ---- match.c: whether a message has the digest; search.c: which one ---- */

struct fz_doctor_message {
    struct fz_piece lines[FZ_LINE_ALL];
    struct fz_shape shape;
};

/* A list of mistakes, the gravest for the reader first. */
struct fz_finding {
    size_t count;
    struct {
        enum fz_mistake mistake;
        const char *how;
    } list[FZ_DIAGNOSIS_MISTAKES];
};
void fz_finding_add(struct fz_finding *finding, enum fz_mistake mistake, const char *how);

struct fz_search {
    const struct fz_arrival *arrival;
    const struct fz_recovered *recovered;
    struct fz_arena arena;
    EVP_MD_CTX *hash;
    size_t budget_ns; /* how much may still be done */
    struct fz_doctor_message expected, signed_message;
    struct fz_finding finding; /* filled when the message was found; nothing: it is the expected one */
};

/* Zeroes and begins. fz_search_done in any case. False when memory is short. */
bool fz_search_init(struct fz_search *search, const struct fz_arrival *arrival,
                    const struct fz_recovered *recovered, size_t keys_tried);
void fz_search_done(struct fz_search *search);
/* Whether it was `message`, which is kept then; false too when the budget is used up. */
bool fz_search_fits(struct fz_search *search, const struct fz_doctor_message *message);
/* Whether it was the digest of the expected message, or its hexadecimal digits. */
bool fz_search_fits_twice(struct fz_search *search);
/* Tries all; false: none of the known mistakes. */
bool fz_search_run(struct fz_search *search);

/* The message as pieces, at most FZ_MESSAGE_PIECES. */
#define FZ_MESSAGE_PIECES 20
size_t fz_doctor_message_pieces(const struct fz_doctor_message *message, struct fz_piece *out);

/* ---- say.c ---- */

void fz_doctor_say(const struct fz_finding *finding, const char *more, bool chinese,
                   struct fz_diagnosis *out);
/* Where the two part; nothing if they do not, or memory is short. */
void fz_doctor_point(const struct fz_doctor_message *was_signed, const struct fz_doctor_message *expected,
                     struct fz_diagnosis *out);

#endif
