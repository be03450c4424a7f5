/* What libmicrohttpd has no words for: which connection it is at, what came over it, and that it need not take a query
 * apart. */
#ifndef FZ_SERVER_NET_RECEIVED_H
#define FZ_SERVER_NET_RECEIVED_H

#include <stdbool.h>
#include <stddef.h>

/* For whoever receives in this program (cli/server/recv.c): this thread got `size` bytes, which stay where they are until it receives
 * again. */
void fz_received_note(int handle, const char *bytes, size_t size);

/* The socket whose bytes this thread looked at last: that it received from, or that fz_received_from named. -1: none, or
 * nobody notes what is received. */
int fz_received_handle(void);
void fz_received_from(int handle);

/* For MHD_OPTION_EXTERNAL_LOGGER: whether this is the line that comes ahead of a page of libmicrohttpd's own, with the page's
 * status (unsigned) as the first value. */
bool fz_received_refusal(const char *format);

/* The first words of what was received last, as libmicrohttpd has left it: a request's method and its target, as far as
 * they are there and whole. Not in TLS. */
void fz_received_words(char *method, size_t method_size, char *target, size_t target_size);

/* For MHD_OPTION_URI_LOG_CALLBACK, once the target is copied: libmicrohttpd takes the query for an empty one. It would
 * keep 70 bytes for each parameter, and a request with a thousand of them would get no answer. */
void fz_query_hide(const char *target);

#endif
