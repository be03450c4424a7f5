/* The file of --ready-file: JSON with the addresses of a server that is ready. */
#ifndef FZ_CLI_SERVER_READY_FILE_H
#define FZ_CLI_SERVER_READY_FILE_H

#include "server/server.h"

/* Before the start: takes away what a server left that was killed; what one that still runs wrote stays. Refused if something
 * else lies there, which would be replaced. */
FZ_MUST_CHECK enum fz_result fz_ready_file_prepare(const char *path, char *why, size_t why_size);
/* Written aside and renamed into place: who finds it finds it whole. */
FZ_MUST_CHECK enum fz_result fz_ready_file_write(const char *path, const struct fz_server *server, char *why,
                                                 size_t why_size);
/* DIR/ready.json says the same, and with what its control interface can be reached: for commands that know DIR (local/place.h).
 * A server works without it as well. */
void fz_ready_file_write_own(const struct fz_server *server);
void fz_ready_file_remove_own(const char *data);
/* Takes it away if it is this process's. */
void fz_ready_file_remove(const char *path);

#endif
