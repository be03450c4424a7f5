/* Paying by code: whether the code is one, whose it is, and whether its payer has to enter a password. */
#include "book/order/code.h"

#include <string.h>

#include "base/calendar.h"
#include "book/event.h"
#include "book/order/rail.h"
#include "book/order/share.h"

FZ_STATEMENT(code_find, "SELECT payment FROM payment_code WHERE auth_code = $1", "t", "i");
FZ_STATEMENT(code_insert, "INSERT INTO payment_code (payment, auth_code) VALUES ($1, $2) ON CONFLICT (auth_code) DO NOTHING", "it", "");

/* The vendor's guidance: above 3 000 CNY, or as much in other money, the payer enters a password. */
#define WITHOUT_PASSWORD_MAX INT64_C(300000)
#define PASSWORD_MS          (5 * FZ_MINUTE_MS) /* our own: no document says how long he has */

struct fz_code_payer fz_code_payer_of(const char *auth_code)
{
    static const struct {
        const char *ending;
        struct fz_code_payer payer;
    } payers[] = {
        {"9901", {.is_asked = true, .enters_ms = 10 * FZ_SECOND_MS, .gives_up_ms = PASSWORD_MS}},
        {"9902", {.is_asked = true, .gives_up_ms = PASSWORD_MS}},
        {"9903", {.is_asked = true, .gives_up_ms = 10 * FZ_SECOND_MS}},
        {"9904", {.is_short = true}},
        {"9905", {.is_asked = true, .gives_up_ms = PASSWORD_MS, .holds_ms = 10 * FZ_SECOND_MS}},
    };
    size_t size = strlen(auth_code);
    for (size_t i = 0; i < sizeof payers / sizeof payers[0]; i++)
        if (size >= 4 && strcmp(auth_code + size - 4, payers[i].ending) == 0)
            return payers[i].payer;
    return (struct fz_code_payer){.gives_up_ms = PASSWORD_MS};
}

static bool is_code(const char *text)
{
    bool begins = text[0] == '1' && text[1] >= '0' && text[1] <= '5';
    return begins && strlen(text) == FZ_AUTH_CODE_SIZE - 1 &&
           strspn(text, "0123456789") == FZ_AUTH_CODE_SIZE - 1;
}

/* Whether the code can still be used, and its payer can pay. */
static enum fz_result check_code(struct fz_tx *tx, const char *auth_code)
{
    if (!is_code(auth_code))
        return fz_refuse(tx->error, FZ_CODE_INVALID);
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(tx, &code_find, FZ_VALUES(FZ_T(auth_code)), &row);
    if (result == FZ_OK)
        return fz_refuse(tx->error, FZ_CODE_USED);
    if (result != FZ_ABSENT)
        return result;
    return fz_code_payer_of(auth_code).is_short ? fz_refuse(tx->error, FZ_CODE_SHORT) : FZ_OK;
}

static enum fz_result store_code(struct fz_tx *tx, const struct fz_payment *payment, const char *auth_code)
{
    enum fz_result result = fz_insert(tx, &code_insert, FZ_VALUES(FZ_I(payment->id), FZ_T(auth_code)));
    /* Another writer was first with this code. */
    return result == FZ_CONFLICT ? fz_refuse(tx->error, FZ_CODE_USED) : result;
}

static bool needs_password(const struct fz_payment *payment, const struct fz_code_payer *payer)
{
    struct fz_payment paid = *payment;
    fz_share_set_totals(&paid);
    return payer->is_asked || paid.settled > WITHOUT_PASSWORD_MAX;
}

/* Takes the money, or waits for the password. */
static enum fz_result take_payment(struct fz_tx *tx, const struct fz_code_payer *payer,
                                   struct fz_payment *payment)
{
    if (!needs_password(payment, payer))
        return fz_rail_paid(tx, payment, 0);
    payment->state = FZ_PAYMENT_USERPAYING;
    if (payer->enters_ms == 0)
        return FZ_OK;
    return fz_event_plan(tx, FZ_EVENT_PASSWORD, payment->id, tx->now_ms + payer->enters_ms);
}

enum fz_result fz_payment_pay_by_code(struct fz_tx *tx, const struct fz_party *party,
                                      const struct fz_order_request *request, const char *auth_code,
                                      struct fz_payment *out)
{
    struct fz_payment payment;
    enum fz_result result =
        fz_payment_by_out_trade_no(tx, party->caller, party->sub_mchid, request->out_trade_no, &payment);
    if (result == FZ_OK) {
        if (memcmp(payment.digest, request->digest, FZ_DIGEST_SIZE) != 0)
            return fz_refuse(tx->error, FZ_ORDER_NUMBER_USED);
        *out = payment;
        return FZ_OK;
    }
    if (result == FZ_ABSENT)
        result = check_code(tx, auth_code);
    if (result != FZ_OK)
        return result;
    struct fz_code_payer payer = fz_code_payer_of(auth_code);
    struct fz_order_request order = *request;
    order.expires_ms = tx->now_ms + payer.gives_up_ms;
    result = fz_payment_place(tx, party, &order, &payment);
    if (result == FZ_OK)
        result = store_code(tx, &payment, auth_code);
    if (result == FZ_OK)
        result = take_payment(tx, &payer, &payment);
    if (result == FZ_OK)
        *out = payment;
    return result;
}

enum fz_result fz_rail_password_entered(struct fz_tx *tx, int64_t payment)
{
    struct fz_payment paid;
    enum fz_result result = fz_payment_by_row(tx, payment, &paid);
    return result == FZ_OK ? fz_rail_paid(tx, &paid, 0) : result;
}
