/* The request header Wechatpay-Negative-Test: which refusal its value asks for. */
#ifndef FZ_SERVER_FAULT_NEGATIVE_TEST_H
#define FZ_SERVER_FAULT_NEGATIVE_TEST_H

#include <stdbool.h>

#include "base/server/refusal.h"

#define FZ_NEGATIVE_TEST_HEADER "Wechatpay-Negative-Test"

/* The row that `wanted` names: its identifier, its code under either prefix (that of the request first), or,
 * as the vendor's own cases are spelt, a word before such a code (MICROPAY_SYSTEMERROR). Of rows that share a
 * code the one that is called like it (of those of the signature SIGN_MISMATCH); one that is called after a
 * word of `endpoint` ("refund-submit"), the last word first; one whose name begins with the code; one of
 * orders; the first. FZ_ROW_NONE: it names none. */
enum fz_row fz_negative_test_row(const char *wanted, const char *endpoint, bool old_spelling);

/* Refuses with the row that `wanted` names; with PARAM_ERROR, naming codes that are known, if it names none.
 */
enum fz_result fz_negative_test(struct fz_error *error, const char *wanted, const char *endpoint,
                                bool old_spelling);

#endif
