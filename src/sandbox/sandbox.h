/* A sandbox, as the library's own files see it. */
#ifndef FZ_SANDBOX_SANDBOX_H
#define FZ_SANDBOX_SANDBOX_H

#include <jansson.h>

#include "fenzhang-sandbox.h"
#include "server/server.h"

struct fz_sandbox {
    struct fz_server *server;
    char *data;           /* an absolute path */
    bool temporary;       /* `data` goes with it */
    const char *hosts[2]; /* for a client's options */
};

/* ---- place.c: the directory ---- */

/* Makes a temporary directory (0700), or makes `named` absolute. FZ_FAILED with `why`. New: free. */
FZ_MUST_CHECK enum fz_result fz_sandbox_place(const char *named, char **out, char *why, size_t why_size);
/* Removes it with all that is in it. */
void fz_sandbox_place_remove(const char *path);
/* The text of a file without the line end behind it, "" if there is none. False when it has no room in `out`. */
FZ_MUST_CHECK bool fz_sandbox_place_read(const char *path, char *out, size_t size);

/* ---- options.c ---- */

/* What the server is told. FZ_MALFORMED with `why`. Borrowed from `options` and `data`. */
FZ_MUST_CHECK enum fz_result fz_sandbox_server_options(const struct fz_sandbox_options *options, const char *data,
                                                       struct fz_server_options *out, char *why, size_t why_size);

/* ---- trouble.c: what fz_sandbox_error says ---- */

/* Forgets it; returns 0. */
int fz_sandbox_well(void);
/* Keeps the sentence for this thread; returns -1. */
int fz_sandbox_trouble(const char *format, ...) FZ_PRINTF(1, 2);

/* ---- call.c: calls of the control interface ---- */

/* `body` NULL: none; else it is taken over. `out` (NULL: not wanted) gets the answer, new. -1 unless it was done. */
int fz_sandbox_call(fz_sandbox *sandbox, const char *method, const char *path, json_t *body, json_t **out);
/* The same, with the answer's text for the caller of the library. */
int fz_sandbox_call_text(fz_sandbox *sandbox, const char *method, const char *path, json_t *body, char **out);
/* A list: `query` NULL, or like "limit=10"; `out` is wanted. */
int fz_sandbox_list(fz_sandbox *sandbox, const char *path, const char *query, char **out);

/* ---- body.c: what is sent ---- */

#define FZ_SANDBOX_TARGET_SIZE 2048
/* A path with one argument, percent-encoded: `before`, `argument`, `behind`. "" if it has no room. */
void fz_sandbox_target(char out[FZ_SANDBOX_TARGET_SIZE], const char *before, const char *argument, const char *behind);
/* An object of a caller's text (NULL: an empty one); NULL when it is none, which fz_sandbox_error then says. New. */
json_t *fz_sandbox_object(const char *text);
/* Sets a member unless `value` is NULL. */
void fz_sandbox_set_text(json_t *object, const char *name, const char *value);
/* Asks that the answer waits for the callback. */
void fz_sandbox_set_wait(json_t *object, bool wait);

/* ---- sized.c: structs that begin with their size ---- */

/* A caller's struct as this library knows it: what the caller's is too old for is 0. NULL: all is. -1 when it cannot be
 * read. */
int fz_sandbox_take(void *own, size_t own_size, const void *given);
/* Writes as much of `own` as the caller's struct has room for. NULL: nothing. -1 when that is not known. */
int fz_sandbox_give(void *given, const void *own, size_t own_size);

/* ---- log.c ---- */

/* From now on the server's lines go to whom fz_sandbox_set_log names. */
void fz_sandbox_take_log(void);

#endif
