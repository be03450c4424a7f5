/* The rule for the callback address of orders and refunds. */
#ifndef FZ_API_CALL_NOTIFY_URL_H
#define FZ_API_CALL_NOTIFY_URL_H

#include "api/call/endpoint.h"

/* What is wrong with it as a callback address. */
enum fz_issue fz_notify_url_fault(const char *url);

/* An http or https URL with a host, without a query (the vendor calls back without parameters). NULL passes.
 */
FZ_MUST_CHECK enum fz_result fz_notify_url_check(const struct fz_call *call, const char *url);

#endif
