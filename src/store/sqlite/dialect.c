/* SQLite's words. */
#include "store/dialect.h"

#include <stddef.h>

static const char *const words[][2] = {{"FZ_INT", "INTEGER"}, {"FZ_BLOB", "BLOB"}, {"FZ_STRICT", "STRICT"}, {NULL, NULL}};

/* It has one writer, so nothing has to be locked. */
const struct fz_dialect fz_dialect_sqlite = {.parameter = '?', .lock = "", .skip = "", .words = words};
