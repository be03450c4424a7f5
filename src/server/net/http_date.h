/* The header Date, for the answers that go out past libmicrohttpd. */
#ifndef FZ_SERVER_NET_HTTP_DATE_H
#define FZ_SERVER_NET_HTTP_DATE_H

#define FZ_HTTP_DATE_SIZE 32

/* Now, as HTTP writes it: Mon, 05 Jan 2026 02:00:00 GMT. */
void fz_http_date(char out[FZ_HTTP_DATE_SIZE]);

#endif
