/* Readers of the live request log: server-sent events on connections of the control daemon, suspended while
 * there is nothing to say. A thread resumes them: on news, for a sign of life, when they have hung up, and
 * when the server stops. */
#ifndef FZ_SERVER_CONTROL_REQUEST_STREAM_H
#define FZ_SERVER_CONTROL_REQUEST_STREAM_H

#include <microhttpd.h>

#include "server/log/filter.h"
#include "server/log/request_log.h"

#define FZ_STREAMS_MAX 16

struct fz_control_streams;
struct fz_control_stream;

/* New: fz_control_streams_free. */
FZ_MUST_CHECK enum fz_result fz_control_streams_start(struct fz_request_log *log,
                                                      struct fz_control_streams **out);
/* Ends every reader: none is suspended afterwards, nor will be. To be called before the daemon is stopped. */
void fz_control_streams_stop(struct fz_control_streams *streams);
/* When the daemon is gone. */
void fz_control_streams_free(struct fz_control_streams *streams);
size_t fz_control_streams_count(struct fz_control_streams *streams);

/* A reader of the records above sequence `after` that fit. NULL when there are FZ_STREAMS_MAX or memory is
 * short. To be given to fz_control_stream_response. On the daemon's thread. */
struct fz_control_stream *fz_control_stream_begin(struct fz_control_streams *streams,
                                                  struct MHD_Connection *connection,
                                                  const struct fz_request_filter *filter, uint64_t after);
/* New; takes over the reader, also when it fails with NULL. */
struct MHD_Response *fz_control_stream_response(struct fz_control_stream *stream);

#endif
