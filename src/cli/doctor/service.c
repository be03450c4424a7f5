/* What the service says to a signed request: the clock, the signature. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/doctor/checkup.h"
#include "cli/signed/signed.h"

#define LINE_SIZE   200
#define CLOCK_MAX_S 300 /* requests further off are refused */

static void check_clock(struct fz_checkup *checkup, const struct fz_signed_answer *answer)
{
    time_t theirs = answer->date[0] == '\0' ? -1 : curl_getdate(answer->date, NULL);
    if (theirs < 0) {
        fz_checkup_skip(checkup, "clock", "the clock: the answer has no Date to compare with");
        return;
    }
    int64_t ahead = answer->came_ms / 1000 - theirs, off = llabs(ahead);
    if (off > CLOCK_MAX_S)
        fz_checkup_wrong(checkup, "clock", "Set this machine's clock: timedatectl set-ntp true.",
                         "this machine's clock is %" PRId64
                         " s %s the service's; more than %d s off, and requests are refused",
                         off, ahead > 0 ? "ahead of" : "behind", CLOCK_MAX_S);
    else
        fz_checkup_well(checkup, "clock", "the clock is within %" PRId64 " s of the service's", off + 1);
}

/* What the service found out is better than what it says first. */
static void tell_refusal(struct fz_checkup *checkup, const struct fz_signed_answer *answer)
{
    json_t *body = json_loadb(answer->body.data == NULL ? "" : answer->body.data, answer->body.size, 0, NULL);
    const char *message = json_string_value(json_object_get(body, "message"));
    const char *found = json_string_value(json_object_get(json_object_get(body, "diagnosis"), "message"));
    fz_checkup_wrong(checkup, "signature",
                     "The merchant platform (Account Center > API Security) shows the serial number of the certificate "
                     "that counts: is it this one, neither replaced nor revoked? Is the key its key, and mchid its "
                     "merchant?",
                     "the service refuses the signature of merchant %s, serial number %s (%ld): %s%s%s",
                     checkup->profile.values[FZ_SETTING_MCHID], checkup->profile.values[FZ_SETTING_SERIAL_NO],
                     answer->status, message == NULL ? "it does not say why" : message, found == NULL ? "" : ". ",
                     found == NULL ? "" : found);
    json_decref(body);
}

static void judge(struct fz_checkup *checkup, const struct fz_signed_answer *answer)
{
    check_clock(checkup, answer);
    if (answer->status == 401) {
        tell_refusal(checkup, answer);
        return;
    }
    if (answer->signature[0] == '\0') {
        fz_checkup_wrong(checkup, "signature", "Look at hosts of the profile, and at what stands in between.",
                         "the answer of %s (%ld) is not signed, so it is not the service's", checkup->host, answer->status);
        return;
    }
    fz_checkup_well(checkup, "signature", "the service takes the signature of merchant %s",
                    checkup->profile.values[FZ_SETTING_MCHID]);
    fz_check_platform(checkup, answer);
}

void fz_check_service(struct fz_checkup *checkup)
{
    const char *const *values = checkup->profile.values;
    struct fz_signed_answer answer;
    char name[LINE_SIZE];
    struct curl_slist *headers = NULL;
    if (checkup->host == NULL || checkup->key == NULL || values[FZ_SETTING_SERIAL_NO] == NULL) {
        fz_checkup_skip(checkup, "signature", "what the service says: %s",
                        checkup->host == NULL  ? "no host can be reached"
                        : checkup->key == NULL ? "there is no key to sign with"
                                               : "no serial number is set");
        return;
    }
    if (values[FZ_SETTING_PUBLIC_KEY_ID] != NULL) {
        snprintf(name, sizeof name, "Wechatpay-Serial: %s", values[FZ_SETTING_PUBLIC_KEY_ID]);
        headers = curl_slist_append(NULL, name);
    }
    const struct fz_signed_request request = {.mchid = values[FZ_SETTING_MCHID],
                                              .serial_no = values[FZ_SETTING_SERIAL_NO],
                                              .key = checkup->key,
                                              .host = checkup->host,
                                              .ca_file = values[FZ_SETTING_CA_FILE],
                                              .proxy = values[FZ_SETTING_PROXY],
                                              .method = "GET",
                                              .target = "/v3/certificates",
                                              .headers = headers};
    CURLcode code = fz_signed_send(&request, &answer);
    if (code == CURLE_OK)
        judge(checkup, &answer);
    else
        fz_checkup_wrong(checkup, "host", "Try again; look at what stands in between.", "%s gave no answer: %s",
                         checkup->host, answer.detail[0] == '\0' ? curl_easy_strerror(code) : answer.detail);
    fz_signed_answer_done(&answer);
    curl_slist_free_all(headers);
}
