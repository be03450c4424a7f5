/* The rule of the list of platform certificates. */
#ifndef FZ_API_MERCHANT_CERTIFICATES_H
#define FZ_API_MERCHANT_CERTIFICATES_H

#include <stdint.h>

/* A superseded certificate goes from the list so long after another one began to sign: callbacks that it signed are under way
 * until then. What is sealed for one that is off the list is refused. */
#define FZ_CERTIFICATE_STAYS_MS INT64_C(86400000)

#endif
