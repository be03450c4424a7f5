/* A place for a test: a directory of its own, with a book in it. */
#ifndef PLACE_H
#define PLACE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/server/world.h"
#include "server/keys/secrets.h"
#include "store/store.h"

extern char place[64]; /* the directory */
extern struct fz_world *place_world;
extern struct fz_store *place_store; /* the book in it */
extern struct fz_secrets place_secrets;

/* cmocka's setup and teardown of one test. */
int place_make(void **state);
int place_open(void **state); /* place_make, and a book */
int place_close(void **state);

/* DIR/name; static, good until the next call. */
const char *place_path(const char *name);
/* Opens the book anew, its clock running in real time. */
void place_reopen(void);
/* Runs `work` in a write, and has to get FZ_OK. */
void place_write(fz_work work, void *argument);

#endif
