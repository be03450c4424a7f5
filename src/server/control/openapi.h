/* The description of the control interface. */
#ifndef FZ_SERVER_CONTROL_OPENAPI_H
#define FZ_SERVER_CONTROL_OPENAPI_H

#include <jansson.h>

/* OpenAPI 3.1 of all control calls, from the rows that they are found by. New; NULL when memory is short. */
json_t *fz_control_openapi(void);

/* The schema of the body of a call, "POST /faults". New; NULL when memory is short. */
json_t *fz_control_body_schema(const char *call);

#endif
