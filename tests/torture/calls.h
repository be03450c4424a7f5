/* Between the system calls and the service behind them. */
#ifndef FZ_TORTURE_CALLS_H
#define FZ_TORTURE_CALLS_H

#include <stdbool.h>
#include <sys/types.h>

/* The calls as they are, without failing: what is there, and all of it. */
ssize_t recv_whole(int fd, void *bytes, size_t size);
void send_whole(int fd, const void *bytes, size_t size);

void service_accept(int fd, int other);
bool service_has(int fd);
void service_serve(int fd);
void service_close(int fd);

#endif
