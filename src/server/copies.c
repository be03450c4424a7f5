/* What stands in the data directory for its user: copies of what the book has. The server works without them, so a disk
 * that has no room for new ones is no reason not to start. */
#include "server/life.h"

#include "base/server/log.h"
#include "server/birth/creation.h"
#include "server/keys/identity.h"

static enum fz_result export_all(struct fz_tx *tx, void *argument)
{
    const struct fz_server *server = argument;
    return fz_all_export(tx, &server->secrets, server->options.data, server->options.from == NULL); /* forks come by the hundred */
}

void fz_life_write_copies(struct fz_server *server, const struct fz_origin *origin)
{
    char why[600];
    if (fz_store_read_once(server->store, export_all, server) != FZ_OK)
        fz_log_warning("The copies of certificates and keys in %s/platform and %s/merchants could not be written, so those "
                       "there may be old or missing. Make room there, or let this user write it; they are written at "
                       "the next start.",
                       server->options.data, server->options.data);
    if (server->world_file != NULL &&
        fz_demo_write_env(&server->demo_env, server->world_file, origin->created_ms, why, sizeof why) != FZ_OK)
        fz_log_warning("%s The server goes on without: addresses in a demo.env that is there may be old.", why);
}

static enum fz_result export_platform(struct fz_tx *tx, void *data)
{
    return fz_platform_export(tx, data);
}

/* Answers are signed with a certificate that another process has made: who looks for it here finds it. */
void fz_life_write_platform(const struct fz_server *server, struct fz_reader *reader)
{
    if (fz_store_read(reader, export_platform, (void *)(uintptr_t)server->options.data, NULL) != FZ_OK)
        fz_log_warning("The copies of certificates in %s/platform could not be written. Make room there; they are written at the next start.",
                       server->options.data);
}
