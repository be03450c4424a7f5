/* How the server fares: for GET /health and GET /metrics. */
#ifndef FZ_SERVER_CONTROL_CALLS_HEALTH_H
#define FZ_SERVER_CONTROL_CALLS_HEALTH_H

#include "server/control/request/call.h"

#define FZ_CONTROL_GLANCE_MS 1000 /* who watches a process waits no longer for a database that says nothing */

/* Why nothing can be written; NULL if it can. */
const char *fz_control_trouble(const struct fz_control_parts *parts, const struct fz_store_health *store);

#endif
