/* The watch: a thread that looks for news of other processes in the book, several times a second, and has the directory follow. Of a book
 * that this process has for itself there is none. */
#ifndef FZ_SERVER_KEYS_WATCH_H
#define FZ_SERVER_KEYS_WATCH_H

#include "server/keys/directory.h"

#define FZ_WATCH_ASKERS_MAX 256

struct fz_watch;

/* Borrowed as long as it runs. */
struct fz_watch_setup {
    struct fz_store *store;
    struct fz_directory_holder *directory;
    /* On the watch's thread, with its reader, once the directory has followed. Another process has changed merchants or keys. */
    void (*changed)(void *argument, struct fz_reader *reader);
    /* Another book is in the place of the one before, which this process may have done itself. FZ_FAILED: it is told again. */
    enum fz_result (*replaced)(void *argument, struct fz_reader *reader, const char *book);
    void *argument;
};

/* New: fz_watch_stop. */
FZ_MUST_CHECK enum fz_result fz_watch_start(const struct fz_watch_setup *setup, struct fz_watch **out);
/* Who asked is told. NULL is allowed. */
void fz_watch_stop(struct fz_watch *watch);

/* Somebody who is about to refuse what may be right by now. The caller's; stays where it is until it is told. */
struct fz_watch_asker {
    /* On the watch's thread. FZ_OK: what is in memory is no older than the question; FZ_FAILED: the book could not be read. */
    void (*told)(struct fz_watch_asker *asker, enum fz_result looked);
    struct fz_watch_asker *next; /* the watch's */
};
/* The next look is for all who asked before it, and looks have a pause between them, so whoever asks for much asks for little of the
 * database. FZ_FULL: too many wait. */
FZ_MUST_CHECK enum fz_result fz_watch_ask(struct fz_watch *watch, struct fz_watch_asker *asker);

#endif
