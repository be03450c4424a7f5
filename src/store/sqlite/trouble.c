/* Trouble that outlives a request: the book is damaged, its files are gone, its WAL cannot be brought home. Told
 * once, kept in the store's health. */
#include <stdio.h>

#include "base/text.h"
#include "store/sqlite/engine.h"

void fz_trouble_tell(struct fz_store *store, const char *sentence)
{
    if (store->running && store->tell != NULL)
        store->tell(sentence);
}

/* What was written once cannot be read, or not as it was written: neither goes away by trying again. */
static bool is_damage(int code)
{
    switch (code) {
    case SQLITE_IOERR_READ:
    case SQLITE_IOERR_SHORT_READ:
    case SQLITE_IOERR_DATA:
    case SQLITE_IOERR_CORRUPTFS:
        return true;
    default:
        return (code & 0xFF) == SQLITE_CORRUPT || (code & 0xFF) == SQLITE_NOTADB;
    }
}

void fz_trouble_note(struct fz_store *store, int code, const char *failure)
{
    char sentence[FZ_SENTENCE_SIZE];
    if (!is_damage(code))
        return;
    pthread_mutex_lock(&store->noting);
    bool known = atomic_load(&store->damaged);
    if (!known)
        fz_copy(store->damage, sizeof store->damage, failure);
    atomic_store(&store->damaged, true);
    pthread_mutex_unlock(&store->noting);
    if (known)
        return;
    snprintf(sentence, sizeof sentence,
             "The book %s is damaged (%s). Nothing is written to it any more. Stop the server, keep a copy of the "
             "book and its WAL, and put a sound copy in their place; what can still be read of this one, the command "
             "sqlite3 \"%s\" .recover shows.",
             store->file.path, failure, store->file.path);
    fz_trouble_tell(store, sentence);
}

bool fz_trouble_is_damaged(struct fz_store *store, char *failure, size_t size)
{
    if (!atomic_load(&store->damaged))
        return false;
    pthread_mutex_lock(&store->noting);
    fz_copy(failure, size, store->damage);
    pthread_mutex_unlock(&store->noting);
    return true;
}

void fz_trouble_gone(struct fz_store *store)
{
    char sentence[FZ_SENTENCE_SIZE];
    snprintf(sentence, sizeof sentence,
             "The book %s, or its WAL, is no longer where it was opened: it was moved, removed or replaced. Nothing "
             "is acknowledged any more. Put the files back as they were, and the server goes on by itself; or stop "
             "it and put a copy in their place.",
             store->file.path);
    fz_trouble_tell(store, sentence);
}
