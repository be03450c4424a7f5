/* The API without HTTP: a book, its merchants and its clock; requests go from the router to the answer's JSON
 * as the server takes them. */
#ifndef FZ_TESTS_API_SERVICE_H
#define FZ_TESTS_API_SERVICE_H

#include <jansson.h>

#include "api/call/endpoint.h"

/* 2026-01-05T10:00:00+08:00, a Monday: when each book begins. */
#define MONDAY_10_MS INT64_C(1767578400000)

#define INSTITUTION "1900000100" /* USD, fee 0.60 %, ratio 30 %, contract 2026-01-01 */
#define CHILD       "1900000109"
#define OTHER_CHILD "1900000110"
#define DIRECT      "1900000200" /* CNY, 1.00 % */
#define STRANGER    "1900000300" /* another institution, without a contract */
#define NOT_OURS    "1900000309" /* its sub-merchant */
#define LATE        "1900000400" /* a direct merchant whose contract is of 2026-01-05 */

/* Before and after each test (cmocka). */
int service_begin(void **state);
int service_end(void **state);

/* What came of the last request: the name of the row that refused it, "" if it was answered; and the answer,
 * checked against the fields of its row. NULL with 204 and with a file, whose link is then `file`. */
extern char row[64];
extern struct fz_error error;
extern json_t *answer;
extern struct fz_bill_link file;

/* What the server received of the file of the next requests. */
extern struct fz_received received;

/* Sends a request as `caller`; the answer is the service's, valid until the next. `body` NULL: none. */
json_t *request(const char *caller, const char *method, const char *target, const char *body);
#define get(caller, target) request(caller, "GET", target, NULL)

/* An answer that has to come. */
#define assert_answered(call)                                                                                \
    do {                                                                                                     \
        (void)(call);                                                                                        \
        if (row[0] != '\0')                                                                                  \
            fail_msg("%s %s %s", row, error.field, error.issue);                                             \
    } while (0)
#define assert_refused(call, name)                                                                           \
    do {                                                                                                     \
        (void)(call);                                                                                        \
        assert_string_equal(row, #name);                                                                     \
    } while (0)
/* The whole answer, in whatever order. */
#define assert_answer(call, json_text)                                                                       \
    do {                                                                                                     \
        assert_answered(call);                                                                               \
        service_compare(json_text);                                                                          \
    } while (0)
void service_compare(const char *json_text);

/* Text made by printf, valid to the end of the test. */
const char *text(const char *format, ...) FZ_PRINTF(1, 2);
/* A member of the answer. */
const char *member(const char *name);

/* Moves the clock on; all that is due on the way happens. */
void pass(int64_t ms);
int64_t now(void);

/* Marks, places and pays an order of `amount` for (INSTITUTION, CHILD); its transaction_id. The money is
 * frozen if `frozen`. */
const char *paid(const char *out_trade_no, int64_t amount, bool frozen);
/* The payer of a placed order pays. */
void pay(const char *caller, const char *sub_mchid, const char *out_trade_no, enum fz_payer_kind payer);

/* Runs `work` as a write. */
void write_book(fz_work work, void *argument);

/* The whole text of a bill; valid to the end of the test. */
const char *bill_text(const struct fz_bill_link *link, bool overview_first);

#endif
