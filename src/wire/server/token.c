/* The token of a bill link: version, kind, day, expiry, caller, sub-merchant; behind them the HMAC. */
#include "wire/server/token.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#include "base/text.h"
#include "wire/base64.h"
#include "wire/openssl.h"

#define VERSION     1
#define HEAD_SIZE   14 /* version 1, kind 1, day 4, expiry 8 */
#define NAME_SIZE   32
#define MAC_SIZE    32
#define FIELDS_SIZE (HEAD_SIZE + 2 * (1 + NAME_SIZE))

static unsigned char *put_number(unsigned char *out, uint64_t value, int bytes)
{
    for (int i = bytes - 1; i >= 0; i--)
        *out++ = (unsigned char)(value >> (8 * i));
    return out;
}

static uint64_t read_number(const unsigned char **at, int bytes)
{
    uint64_t value = 0;
    for (int i = 0; i < bytes; i++)
        value = value << 8 | *(*at)++;
    return value;
}

/* A name behind a byte that tells its length. */
static unsigned char *put_name(unsigned char *out, const char *name)
{
    size_t size = strlen(name);
    assert(size <= NAME_SIZE);
    *out++ = (unsigned char)size;
    memcpy(out, name, size);
    return out + size;
}

static bool read_name(const unsigned char **at, const unsigned char *end, char out[NAME_SIZE + 1])
{
    if (*at == end || **at > NAME_SIZE || **at > end - *at - 1)
        return false;
    size_t size = *(*at)++;
    fz_copy_part(out, NAME_SIZE + 1, (const char *)*at, size);
    *at += size;
    return true;
}

static bool authenticate(const unsigned char *fields, size_t size, const unsigned char key[32],
                         unsigned char out[MAC_SIZE])
{
    FZ_KEEP_ERROR_QUEUE;
    unsigned mac_size = 0;
    return HMAC(EVP_sha256(), key, 32, fields, size, out, &mac_size) != NULL;
}

enum fz_result fz_token_write(const struct fz_bill_link *link, const unsigned char key[32],
                              char out[FZ_TOKEN_SIZE])
{
    unsigned char bytes[FIELDS_SIZE + MAC_SIZE];
    unsigned char *end = bytes;
    *end++ = VERSION;
    *end++ = (unsigned char)link->kind;
    end = put_number(end, (uint64_t)link->day, 4);
    end = put_number(end, (uint64_t)link->expires_ms, 8);
    end = put_name(end, link->caller);
    end = put_name(end, link->sub_mchid);
    if (!authenticate(bytes, (size_t)(end - bytes), key, end))
        return FZ_FAILED;
    fz_base64url_write(out, bytes, (size_t)(end - bytes) + MAC_SIZE);
    return FZ_OK;
}

static bool read_fields(const unsigned char *at, const unsigned char *end, struct fz_bill_link *out)
{
    if (end - at < HEAD_SIZE || *at++ != VERSION)
        return false;
    unsigned kind = *at++;
    out->kind = (enum fz_bill_sort)kind;
    out->day = (int)(uint32_t)read_number(&at, 4);
    out->expires_ms = (int64_t)read_number(&at, 8);
    return (kind == FZ_SORT_REFUNDS || kind == FZ_SORT_DISTRIBUTIONS) && read_name(&at, end, out->caller) &&
           read_name(&at, end, out->sub_mchid) && at == end;
}

enum fz_result fz_token_read(const char *token, const unsigned char key[32], struct fz_bill_link *out)
{
    unsigned char bytes[FIELDS_SIZE + MAC_SIZE];
    size_t size = 0;
    if (fz_base64url_read(token, strlen(token), bytes, sizeof bytes, &size) != FZ_OK || size < MAC_SIZE)
        return FZ_MALFORMED;
    size -= MAC_SIZE;
    unsigned char mac[MAC_SIZE];
    if (!authenticate(bytes, size, key, mac))
        return FZ_FAILED;
    struct fz_bill_link link = {0};
    if (CRYPTO_memcmp(mac, bytes + size, MAC_SIZE) != 0 || !read_fields(bytes, bytes + size, &link))
        return FZ_MALFORMED;
    *out = link;
    return FZ_OK;
}
