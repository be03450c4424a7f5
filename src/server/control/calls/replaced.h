/* Another process has put another book into the place of the one that was here (POST /reset): what this process has in memory, and as copies,
 * follows. */
#ifndef FZ_SERVER_CONTROL_CALLS_REPLACED_H
#define FZ_SERVER_CONTROL_CALLS_REPLACED_H

#include "server/control/request/call.h"

/* Unless it has followed to `book` already, or has put it there itself. Whoever finds it first does; others wait meanwhile. FZ_FAILED: the new book
 * cannot be read. The log says if its copies cannot be written. On no thread that serves. */
FZ_MUST_CHECK enum fz_result fz_control_follow_replacement(const struct fz_control_parts *parts, struct fz_reader *reader, const char *book);

/* Before something is set that this process keeps in memory until the next reset: a reset that another process has made before is followed now, as
 * it would take away afterwards what was set. false: the call is answered; `undone` as fz_control_refuse_result takes it. */
bool fz_control_knows_its_book(struct fz_control_call *call, const char *undone);

#endif
