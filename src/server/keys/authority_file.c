/* The authority's files. */
#include "server/keys/authority_file.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/private_file.h"
#include "wire/certificate.h"
#include "wire/server/authority.h"
#include "wire/server/key.h"

#define PEM_MAX     8192
#define ANEW_ADVICE "Put it back from a copy; or remove the directory, start again, and trust the new CA."

struct place {
    char directory[FZ_PATH_SIZE], key[FZ_PATH_SIZE], certificate[FZ_PATH_SIZE];
};

static enum fz_result fail(const char *path, const char *what, const char *advice, char *why, size_t why_size)
{
    snprintf(why, why_size, "The TLS authority's file %s cannot be used: %s. %s", path, what, advice);
    return FZ_FAILED;
}

static enum fz_result find_place(const char *data, struct place *out, char *why, size_t why_size)
{
    enum fz_result result = fz_path_join(out->directory, data, "tls");
    if (result == FZ_OK)
        result = fz_path_join(out->key, out->directory, "ca_key.pem");
    if (result == FZ_OK)
        result = fz_path_join(out->certificate, out->directory, "ca_cert.pem");
    if (result != FZ_OK)
        snprintf(why, why_size,
                 "The path of the data directory is too long. Name a shorter one with --data.");
    return result;
}

/* ---- making ---- */

static enum fz_result make_file(const char *path, const struct fz_text *text, char *why, size_t why_size)
{
    if (fz_private_file_make(path, text->data, text->size) == FZ_OK)
        return FZ_OK;
    return fail(path, strerrordesc_np(errno), "Let this user write it, or make room.", why, why_size);
}

static enum fz_result make_key(const char *path, char *why, size_t why_size)
{
    struct fz_text text = {.max = PEM_MAX};
    EVP_PKEY *key = fz_tls_key_new();
    enum fz_result result = key == NULL ? FZ_FAILED : fz_key_write(key, &text);
    EVP_PKEY_free(key);
    if (result == FZ_OK)
        result = make_file(path, &text, why, why_size);
    else
        (void)fail(path, "memory is short", "Make room, then start again.", why, why_size);
    if (text.data != NULL)
        OPENSSL_cleanse(text.data, text.size);
    fz_text_done(&text);
    return result;
}

static enum fz_result make_certificate(const char *path, EVP_PKEY *key, const struct fz_host_names *hosts, char *why,
                                       size_t why_size)
{
    FZ_CLEANUP(fz_text_done) struct fz_text text = {.max = PEM_MAX};
    if (fz_authority_make(key, hosts, fz_wire_now_ms(), &text) != FZ_OK)
        return fail(path, "memory is short", "Make room, then start again.", why, why_size);
    return make_file(path, &text, why, why_size);
}

/* ---- reading ---- */

static enum fz_result read_key(const struct place *place, EVP_PKEY **out, char *why, size_t why_size)
{
    char pem[PEM_MAX], reason[160];
    enum fz_result result = fz_private_file_read(place->key, pem, sizeof pem, reason, sizeof reason);
    if (result == FZ_ABSENT && access(place->certificate, F_OK) == 0)
        return fail(place->key, "it is not there, and the CA's certificate is", ANEW_ADVICE, why, why_size);
    if (result == FZ_ABSENT) {
        result = make_key(place->key, why, why_size);
        if (result != FZ_OK)
            return result;
        result = fz_private_file_read(place->key, pem, sizeof pem, reason, sizeof reason);
    }
    if (result != FZ_OK)
        return fail(place->key, reason, "Who has it can pose as the API to all that trust it.", why,
                    why_size);
    EVP_PKEY *key = fz_tls_key_read(pem);
    OPENSSL_cleanse(pem, sizeof pem);
    if (key == NULL)
        return fail(place->key, "it is no private key", ANEW_ADVICE, why, why_size);
    *out = key;
    return FZ_OK;
}

static enum fz_result check(const char *path, enum fz_pair pair, char *why, size_t why_size)
{
    static const char *const faults[] = {
        [FZ_PAIR_UNREADABLE] = "it is no certificate",
        [FZ_PAIR_DIFFERENT] = "it does not belong to ca_key.pem beside it",
        [FZ_PAIR_EARLY] = "it is not valid yet by this machine's clock",
        [FZ_PAIR_ENDED] = "it is not valid any more by this machine's clock",
    };
    return pair == FZ_PAIR_GOOD ? FZ_OK : fail(path, faults[pair], ANEW_ADVICE, why, why_size);
}

/* What a CA can vouch for is settled when it is made: who trusts it has its certificate as it was then. */
static enum fz_result check_names(const struct place *place, const char *pem, const struct fz_host_names *hosts, char *why,
                                  size_t why_size)
{
    const char *lacking = fz_authority_lacks(pem, hosts);
    if (lacking == NULL)
        return FZ_OK;
    snprintf(why, why_size,
             "The CA %s cannot vouch for %s, because it was made without --tls-name %s. Remove the directory %s, start again, and "
             "trust the new CA; or leave that name away.",
             place->certificate, lacking, lacking, place->directory);
    return FZ_FAILED;
}

static enum fz_result read_certificate(const struct place *place, const struct fz_host_names *hosts,
                                       struct fz_authority *authority, char *why, size_t why_size)
{
    char reason[160];
    const char *path = place->certificate;
    enum fz_result result =
        fz_public_file_read(path, authority->pem, sizeof authority->pem, reason, sizeof reason);
    if (result == FZ_ABSENT) {
        result = make_certificate(path, authority->key, hosts, why, why_size);
        if (result != FZ_OK)
            return result;
        result = fz_public_file_read(path, authority->pem, sizeof authority->pem, reason, sizeof reason);
    }
    if (result != FZ_OK)
        return fail(path, reason, "Let this user read it.", why, why_size);
    result = check(path, fz_pair_check(authority->pem, authority->key, fz_wire_now_ms()), why, why_size);
    return result == FZ_OK ? check_names(place, authority->pem, hosts, why, why_size) : result;
}

enum fz_result fz_authority_open(const char *data, const struct fz_host_names *hosts, struct fz_authority *out, char *why,
                                 size_t why_size)
{
    struct place place;
    enum fz_result result = find_place(data, &place, why, why_size);
    if (result == FZ_OK && fz_private_directory_make(place.directory) != FZ_OK)
        result = fail(place.directory, strerrordesc_np(errno), "Let this user write it, or make room.", why,
                      why_size);
    out->key = NULL;
    if (result == FZ_OK)
        result = read_key(&place, &out->key, why, why_size);
    if (result == FZ_OK)
        result = read_certificate(&place, hosts, out, why, why_size);
    if (result == FZ_OK)
        (void)fz_copy(out->path, sizeof out->path, place.certificate);
    else
        fz_authority_done(out);
    return result;
}

void fz_authority_done(struct fz_authority *authority)
{
    EVP_PKEY_free(authority->key);
    authority->key = NULL;
}
