/* What the signature doctor takes for one request, at its best and at its worst: prints lines "NAME
 * MICROSECONDS", each the median of many runs. */
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "wire/certificate.h"
#include "wire/doctor/doctor.h"
#include "wire/server/key.h"
#include "wire/signature.h"

#define RUNS 101

static const char target[] =
    "/v3/global/profit-sharing/"
    "bill-download-url?sub_mchid=1900000109&bill_date=2026-01-04&tar_type=GZIP&note=%E5%88%86";

static int compare(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

/* Of this thread alone, so that neighbours do not count. */
static int64_t cpu_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* `body` is what arrives, `sent` what was signed in its place. */
static void measure(const char *name, EVP_PKEY *signing, const struct fz_candidate *candidates, size_t count,
                    const char *sent, bool last_end, const struct fz_text *body)
{
    char signature[FZ_SIGNATURE_BASE64_SIZE];
    struct fz_signer *signer = fz_signer_new(signing);
    struct fz_piece pieces[10];
    fz_request_message(pieces, body->size > 0 ? "POST" : "GET", sent, "1767600000",
                       "593BEC0C930BF1AFEB40B4A08C8FB242", body->data, body->size);
    if (signer == NULL || fz_sign(signer, pieces, last_end ? 10 : 9, signature) != FZ_OK)
        abort();
    fz_signer_free(signer);
    struct fz_arrival arrival = {.method = body->size > 0 ? "POST" : "GET",
                                 .target = target,
                                 .timestamp = "1767600000",
                                 .nonce = "593BEC0C930BF1AFEB40B4A08C8FB242",
                                 .mchid = "1900000100",
                                 .serial_no = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1",
                                 .host = "apihk.mch.weixin.qq.com",
                                 .signature = signature,
                                 .signature_size = strlen(signature),
                                 .body = body->data,
                                 .body_size = body->size};
    int64_t took_us[RUNS];
    struct fz_diagnosis diagnosis;
    for (int i = 0; i < RUNS; i++) {
        int64_t begin_us = cpu_us();
        fz_doctor(&arrival, candidates, count, &diagnosis);
        took_us[i] = cpu_us() - begin_us;
    }
    qsort(took_us, RUNS, sizeof took_us[0], compare);
    printf("%s (%s) %lld\n", name, diagnosis.mistake, (long long)took_us[RUNS / 2]);
}

/* A distribution's body, as long as asked for. */
static struct fz_text body_of(size_t size)
{
    struct fz_text body = {.max = 1 << 20};
    fz_text_string(&body, "{\"transaction_id\":\"4208450740201411110007820472\",\"receivers\":[");
    while (body.size + 100 < size)
        fz_text_format(&body, "{\"account\":\"1900000109\",\"amount\":%d,\"description\":\"分给商户\"},",
                       (int)(body.size % 1000));
    fz_text_string(&body, "{\"account\":\"1900000110\",\"amount\":1}]}");
    return body;
}

int main(void)
{
    EVP_PKEY *keys[FZ_CANDIDATES_MAX], *stranger = fz_key_new();
    struct fz_candidate candidates[FZ_CANDIDATES_MAX];
    for (size_t i = 0; i < FZ_CANDIDATES_MAX; i++) {
        keys[i] = fz_key_new();
        candidates[i] = (struct fz_candidate){keys[i], i == 0 ? FZ_CANDIDATE_NAMED : FZ_CANDIDATE_OWN};
    }
    struct fz_text none = {.max = 1}, small = body_of(1000), usual = body_of(8000), largest = body_of(65000);
    measure("last line end", keys[0], candidates, 2, target, false, &none);
    measure("nothing found, no body", keys[0], candidates, 2, "/another", true, &none);
    measure("nothing found, body of 1 KB", keys[0], candidates, 2, "/another", true, &small);
    measure("nothing found, body of 8 KB", keys[0], candidates, 2, "/another", true, &usual);
    measure("nothing found, body of 64 KB", keys[0], candidates, 2, "/another", true, &largest);
    measure("no key fits, 32 keys", stranger, candidates, FZ_CANDIDATES_MAX, target, true, &none);
    measure("the last of 32 keys, nothing found, 8 KB", keys[FZ_CANDIDATES_MAX - 1], candidates,
            FZ_CANDIDATES_MAX, "/another", true, &usual);
    for (size_t i = 0; i < FZ_CANDIDATES_MAX; i++)
        EVP_PKEY_free(keys[i]);
    EVP_PKEY_free(stranger);
    fz_text_done(&small);
    fz_text_done(&usual);
    fz_text_done(&largest);
    return 0;
}
