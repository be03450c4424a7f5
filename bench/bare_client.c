/* A query by libcurl alone: signed, exchanged, and a signature as long verified. */
#include "bare_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/random.h"
#include "wire/authorization.h"
#include "wire/key.h"

#define KEY_MAX 16384

void must(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "client: %s\n", what);
    exit(1);
}

char *read_whole(const char *path)
{
    char *text = calloc(1, KEY_MAX);
    FILE *file = fopen(path, "r");
    must(text != NULL && file != NULL && fread(text, 1, KEY_MAX - 1, file) > 0, "a key or certificate cannot be read");
    fclose(file);
    return text;
}

static size_t keep(char *data, size_t one, size_t count, void *argument)
{
    struct bare *bare = argument;
    must(bare->answer_size + one * count <= sizeof bare->answer, "the answer is too long");
    memcpy(bare->answer + bare->answer_size, data, one * count);
    bare->answer_size += one * count;
    return one * count;
}

/* What is verified is a signature of the same size over as much: whose key it is makes no difference. */
static void sign_answer(struct bare *bare)
{
    struct fz_piece pieces[6];
    fz_answer_message(pieces, "1700000000", "0123456789abcdef0123456789abcdef", bare->answer, bare->answer_size);
    must(fz_sign(bare->signer, pieces, 6, bare->signed_by_us) == FZ_OK, "signing failed");
}

static void verify(struct bare *bare)
{
    struct fz_piece pieces[6];
    fz_answer_message(pieces, "1700000000", "0123456789abcdef0123456789abcdef", bare->answer, bare->answer_size);
    must(EVP_DecodeBlock(bare->signature, (const unsigned char *)bare->signed_by_us, (int)strlen(bare->signed_by_us)) == 258,
         "the key is not of 2048 bits");
    must(fz_verify(bare->verifier, pieces, 6, bare->signature, 256), "verifying failed");
}

static void sign_request(struct bare *bare, struct fz_text *line)
{
    char nonce[33], timestamp[24], signature[FZ_SIGNATURE_BASE64_SIZE];
    struct fz_piece pieces[10];
    int64_t seconds = fz_wire_now_ms() / 1000;
    must(fz_random_text_try(nonce, sizeof nonce) == FZ_OK, "no random numbers");
    snprintf(timestamp, sizeof timestamp, "%lld", (long long)seconds);
    fz_request_message(pieces, "GET", bare->target, timestamp, nonce, "", 0);
    must(fz_sign(bare->signer, pieces, 10, signature) == FZ_OK, "signing failed");
    fz_text_string(line, "Authorization: ");
    fz_authorization_write(line, bare->mchid, bare->serial_no, nonce, seconds, signature);
}

static void exchange(struct bare *bare)
{
    long status = 0;
    struct fz_text line = {.max = 4096};
    sign_request(bare, &line);
    struct curl_slist *headers = curl_slist_append(curl_slist_append(NULL, line.data), "Accept: application/json");
    bare->answer_size = 0;
    curl_easy_setopt(bare->easy, CURLOPT_HTTPHEADER, headers);
    must(curl_easy_perform(bare->easy) == CURLE_OK, "libcurl got no answer");
    curl_easy_getinfo(bare->easy, CURLINFO_RESPONSE_CODE, &status);
    must(status == 200, "libcurl got a refusal");
    curl_slist_free_all(headers);
    fz_text_done(&line);
}

void bare_ask(struct bare *bare)
{
    exchange(bare);
    verify(bare);
}

void bare_sign_and_verify(struct bare *bare)
{
    sign_answer(bare);
    verify(bare);
}

void bare_open(struct bare *bare, const char *api, const char *target, const char *mchid, const char *serial_no, const char *key_file)
{
    char *pem = read_whole(key_file);
    EVP_PKEY *key = fz_key_read(pem);
    *bare = (struct bare){.mchid = mchid, .serial_no = serial_no};
    bare->signer = fz_signer_new(key);
    bare->verifier = fz_verifier_new(key);
    bare->easy = curl_easy_init();
    must(bare->signer != NULL && bare->verifier != NULL && bare->easy != NULL, "memory is short");
    snprintf(bare->target, sizeof bare->target, "%s", target);
    snprintf(bare->url, sizeof bare->url, "%s%s", api, target);
    curl_easy_setopt(bare->easy, CURLOPT_URL, bare->url);
    curl_easy_setopt(bare->easy, CURLOPT_PROXY, "");
    curl_easy_setopt(bare->easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(bare->easy, CURLOPT_USERAGENT, "bench");
    curl_easy_setopt(bare->easy, CURLOPT_WRITEFUNCTION, keep);
    curl_easy_setopt(bare->easy, CURLOPT_WRITEDATA, bare);
    exchange(bare);
    sign_answer(bare);
    EVP_PKEY_free(key);
    free(pem);
}

void bare_close(struct bare *bare)
{
    fz_signer_free(bare->signer);
    fz_verifier_free(bare->verifier);
    curl_easy_cleanup(bare->easy);
}
