/* Sockets that listen and are never accepted from. */
#include "unit/client/silent.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

void silent_open(struct silent *silent, bool full)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    silent->handle = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(silent->handle, (struct sockaddr *)&address, size), 0);
    assert_int_equal(getsockname(silent->handle, (struct sockaddr *)&address, &size), 0);
    assert_int_equal(listen(silent->handle, full ? 0 : 64), 0);
    for (int i = 0; i < 4; i++) {
        silent->fillers[i] = full ? socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0) : -1;
        if (full)
            (void)connect(silent->fillers[i], (struct sockaddr *)&address, size);
    }
    snprintf(silent->url, sizeof silent->url, "http://127.0.0.1:%d", ntohs(address.sin_port));
    silent->hosts[0] = silent->url;
    silent->hosts[1] = NULL;
}

void silent_shut(struct silent *silent)
{
    close(silent->handle);
    silent->handle = -1;
}

void silent_close(const struct silent *silent)
{
    if (silent->handle >= 0)
        close(silent->handle);
    for (int i = 0; i < 4; i++)
        if (silent->fillers[i] >= 0)
            close(silent->fillers[i]);
}
