/* The description of the control interface. */
#ifndef FZ_SERVER_CONTROL_OPENAPI_H
#define FZ_SERVER_CONTROL_OPENAPI_H

#include <jansson.h>

/* OpenAPI 3.1 of all control calls, from the rows that they are found by. New; NULL when memory is short. */
json_t *fz_control_openapi(void);

#endif
