/* `fenzhang serve --lifeline`: a server that does not outlive who started it. */
#ifndef FZ_CLI_SERVER_LIFELINE_H
#define FZ_CLI_SERVER_LIFELINE_H

#include "base/result.h"

/* From now on this process gets a SIGTERM when its standard input ends: whoever holds the other end has closed it, or is
 * gone, however that came. What is written into it is thrown away. */
/* FZ_FAILED: there is no thread for it. */
enum fz_result fz_lifeline_hold(void) FZ_MUST_CHECK;

#endif
