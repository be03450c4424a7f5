/* What a peer says it takes. */
#ifndef FZ_WIRE_SERVER_ACCEPT_H
#define FZ_WIRE_SERVER_ACCEPT_H

#include <stdbool.h>

/* Reads Accept-Language (NULL allowed): Chinese if the language it wants most is zh or zh-…; of equally
 * wanted ones the first counts. */
bool fz_wants_chinese(const char *accept_language);
/* Reads Accept-Encoding (NULL allowed): whether gzip is named, and not at a weight of 0. */
bool fz_wants_gzip(const char *accept_encoding);

#endif
