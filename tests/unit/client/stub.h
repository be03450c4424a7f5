/* Something that stands where the service should, and answers whatever it is told to. */
#ifndef FZ_UNIT_CLIENT_STUB_H
#define FZ_UNIT_CLIENT_STUB_H

#include <stdbool.h>
#include <stddef.h>

struct stub;

struct stub *stub_open(void);
void stub_close(struct stub *stub);
const char *stub_url(const struct stub *stub);
/* What every request is answered with from now on, as bytes; `endless`: the last of them again and again. Copied. */
void stub_say(struct stub *stub, const char *answer, bool endless);
/* What requests that begin so ("GET /v3/bill") are answered with instead; NULL: none are. Copied. */
void stub_say_to(struct stub *stub, const char *beginning, const char *answer);
/* How many requests there were since stub_say. */
int stub_asked(struct stub *stub);
/* The last request, whole; borrowed until the next. */
const char *stub_heard(struct stub *stub);

#endif
