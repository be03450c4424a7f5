/* What the server does when another process has changed the book that both serve, or put another into its place. */
#include "server/life.h"

#include "server/control/calls/replaced.h"
#include "server/files/bill_file.h"
#include "server/keys/watch.h"

/* What is drawn here is that one's, from the first row on, and so are bills. */
enum fz_result fz_life_turn_to_the_book(struct fz_tx *tx, void *argument)
{
    const struct fz_server *server = argument;
    struct fz_origin origin;
    enum fz_result result = fz_origin_load(tx, &origin);
    if (result != FZ_OK)
        return result;
    fz_origin_draw(&origin, &server->secrets, server->world);
    if (server->bill_files != NULL)
        fz_bill_files_turn_to(server->bill_files, origin.name);
    return FZ_OK;
}

static void take_changes(void *server, struct fz_reader *reader)
{
    fz_life_write_platform(server, reader);
}

static enum fz_result take_replacement(void *server, struct fz_reader *reader, const char *book)
{
    const struct fz_control_parts parts = fz_life_parts(server);
    return fz_control_follow_replacement(&parts, reader, book);
}

enum fz_result fz_life_watch(struct fz_server *server)
{
    const struct fz_watch_setup setup = {
        .store = server->store, .directory = server->directory, .changed = take_changes, .replaced = take_replacement, .argument = server};
    return fz_store_has_others(server->store) ? fz_watch_start(&setup, &server->watch) : FZ_OK;
}
