/* This program's recv takes the place of the C library's, also for the libraries that it uses, and is the same call: the server
 * learns from it whose bytes libmicrohttpd looks at (server/net/received.h). */
#undef _FORTIFY_SOURCE /* would declare it inline */
#include <sys/socket.h>

#include "server/net/received.h"

__attribute__((visibility("default"))) ssize_t recv(int handle, void *buffer, size_t size, int flags)
{
    ssize_t got = recvfrom(handle, buffer, size, flags, NULL, NULL);
    fz_received_note(handle, buffer, got > 0 ? (size_t)got : 0);
    return got;
}
