/* What a server does that has the process to itself. */
#include <signal.h>

#include "server/http/http.h"
#include "server/server.h"
#include "store/store.h"

void fz_server_own_process(const struct fz_server_options *options)
{
    signal(SIGPIPE, SIG_IGN); /* a reader of standard output that goes away is no reason to end */
    fz_store_tune_process();
    fz_http_raise_descriptors(options->workers, options->stores);
}
