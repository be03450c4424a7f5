/* Whether a message is the one that was signed: it is put together, hashed and compared. */
#include <stdlib.h>
#include <string.h>

#include "wire/doctor/internal.h"

/* Costs are in nanoseconds, as measured on a slow core; with them a request takes the time it may take, the
 * same requests always the same steps, and no clock is looked at. */
#define BUDGET_NS     1500000
#define KEY_NS        45000 /* one public operation */
#define HASH_NS       300   /* a message, and */
#define HASH_BLOCK_NS 75    /* each 64 bytes of it */
#define JOINED_MAX    4096  /* shorter messages are joined before they are hashed: that is faster */
#define ARENA_MAX     (4 << 20)

static struct fz_piece piece(const char *text)
{
    return (struct fz_piece){.data = text, .size = strlen(text)};
}

bool fz_search_init(struct fz_search *search, const struct fz_arrival *arrival,
                    const struct fz_recovered *recovered, size_t keys_tried)
{
    *search = (struct fz_search){.arrival = arrival,
                                 .recovered = recovered,
                                 .arena.max = ARENA_MAX,
                                 .budget_ns = BUDGET_NS - keys_tried * KEY_NS};
    struct fz_piece *lines = search->expected.lines;
    lines[FZ_LINE_METHOD] = piece(arrival->method);
    lines[FZ_LINE_TARGET] = piece(arrival->target);
    lines[FZ_LINE_TIMESTAMP] = piece(arrival->timestamp);
    lines[FZ_LINE_NONCE] = piece(arrival->nonce);
    lines[FZ_LINE_BODY] = (struct fz_piece){.data = arrival->body, .size = arrival->body_size};
    lines[FZ_LINE_MCHID] = piece(arrival->mchid);
    lines[FZ_LINE_SERIAL] = piece(arrival->serial_no);
    lines[FZ_LINE_SCHEME] = piece("WECHATPAY2-SHA256-RSA2048");
    lines[FZ_LINE_HOST] = piece(arrival->host == NULL ? "" : arrival->host);
    search->expected.shape = fz_doctor_right_shape;
    search->hash = EVP_MD_CTX_new();
    return search->hash != NULL && EVP_DigestInit_ex2(search->hash, recovered->hash, NULL) == 1;
}

void fz_search_done(struct fz_search *search)
{
    EVP_MD_CTX_free(search->hash);
    fz_arena_done(&search->arena);
}

/* ---- one message ---- */

void fz_finding_add(struct fz_finding *finding, enum fz_mistake mistake, const char *how)
{
    if (mistake == FZ_MISTAKE_NONE || finding->count == FZ_DIAGNOSIS_MISTAKES)
        return;
    finding->list[finding->count].mistake = mistake;
    finding->list[finding->count++].how = how;
}

size_t fz_doctor_message_pieces(const struct fz_doctor_message *message, struct fz_piece *out)
{
    size_t count = 0;
    const struct fz_shape *shape = &message->shape;
    for (size_t i = 0; i < shape->count; i++) {
        out[count++] = message->lines[shape->order[i]];
        if (i + 1 < shape->count || shape->last_end)
            out[count++] = (struct fz_piece){.data = shape->end, .size = strlen(shape->end)};
    }
    out[count++] = (struct fz_piece){.data = shape->tail, .size = strlen(shape->tail)};
    return count;
}

static bool begin(struct fz_search *search)
{
    return EVP_DigestInit_ex2(search->hash, NULL, NULL) == 1;
}

static bool add(struct fz_search *search, const void *data, size_t size)
{
    return EVP_DigestUpdate(search->hash, data, size) == 1;
}

/* PSS signs a digest of the digest. */
static bool salted(struct fz_search *search, unsigned char *digest)
{
    static const unsigned char zeros[8];
    const struct fz_recovered *recovered = search->recovered;
    return begin(search) && add(search, zeros, sizeof zeros) && add(search, digest, recovered->digest_size) &&
           add(search, recovered->salt, recovered->salt_size) &&
           EVP_DigestFinal_ex(search->hash, digest, NULL) == 1;
}

static bool is_recovered(struct fz_search *search, unsigned char *digest)
{
    if (search->recovered->form == FZ_RECOVERED_PSS && !salted(search, digest))
        return false;
    return memcmp(digest, search->recovered->digest, search->recovered->digest_size) == 0;
}

static bool add_pieces(struct fz_search *search, const struct fz_piece *pieces, size_t count, size_t size)
{
    char joined[JOINED_MAX], *to = joined;
    for (size_t i = 0; i < count; i++) {
        if (size > sizeof joined && !add(search, pieces[i].data, pieces[i].size))
            return false;
        if (size <= sizeof joined && pieces[i].size > 0)
            to = mempcpy(to, pieces[i].data, pieces[i].size);
    }
    return size > sizeof joined || add(search, joined, size);
}

/* False too when the budget has no room for it. */
static bool hash(struct fz_search *search, const struct fz_doctor_message *message, unsigned char *digest)
{
    struct fz_piece pieces[FZ_MESSAGE_PIECES];
    size_t count = fz_doctor_message_pieces(message, pieces), size = 0;
    for (size_t i = 0; i < count; i++)
        size += pieces[i].size;
    size_t cost_ns = HASH_NS + size / 64 * HASH_BLOCK_NS;
    if (search->budget_ns < cost_ns)
        return false;
    search->budget_ns -= cost_ns;
    return begin(search) && add_pieces(search, pieces, count, size) &&
           EVP_DigestFinal_ex(search->hash, digest, NULL) == 1;
}

bool fz_search_fits(struct fz_search *search, const struct fz_doctor_message *message)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    if (!hash(search, message, digest) || !is_recovered(search, digest))
        return false;
    search->signed_message = *message;
    return true;
}

/* The bytes that stand for a digest, given to a function that hashes. */
static bool fits_text(struct fz_search *search, const void *text, size_t size)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    return begin(search) && add(search, text, size) && EVP_DigestFinal_ex(search->hash, digest, NULL) == 1 &&
           is_recovered(search, digest);
}

bool fz_search_fits_twice(struct fz_search *search)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char digest[EVP_MAX_MD_SIZE];
    char hex[2 * EVP_MAX_MD_SIZE];
    size_t size = search->recovered->digest_size;
    if (!hash(search, &search->expected, digest))
        return false;
    for (size_t i = 0; i < size; i++) {
        hex[2 * i] = digits[digest[i] >> 4];
        hex[2 * i + 1] = digits[digest[i] & 15];
    }
    search->signed_message = search->expected;
    return fits_text(search, digest, size) || fits_text(search, hex, 2 * size);
}
