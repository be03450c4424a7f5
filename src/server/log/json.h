/* A record of the request log as JSON. */
#ifndef FZ_SERVER_LOG_JSON_H
#define FZ_SERVER_LOG_JSON_H

#include <jansson.h>

#include "server/log/record.h"

/* New: one line of a list, without headers and bodies. NULL when memory is short. */
json_t *fz_record_summary(const struct fz_request_record *record);
/* New: the same, and what was asked and answered. */
json_t *fz_record_whole(const struct fz_request_record *record);

#endif
