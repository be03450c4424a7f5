/* The service's codes, in all their spellings, and what each says about trying again. */
#include <string.h>

#include "client/error.h"

/* How long to wait where the service asks for it: its limits count by the second and the minute, and a bill is made in
 * minutes. */
#define AT_ONCE_MS   0
#define SOON_MS      1000
#define BILL_WAIT_MS 60000

static const struct {
    const char *text;
    enum fz_code code;
} spellings[] = {
    {"PARAM_ERROR", FZ_CODE_PARAM_ERROR},
    {"INVALID_REQUEST", FZ_CODE_INVALID_REQUEST},
    {"SIGN_ERROR", FZ_CODE_SIGN_ERROR},
    {"SIGNERROR", FZ_CODE_SIGN_ERROR},
    {"NO_AUTH", FZ_CODE_NO_AUTH},
    {"NOAUTH", FZ_CODE_NO_AUTH},
    {"SYSTEM_ERROR", FZ_CODE_SYSTEM_ERROR},
    {"SYSTEMERROR", FZ_CODE_SYSTEM_ERROR},
    {"SYSTEM ERROR", FZ_CODE_SYSTEM_ERROR},
    {"SERVICE_UNAVAILABLE", FZ_CODE_SERVICE_UNAVAILABLE},
    {"FREQUENCY_LIMITED", FZ_CODE_FREQUENCY_LIMITED},
    {"FREQUENCY_LIMIT_EXCEED", FZ_CODE_FREQUENCY_LIMITED},
    {"RATELIMIT_EXCEEDED", FZ_CODE_FREQUENCY_LIMITED},
    {"INVALID_REQ_TOO_MUCH", FZ_CODE_FREQUENCY_LIMITED},
    {"NOT_FOUND", FZ_CODE_NOT_FOUND},
    {"METHOD_NOT_ALLOWED", FZ_CODE_METHOD_NOT_ALLOWED},
    {"REQUIRE_POST_METHOD", FZ_CODE_METHOD_NOT_ALLOWED},
    {"MCH_NOT_EXISTS", FZ_CODE_MCH_NOT_EXISTS},
    {"MCHID_NOT_EXIST", FZ_CODE_MCH_NOT_EXISTS},
    {"APPID_NOT_EXIST", FZ_CODE_APPID_NOT_EXIST},
    {"USER_ACCOUNT_ABNORMAL", FZ_CODE_USER_ACCOUNT_ABNORMAL},
    {"RESOURCE_NOT_EXISTS", FZ_CODE_RESOURCE_NOT_EXISTS},
    {"REFUNDNOTEXIST", FZ_CODE_RESOURCE_NOT_EXISTS},
    {"ORDER_NOT_EXIST", FZ_CODE_ORDER_NOT_EXIST},
    {"ORDERNOTEXIST", FZ_CODE_ORDER_NOT_EXIST},
    {"NO_STATEMENT_EXIST", FZ_CODE_NO_STATEMENT_EXIST},
    {"STATEMENT_CREATING", FZ_CODE_STATEMENT_CREATING},
    {"OUT_TRADE_NO_USED", FZ_CODE_OUT_TRADE_NO_USED},
    {"ORDER_PAID", FZ_CODE_ORDER_PAID},
    {"ORDERPAID", FZ_CODE_ORDER_PAID},
    {"ORDER_CLOSED", FZ_CODE_ORDER_CLOSED},
    {"ORDERCLOSED", FZ_CODE_ORDER_CLOSED},
    {"ORDER_REVERSED", FZ_CODE_ORDER_REVERSED},
    {"ORDERREVERSED", FZ_CODE_ORDER_REVERSED},
    {"AUTH_CODE_INVALID", FZ_CODE_AUTH_CODE_INVALID},
    {"USERPAYING", FZ_CODE_USERPAYING},
    {"REVERSE_EXPIRE", FZ_CODE_REVERSE_EXPIRE},
    {"ORDER_NOT_READY", FZ_CODE_ORDER_NOT_READY},
    {"NOT_ENOUGH", FZ_CODE_NOT_ENOUGH},
    {"NOTENOUGH", FZ_CODE_NOT_ENOUGH},
    {"INVALID_TRANSACTIONID", FZ_CODE_INVALID_TRANSACTIONID},
    {"OUT_REFUND_NO_USED", FZ_CODE_OUT_REFUND_NO_USED},
    {"REFUND_FEE_MISMATCH", FZ_CODE_REFUND_FEE_MISMATCH},
    {"TRADE_OVERDUE", FZ_CODE_TRADE_OVERDUE},
};

enum fz_code fz_code_of(const char *text)
{
    for (size_t i = 0; i < sizeof spellings / sizeof spellings[0]; i++)
        if (strcmp(spellings[i].text, text) == 0)
            return spellings[i].code;
    return FZ_CODE_UNKNOWN;
}

bool fz_code_may_retry(enum fz_code code, int64_t *wait_ms)
{
    switch (code) {
    case FZ_CODE_SYSTEM_ERROR:
    case FZ_CODE_SERVICE_UNAVAILABLE:
    case FZ_CODE_NETWORK:
    case FZ_CODE_DEADLINE:
    case FZ_CODE_NO_BODY:
    case FZ_CODE_MEMORY:
    case FZ_CODE_CANCELLED:
        *wait_ms = AT_ONCE_MS;
        return true;
    case FZ_CODE_FREQUENCY_LIMITED:
    case FZ_CODE_ORDER_NOT_READY:
    case FZ_CODE_USERPAYING:
        *wait_ms = SOON_MS;
        return true;
    case FZ_CODE_STATEMENT_CREATING:
        *wait_ms = BILL_WAIT_MS;
        return true;
    default:
        *wait_ms = 0;
        return false;
    }
}
