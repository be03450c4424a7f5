/* GET /callbacks/mode, POST /callbacks/mode: the courier as an adversary. */
#include "base/calendar.h"
#include "base/text.h"
#include "server/control/calls/replaced.h"
#include "server/control/calls/routes.h"
#include "server/courier/mode.h"

#define COUNT_MAX 1000000

static const char *const header_words[] = {"Wechatpay-Signature",      "Wechatpay-Timestamp",
                                           "Wechatpay-Nonce",          "Wechatpay-Serial",
                                           "Wechatpay-Signature-Type", NULL};

static json_t *as_json(const struct fz_courier_mode *mode)
{
    char until[FZ_TIME_SIZE] = "";
    bool delays = mode->kind == FZ_MODE_DELAY || mode->kind == FZ_MODE_REORDER;
    if (mode->until_ms != INT64_MAX)
        fz_format_time(until, mode->until_ms);
    return json_pack("{s:s?, s:s, s:o, s:s?, s:s*, s:o*}", "mchid",
                     mode->mchid[0] == '\0' ? NULL : mode->mchid, "mode", fz_courier_mode_words[mode->kind],
                     "count", mode->left == INT64_MAX ? json_null() : json_integer(mode->left), "until",
                     until[0] == '\0' ? NULL : until, "header",
                     mode->kind == FZ_MODE_STRIPPED ? mode->header : NULL, "delay_seconds",
                     delays ? json_integer(mode->delay_ms / FZ_SECOND_MS) : NULL);
}

void fz_control_list_modes(struct fz_control_call *call)
{
    struct fz_courier_mode modes[FZ_COURIER_MODES_MAX];
    size_t count = fz_courier_list_modes(call->parts->courier, modes);
    json_t *list = json_array();
    for (size_t i = 0; list != NULL && i < count; i++)
        if (json_array_append_new(list, as_json(&modes[i])) != 0) {
            json_decref(list);
            list = NULL;
        }
    fz_control_answer(call, json_pack("{s:o}", "modes", list));
}

/* ---- setting ---- */

static int64_t read_until(struct fz_control_call *call)
{
    int64_t until_ms = INT64_MAX;
    const char *text = fz_body_text(call, "until", 1, 64);
    if (text != NULL && fz_parse_time(text, &until_ms) != FZ_OK)
        fz_body_fault(call, "\"until\" is no RFC 3339 time: send one like 2026-01-02T10:00:00+08:00");
    return until_ms;
}

static int64_t read_delay(struct fz_control_call *call)
{
    int64_t end_ms = 10 * FZ_SECOND_MS;
    const char *text = fz_body_text(call, "delay", 1, 64);
    if (text != NULL &&
        (fz_add_duration(0, text, &end_ms) != FZ_OK || end_ms < FZ_SECOND_MS || end_ms > FZ_DAY_MS))
        fz_body_fault(call, "\"delay\" is no ISO 8601 duration from PT1S to P1D: send one like PT10S");
    return end_ms;
}

/* What belongs to one mode alone is no good with another. */
static void check_members(struct fz_control_call *call, enum fz_courier_mode_kind kind)
{
    fz_body_only(call, call->members);
    fz_body_require(call, "mode");
    if (fz_body_has(call, "delay") && kind != FZ_MODE_DELAY && kind != FZ_MODE_REORDER)
        fz_body_fault(call, "\"delay\" belongs to the modes delay and reorder: leave it away");
    if (fz_body_has(call, "header") && kind != FZ_MODE_STRIPPED)
        fz_body_fault(call, "\"header\" belongs to the mode stripped: leave it away");
}

void fz_control_set_mode(struct fz_control_call *call)
{
    struct fz_courier_mode mode = {
        .kind = (enum fz_courier_mode_kind)fz_body_word(call, "mode", fz_courier_mode_words, 0)};
    check_members(call, mode.kind);
    fz_copy(mode.mchid, sizeof mode.mchid, fz_body_letters(call, "mchid", 8, 32, FZ_DIGIT_LETTERS));
    fz_copy(mode.header, sizeof mode.header, header_words[fz_body_word(call, "header", header_words, 0)]);
    mode.left = fz_body_integer(call, "count", 1, COUNT_MAX, INT64_MAX);
    mode.until_ms = read_until(call);
    mode.delay_ms = read_delay(call);
    if (!fz_body_is_sound(call) || !fz_control_knows_its_book(call, "The mode was not set"))
        return;
    if (fz_courier_set_mode(call->parts->courier, &mode) == FZ_OK)
        fz_control_list_modes(call);
    else
        fz_control_refuse(call, MHD_HTTP_CONFLICT,
                          "The mode was not set: %d merchants have one already. Take one away with \"none\".",
                          FZ_COURIER_MODES_MAX);
}
