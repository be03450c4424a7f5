/* What a signature covers: one public operation gives the block that was signed, whose form tells padding,
 * hash and digest. Nothing is accepted on the strength of this: it only explains a refusal. */
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <string.h>

#include "wire/doctor/internal.h"
#include "wire/openssl.h"

#define PKCS1_FILL_MIN 8 /* RFC 8017, 9.2 */
#define SURE_ZEROS     8 /* so many by chance: once in 2^64 */

static void free_context(EVP_PKEY_CTX **context)
{
    EVP_PKEY_CTX_free(*context);
}

static void free_digest_info(X509_SIG **info)
{
    X509_SIG_free(*info);
}

static bool open_block(EVP_PKEY *key, const unsigned char *signature, size_t size, unsigned char *block)
{
    FZ_KEEP_ERROR_QUEUE;
    FZ_CLEANUP(free_context) EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
    size_t block_size = FZ_DOCTOR_SIGNATURE_MAX;
    bool done = context != NULL && EVP_PKEY_verify_recover_init(context) == 1 &&
                EVP_PKEY_CTX_set_rsa_padding(context, RSA_NO_PADDING) == 1 &&
                EVP_PKEY_verify_recover(context, block, &block_size, signature, size) == 1;
    return done && block_size == size;
}

/* The hash whose digests are that long, where no DigestInfo tells. */
static const char *hash_of_size(size_t size)
{
    switch (size) {
    case 16:
        return "MD5";
    case 20:
        return "SHA1";
    case 32:
        return "SHA256";
    case 48:
        return "SHA384";
    case 64:
        return "SHA512";
    default:
        return NULL;
    }
}

static bool take_digest(struct fz_recovered *out, enum fz_recovered_form form, const char *hash,
                        const unsigned char *digest, size_t size)
{
    FZ_KEEP_ERROR_QUEUE;
    EVP_MD *md = hash == NULL ? NULL : EVP_MD_fetch(NULL, hash, NULL);
    if (md == NULL || size != (size_t)EVP_MD_get_size(md)) {
        EVP_MD_free(md);
        return false;
    }
    *out = (struct fz_recovered){.form = form, .hash = md, .digest_size = size, .sure = true};
    memcpy(out->digest, digest, size);
    return true;
}

/* 00 01 FF … FF 00, then DigestInfo or a bare digest (RFC 8017, 9.2). */
static bool read_pkcs1(const unsigned char *block, size_t size, struct fz_recovered *out)
{
    FZ_KEEP_ERROR_QUEUE;
    size_t at = 2;
    while (at < size && block[at] == 0xFF)
        at++;
    if (block[0] != 0 || block[1] != 1 || at < 2 + PKCS1_FILL_MIN || at >= size || block[at] != 0)
        return false;
    const unsigned char *text = block + at + 1, *end = text;
    size_t text_size = size - at - 1;
    FZ_CLEANUP(free_digest_info) X509_SIG *info = d2i_X509_SIG(NULL, &end, (long)text_size);
    if (info == NULL || end != text + text_size)
        return take_digest(out, FZ_RECOVERED_BARE, hash_of_size(text_size), text, text_size);
    const X509_ALGOR *algorithm;
    const ASN1_OCTET_STRING *digest;
    const ASN1_OBJECT *name;
    X509_SIG_get0(info, &algorithm, &digest);
    X509_ALGOR_get0(&name, NULL, NULL, algorithm);
    return take_digest(out, FZ_RECOVERED_PKCS1, OBJ_nid2sn(OBJ_obj2nid(name)), ASN1_STRING_get0_data(digest),
                       (size_t)ASN1_STRING_length(digest));
}

/* MGF1 (RFC 8017, B.2.1), over `bytes` in place. */
static bool unmask(const EVP_MD *hash, const unsigned char *seed, size_t seed_size, unsigned char *bytes,
                   size_t size)
{
    unsigned char input[EVP_MAX_MD_SIZE + 4] = {0}, mask[EVP_MAX_MD_SIZE];
    size_t step = (size_t)EVP_MD_get_size(hash);
    memcpy(input, seed, seed_size);
    for (size_t at = 0; at < size; at += step) {
        input[seed_size + 3] = (unsigned char)(at / step);
        if (EVP_Digest(input, seed_size + 4, mask, NULL, hash, NULL) != 1)
            return false;
        for (size_t i = 0; i < step && at + i < size; i++)
            bytes[at + i] ^= mask[i];
    }
    return true;
}

/* Masked data, digest, BC; unmasked, the data is zeros, 01, salt (RFC 8017, 9.1). */
static bool read_pss(const char *hash, const unsigned char *block, size_t size, struct fz_recovered *out)
{
    unsigned char data[FZ_DOCTOR_SIGNATURE_MAX];
    EVP_MD *md = EVP_MD_fetch(NULL, hash, NULL);
    size_t digest_size = md == NULL ? 0 : (size_t)EVP_MD_get_size(md), data_size = size - digest_size - 1;
    bool good = md != NULL && block[size - 1] == 0xBC && (block[0] & 0x80) == 0 && data_size < size;
    const unsigned char *digest = block + data_size;
    if (good) {
        memcpy(data, block, data_size);
        good = unmask(md, digest, digest_size, data, data_size);
    }
    EVP_MD_free(md);
    if (!good)
        return false;
    data[0] &= 0x7F;
    size_t at = 0;
    while (at < data_size && data[at] == 0)
        at++;
    if (at == data_size || data[at] != 1 || !take_digest(out, FZ_RECOVERED_PSS, hash, digest, digest_size))
        return false;
    out->salt_size = data_size - at - 1;
    memcpy(out->salt, data + at + 1, out->salt_size);
    out->sure = at >= SURE_ZEROS;
    return true;
}

/* By another hash than its own a block looks like the longest salt of all by chance: once in 128. So a hash that is sure goes
 * before those that are not. */
static void read_pss_by_each(const unsigned char *block, size_t size, struct fz_readings *out)
{
    static const char *const hashes[FZ_READINGS_MAX] = {"SHA256", "SHA1", "SHA512"};
    struct fz_recovered one;
    for (size_t i = 0; i < FZ_READINGS_MAX; i++) {
        if (!read_pss(hashes[i], block, size, &one))
            continue;
        if (one.sure)
            fz_doctor_readings_done(out);
        out->list[out->count++] = one;
        if (one.sure)
            return;
    }
}

bool fz_doctor_recover(EVP_PKEY *key, const unsigned char *signature, size_t size, struct fz_readings *out)
{
    unsigned char block[FZ_DOCTOR_SIGNATURE_MAX];
    out->count = 0;
    if (size < 128 || size > sizeof block || size != (size_t)EVP_PKEY_get_size(key) ||
        !open_block(key, signature, size, block))
        return false;
    if (read_pkcs1(block, size, &out->list[0]))
        out->count = 1;
    else
        read_pss_by_each(block, size, out);
    return out->count > 0;
}

void fz_doctor_readings_done(struct fz_readings *readings)
{
    for (size_t i = 0; i < readings->count; i++)
        EVP_MD_free(readings->list[i].hash);
    readings->count = 0;
}
