/* The WAL as a file, before SQLite opens it. */
#ifndef FZ_STORE_SQLITE_WAL_FILE_H
#define FZ_STORE_SQLITE_WAL_FILE_H

enum fz_wal_state {
    FZ_WAL_EMPTY,    /* not there, or nothing was ever committed in it */
    FZ_WAL_SOUND,    /* its head and its first frame are whole */
    FZ_WAL_NO_FRAME, /* its head is whole, its first frame is of an earlier round, or not whole: nothing in it counts */
    FZ_WAL_BAD_HEAD  /* its head is no WAL's: nothing in it can be read */
};

/* Of the WAL of the book at `path`. */
enum fz_wal_state fz_wal_look(const char *path);

#endif
