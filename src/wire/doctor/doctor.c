/* The signature doctor: text of the signature, key, padding and digest, message, one after another. */
#include "wire/doctor/doctor.h"

#include <string.h>

#include "wire/doctor/internal.h"

/* Which of the keys made it, and what is wrong with the signature's text. */
struct origin {
    const struct fz_candidate *candidate;
    enum fz_mistake text;
    struct fz_readings readings;
    size_t tried; /* keys */
};

static bool is_sure(const struct origin *origin)
{
    return origin->readings.count == 1 && origin->readings.list[0].sure;
}

/* A block that may be chance counts only when nothing better is found; then its message has to fit. */
static bool find_key(const struct fz_arrival *arrival, const struct fz_candidate *candidates, size_t count,
                     struct origin *out, bool *readable)
{
    struct origin unsure = {0};
    size_t tried = 0;
    for (size_t i = 0; i < count && i < FZ_CANDIDATES_MAX; i++) {
        unsigned char bytes[FZ_DOCTOR_SIGNATURE_MAX];
        size_t size = (size_t)EVP_PKEY_get_size(candidates[i].key);
        struct origin origin = {.candidate = &candidates[i]};
        if (!fz_doctor_read_signature(arrival->signature, arrival->signature_size, size, bytes, &origin.text))
            continue;
        *readable = true;
        tried++;
        if (!fz_doctor_recover(candidates[i].key, bytes, size, &origin.readings))
            continue;
        if (is_sure(&origin) || unsure.candidate == NULL) {
            fz_doctor_readings_done(&unsure.readings);
            unsure = origin;
        } else
            fz_doctor_readings_done(&origin.readings);
        if (is_sure(&unsure))
            break;
    }
    *out = unsure;
    out->tried = tried;
    return unsure.candidate != NULL;
}

static enum fz_mistake mistake_of_key(enum fz_candidate_role role)
{
    switch (role) {
    case FZ_CANDIDATE_OWN:
        return FZ_MISTAKE_KEY_OTHER_CERTIFICATE;
    case FZ_CANDIDATE_PLATFORM:
        return FZ_MISTAKE_KEY_PLATFORM;
    case FZ_CANDIDATE_NAMED:
        break;
    }
    return FZ_MISTAKE_NONE;
}

static enum fz_mistake mistake_of_hash(const EVP_MD *hash)
{
    if (EVP_MD_is_a(hash, "SHA256"))
        return FZ_MISTAKE_NONE;
    if (EVP_MD_is_a(hash, "SHA1"))
        return FZ_MISTAKE_DIGEST_SHA1;
    if (EVP_MD_is_a(hash, "MD5"))
        return FZ_MISTAKE_DIGEST_MD5;
    return EVP_MD_is_a(hash, "SHA512") ? FZ_MISTAKE_DIGEST_SHA512 : FZ_MISTAKE_DIGEST_OTHER;
}

static enum fz_mistake mistake_of_form(enum fz_recovered_form form)
{
    switch (form) {
    case FZ_RECOVERED_BARE:
        return FZ_MISTAKE_DIGEST_INFO_MISSING;
    case FZ_RECOVERED_PSS:
        return FZ_MISTAKE_PADDING_PSS;
    case FZ_RECOVERED_PKCS1:
        break;
    }
    return FZ_MISTAKE_NONE;
}

static void say_unknown(const char *more, const char *chinese_more, bool chinese, struct fz_diagnosis *out)
{
    struct fz_finding finding = {0};
    fz_finding_add(&finding, FZ_MISTAKE_UNKNOWN, NULL);
    fz_doctor_say(&finding, chinese ? chinese_more : more, chinese, out);
}

static void say_no_key(const struct fz_arrival *arrival, bool readable, struct fz_diagnosis *out)
{
    if (readable)
        say_unknown(
            "The signature was made by none of the keys that are yours here: the private key does not belong "
            "to the certificate that serial_no names, or the signature was damaged on its way",
            "签名不是由已知的您的任何密钥生成的：私钥与serial_no对应的证书不匹配，或签名在传输中被损坏",
            arrival->chinese, out);
    else
        say_unknown(
            "The text of the signature is not base64 of as many bytes as your key has (256 for 2048 bits)",
            "签名文本不是与密钥等长（2048位为256字节）的Base64", arrival->chinese, out);
}

/* By one reading after another, all of them together as long as one may take. `search` in any case begun, and of the last. */
static bool find_message(const struct fz_arrival *arrival, const struct origin *origin, struct fz_search *search)
{
    const struct fz_readings *readings = &origin->readings;
    for (size_t i = 0;; i++) {
        bool begun = fz_search_init(search, arrival, &readings->list[i], origin->tried);
        search->budget_ns /= readings->count;
        if (begun && fz_search_run(search))
            return true;
        if (i + 1 == readings->count)
            return false;
        fz_search_done(search);
    }
}

/* The key is known, and so is what was wrong with it; what message it was over is to be found. */
static void examine_message(const struct fz_arrival *arrival, const struct origin *origin,
                            struct fz_diagnosis *out)
{
    struct fz_search search;
    struct fz_finding finding = {0};
    bool found = find_message(arrival, origin, &search);
    fz_finding_add(&finding, origin->text, NULL);
    fz_finding_add(&finding, mistake_of_key(origin->candidate->role), NULL);
    fz_finding_add(&finding, mistake_of_form(search.recovered->form), NULL);
    fz_finding_add(&finding, mistake_of_hash(search.recovered->hash), NULL);
    bool known = finding.count > 0;
    for (size_t i = 0; i < search.finding.count; i++)
        fz_finding_add(&finding, search.finding.list[i].mistake, search.finding.list[i].how);
    if (found) {
        fz_doctor_say(&finding, NULL, arrival->chinese, out);
        fz_doctor_point(&search.signed_message, &search.expected, out);
    } else if (!is_sure(origin)) {
        say_no_key(arrival, true, out);
    } else if (known) {
        fz_doctor_say(&finding,
                      arrival->chinese ? "此外，签名串也与服务器收到的请求不一致"
                                       : "Besides, the message that was signed is not that of the request",
                      arrival->chinese, out);
    } else {
        say_unknown("It is the right key, so the message that was signed differs from the request in a way that is not known: "
                    "compare it, byte for byte, with the request as it came, its body too (a running server shows it under "
                    "GET /requests/REQUEST_ID on its control address). If both are of the same length, look at the order of "
                    "the body's members",
                    "密钥正确，但签名串与服务器收到的请求不一致，请与收到的请求（包括请求体）逐字节比较（运行中的服务可在控制地址用GET "
                    "/requests/REQUEST_ID查看）。长度相同时，请检查请求体字段的顺序",
                    arrival->chinese, out);
    }
    fz_search_done(&search);
}

void fz_doctor(const struct fz_arrival *arrival, const struct fz_candidate *candidates, size_t count,
               struct fz_diagnosis *out)
{
    struct origin origin;
    bool readable = false;
    if (arrival->signature_size == 0) {
        fz_doctor_name(FZ_MISTAKE_SIGNATURE_EMPTY, NULL, arrival->chinese, out);
        return;
    }
    if (!find_key(arrival, candidates, count, &origin, &readable)) {
        say_no_key(arrival, readable, out);
        return;
    }
    examine_message(arrival, &origin, out);
    fz_doctor_readings_done(&origin.readings);
}
