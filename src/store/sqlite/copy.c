/* A book copied: its file and what its WAL holds beyond it.
 *
 * Of a book at rest both are copied as they are. Of one in use both change meanwhile, and yet nobody is asked to wait: a
 * read transaction, held until both are copied, keeps SQLite from writing over what belongs to its instant. There are two
 * cases, and SQLite does not say which it is.
 *
 *   The WAL holds commits that the file has not all got. Then it is not begun anew while somebody reads, only added to. A
 *   checkpoint may be writing into the file, so its copy may be a mixture; but each page that is written there stands in the
 *   WAL, which is copied after it, and who opens the copy reads those pages from there.
 *
 *   The file has all of the WAL. Then no checkpoint writes into the file while somebody reads. The WAL may be begun anew
 *   at any moment, and a copy of it would be a mixture. That shows in its head, which is written first and never twice alike:
 *   if it is not the same before and behind, the file's copy alone is the book of the transaction's beginning.
 *
 * Last of all what the copy's WAL holds is brought into the copy, so that one file is left. */
#include "store/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/sqlite/engine.h"
#include "store/sqlite/held.h"

#define PIECE         (1u << 30) /* the most that the system is asked to copy at once */
#define WAL_HEAD_SIZE 32
#define PATIENCE_MS   10000 /* for a lock: one is held while a WAL that a crash left is read again */

static const char *const beside[] = {"-wal", "-shm", "-lock", "-acknowledged", ""};

struct copying {
    char *from; /* without links: its WAL and its lock lie beside the file itself */
    const char *to;
    int lock;         /* held while a book at rest is copied: no server opens it meanwhile; -1: there is none */
    sqlite3 *reading; /* holds the instant of a book in use; NULL: it is at rest */
    int64_t acknowledged;
    const struct fz_copy_change *change; /* NULL: none */
    char *why;
    size_t why_size;
};

static enum fz_result say(const struct copying *copying, enum fz_result result, const char *what)
{
    snprintf(copying->why, copying->why_size, "The book %s was not copied: %s.", copying->from, what);
    return result;
}

static enum fz_result say_errno(const struct copying *copying, int problem)
{
    char what[FZ_SENTENCE_SIZE];
    if (problem == ENOSPC || problem == EDQUOT)
        return say(copying, FZ_FULL, "the disk has no room for the copy. Make room, then try again");
    snprintf(what, sizeof what, "%s. Let this user read it, and write %s", strerrordesc_np(problem), copying->to);
    return say(copying, FZ_FAILED, what);
}

static enum fz_result say_sqlite(const struct copying *copying, int code)
{
    if ((code & 0xFF) == SQLITE_FULL)
        return say_errno(copying, ENOSPC);
    fz_book_file_explain(copying->from, code, sqlite3_errstr(code), copying->why, copying->why_size);
    return FZ_FAILED;
}

static void close_file(int *file)
{
    if (*file >= 0)
        close(*file);
}

static void free_text(char **text)
{
    free(*text);
}

static void close_database(sqlite3 **handle)
{
    sqlite3_close(*handle);
}

static int open_beside(const char *path, const char *ending, int flags)
{
    FZ_CLEANUP(free_text) char *name = NULL;
    if (asprintf(&name, "%s%s", path, ending) < 0) {
        name = NULL;
        errno = ENOMEM;
        return -1;
    }
    return open(name, flags | O_CLOEXEC, 0600);
}

static void remove_beside(const char *path, const char *ending)
{
    FZ_CLEANUP(free_text) char *name = NULL;
    if (asprintf(&name, "%s%s", path, ending) < 0)
        name = NULL;
    else
        (void)unlink(name);
}

void fz_store_remove(const char *path)
{
    for (size_t i = 0; i < sizeof beside / sizeof beside[0]; i++)
        remove_beside(path, beside[i]);
}

/* ---- bytes ---- */

/* copy_file_range shares blocks where the file system can, and copies inside the system where not; between some file
 * systems it does neither. 1: some were copied; 0: there are no more; -1: errno tells. */
static int copy_piece(int from, int to)
{
    ssize_t size = copy_file_range(from, NULL, to, NULL, PIECE, 0);
    if (size < 0 && (errno == EXDEV || errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP))
        size = sendfile(to, from, NULL, PIECE);
    if (size < 0)
        return errno == EINTR ? 1 : -1;
    return size > 0;
}

/* All of `from`, from its beginning, which may be another's reading place as well. */
static bool copy_bytes(int from, const char *to, const char *ending)
{
    FZ_CLEANUP(close_file) int file = open_beside(to, ending, O_WRONLY | O_CREAT | O_EXCL);
    int more = file < 0 || lseek(from, 0, SEEK_SET) < 0 ? -1 : 1;
    while (more > 0)
        more = copy_piece(from, file);
    return more == 0;
}

/* One that is not there, or has not been begun, is all zero. */
static bool read_wal_head(int wal, unsigned char head[WAL_HEAD_SIZE])
{
    memset(head, 0, WAL_HEAD_SIZE);
    return wal < 0 || pread(wal, head, WAL_HEAD_SIZE, 0) >= 0;
}

static bool copy_both(const struct copying *copying, int book, int wal)
{
    unsigned char before[WAL_HEAD_SIZE], behind[WAL_HEAD_SIZE];
    if (!read_wal_head(wal, before) || !copy_bytes(book, copying->to, "") ||
        (wal >= 0 && !copy_bytes(wal, copying->to, "-wal")) || !read_wal_head(wal, behind))
        return false;
    if (memcmp(before, behind, sizeof before) != 0)
        remove_beside(copying->to, "-wal");
    return true;
}

static enum fz_result copy_files(const struct copying *copying, int book)
{
    FZ_CLEANUP(close_file) int wal = open_beside(copying->from, "-wal", O_RDONLY);
    if (wal < 0 && errno != ENOENT)
        return say_errno(copying, errno);
    return copy_both(copying, book, wal) ? FZ_OK : say_errno(copying, errno);
}

/* ---- the instant ---- */

/* Takes a lock that goes with other copies, but not with a server. False: a server has it. */
static bool is_at_rest(struct copying *copying)
{
    copying->lock = open_beside(copying->from, "-lock", O_RDONLY);
    return copying->lock < 0 || flock(copying->lock, LOCK_SH | LOCK_NB) == 0;
}

static enum fz_result hold_instant(struct copying *copying)
{
    if (is_at_rest(copying))
        return FZ_OK;
    int code = sqlite3_open_v2(copying->from, &copying->reading,
                               SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_busy_timeout(copying->reading, PATIENCE_MS);
    if (code == SQLITE_OK)
        code = sqlite3_exec(copying->reading, "BEGIN; SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL);
    return code == SQLITE_OK ? FZ_OK : say_sqlite(copying, code);
}

static void let_go(struct copying *copying)
{
    close_file(&copying->lock);
    sqlite3_close(copying->reading);
    copying->lock = -1;
}

/* What it was acknowledged to is asked first, so that the copy has to have it. */
static enum fz_result copy_instant(struct copying *copying)
{
    bool own;
    enum fz_result result = fz_acknowledged_read(copying->from, &copying->acknowledged);
    if (result == FZ_MALFORMED)
        return say(copying, FZ_FAILED, "its count (-acknowledged) is damaged. Put it back from a copy");
    int book = fz_held_borrow(copying->from, &own);
    if (book < 0)
        return say_errno(copying, errno);
    result = hold_instant(copying);
    if (result == FZ_OK)
        result = copy_files(copying, book);
    let_go(copying);
    fz_held_give_back(book, own);
    return result;
}

/* ---- the copy ---- */

/* That it is a whole book, by the rules that a server opens one by. */
static enum fz_result check(const struct copying *copying, struct fz_connection *copy, int64_t alone, enum fz_wal_state wal,
                            int64_t *number)
{
    const struct fz_book_file file = {.path = copying->from, .acknowledged.number = copying->acknowledged};
    int64_t home = 0, version = 0;
    enum fz_result result = fz_recognise(copy, copying->from, &version, copying->why, copying->why_size);
    if (result != FZ_OK)
        return result;
    int code = fz_commit_number(copy, number);
    if (code == SQLITE_OK)
        code = fz_commit_home(copy, &home);
    if (code != SQLITE_OK)
        return say_sqlite(copying, code);
    bool paired = copying->reading == NULL && wal == FZ_WAL_SOUND && alone != FZ_NOT_TOLD;
    result = fz_book_file_check_end(&file, *number, copying->why, copying->why_size);
    if (result == FZ_OK && paired)
        result = fz_book_file_check_pair(&file, alone, home, *number, copying->why, copying->why_size);
    return result;
}

/* One file is left: whoever closes a database last removes its WAL. */
static enum fz_result bring_home(const struct copying *copying, int64_t *number)
{
    FZ_CLEANUP(close_database) sqlite3 *handle = NULL;
    enum fz_wal_state wal = fz_wal_look(copying->to);
    if (wal == FZ_WAL_BAD_HEAD)
        return say(copying, FZ_FAILED, "the head of its WAL is damaged. Put back a sound copy of the book and its WAL");
    int64_t alone = fz_book_alone(copying->to, NULL);
    int code = sqlite3_open_v2(copying->to, &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    if (code == SQLITE_OK) /* synced as a whole, later */
        code = sqlite3_exec(handle, "PRAGMA locking_mode=EXCLUSIVE; PRAGMA synchronous=OFF", NULL, NULL, NULL);
    if (code != SQLITE_OK)
        return say_sqlite(copying, code);
    struct fz_connection copy = {.handle = handle};
    enum fz_result result = check(copying, &copy, alone, wal, number);
    if (result != FZ_OK)
        return result;
    code = sqlite3_wal_checkpoint_v2(handle, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    return code == SQLITE_OK ? FZ_OK : say_sqlite(copying, code);
}

static enum fz_result finish(const struct copying *copying)
{
    FZ_CLEANUP(close_file) int book = open(copying->to, O_RDONLY | O_CLOEXEC);
    return book >= 0 && fsync(book) == 0 ? FZ_OK : say_errno(copying, errno);
}

static enum fz_result copy(struct copying *copying, int64_t *out)
{
    int64_t number = 0;
    enum fz_result result = copy_instant(copying);
    if (result == FZ_OK)
        result = bring_home(copying, &number);
    if (result == FZ_OK && copying->change != NULL)
        result = fz_copy_change(copying->to, copying->change, copying->why, copying->why_size);
    if (result == FZ_OK)
        result = finish(copying);
    if (result != FZ_OK)
        fz_store_remove(copying->to);
    else if (out != NULL)
        *out = number;
    return result;
}

/* What is no file, or has nothing in it, is no book; and where the copy goes nothing may be. */
static enum fz_result look(const struct copying *copying, const char *from)
{
    struct stat found;
    if (copying->from == NULL || stat(copying->from, &found) != 0 || found.st_size == 0) {
        snprintf(copying->why, copying->why_size, "There is no book %s. Name one that is there.", from);
        return FZ_ABSENT;
    }
    if (access(copying->to, F_OK) == 0) {
        snprintf(copying->why, copying->why_size, "%s is there already. Name another file, or remove that one.", copying->to);
        return FZ_CONFLICT;
    }
    return S_ISREG(found.st_mode) ? FZ_OK : say(copying, FZ_FAILED, "it is no file. Name the book itself");
}

static enum fz_result copy_whole(const char *from, struct copying *copying, int64_t *number)
{
    copying->from = realpath(from, NULL);
    enum fz_result result = look(copying, from);
    if (result == FZ_OK) {
        fz_store_remove(copying->to);
        result = copy(copying, number);
    }
    free(copying->from);
    return result;
}

enum fz_result fz_store_copy(const char *from, const char *to, int64_t *number, char *why, size_t why_size)
{
    struct copying copying = {.to = to, .lock = -1, .why = why, .why_size = why_size};
    return copy_whole(from, &copying, number);
}

enum fz_result fz_store_fork(const char *from, const char *to, const struct fz_copy_change *change, char *why, size_t why_size)
{
    struct copying copying = {.to = to, .lock = -1, .change = change, .why = why, .why_size = why_size};
    return copy_whole(from, &copying, NULL);
}
