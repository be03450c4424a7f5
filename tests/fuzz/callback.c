/* Bodies of callbacks, and certificates lists: nothing that nobody signed is believed, and what was sealed is what comes out.
 * Byte 0 of an input says what the rest is:
 *   0  a callback's body      1  what is sealed in one
 *   2  a list's body          3  the PEM that is sealed in one */
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/trust.h"
#include "fuzz.h"
#include "spec/client/callback.h"
#include "unit/client/platform.h"

#define KEY ((const unsigned char *)APIV3_KEY)

static void read_callback(const char *body, size_t size, const char *plain, size_t plain_size)
{
    struct fz_callback callback = {0};
    enum fz_callback_fault fault = fz_callback_read(body, size, KEY, &callback);
    if (fault == FZ_CALLBACK_FAILED || (plain != NULL && fault != FZ_CALLBACK_READ))
        abort();
    if (plain != NULL && (callback.resource_size != plain_size || memcmp(callback.resource, plain, plain_size) != 0))
        abort();
    if (fault == FZ_CALLBACK_READ && callback.resource[callback.resource_size] != '\0')
        abort();
    fz_callback_done(&callback);
}

static void read_sealed(const char *plain, size_t size)
{
    unsigned char sealed[5000], base64[8000];
    char *body = NULL;
    int used = 0, more = 0;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), NULL, KEY, (const unsigned char *)"fdasflkja484");
    EVP_EncryptUpdate(context, sealed, &used, (const unsigned char *)plain, (int)size);
    EVP_EncryptFinal_ex(context, sealed + used, &more);
    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, 16, sealed + used);
    EVP_CIPHER_CTX_free(context);
    EVP_EncodeBlock(base64, sealed, used + 16);
    int length = asprintf(&body, "{\"event_type\":\"x\",\"resource\":{\"algorithm\":\"AEAD_AES_256_GCM\",\"nonce\":\"fdasflkja484\","
                                 "\"ciphertext\":\"%s\"}}", base64);
    read_callback(body, (size_t)length, plain, size);
    free(body);
}

static void read_list(const char *body, size_t size)
{
    char why[256];
    struct fz_trust *trust = NULL;
    const struct fz_trust_setup setup = {.apiv3_key = KEY};
    const struct fz_signed_headers headers = {"1767600000", "x", "56B967D6BDE78849FB8EDFDA6787867439372B3B", "AAAA"};
    if (fz_trust_new(&setup, 1767600000000, &trust, why, sizeof why) != FZ_OK)
        abort();
    if (fz_trust_fetched(trust, &headers, body, size, 1767600000000, 300, 1000, why, sizeof why) != FZ_MALFORMED || why[0] == '\0')
        abort();
    fz_trust_free(trust);
}

static void read_certificate(const char *plain, size_t size)
{
    char *pem = strndup(plain, size), *body = platform_list(APIV3_KEY, (const char *const[]){pem, NULL});
    read_list(body, strlen(body));
    free(body);
    free(pem);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    if (size < 2)
        return 0;
    size--;
    char *text = malloc(size); /* as long as it is: what reads on is seen */
    memcpy(text, input + 1, size);
    switch (input[0] % 4) {
    case 0:
        read_callback(text, size, NULL, 0);
        break;
    case 1:
        read_sealed(text, size);
        break;
    case 2:
        read_list(text, size);
        break;
    default:
        read_certificate(text, size);
    }
    free(text);
    return 0;
}
