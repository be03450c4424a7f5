/* PostgreSQL's words. */
#include "store/dialect.h"

#include <stddef.h>

static const char *const words[][2] = {{"FZ_INT", "BIGINT"}, {"FZ_BLOB", "BYTEA"}, {"FZ_STRICT", ""}, {NULL, NULL}};
static const char *const schema_words[][2] = {
    {"FZ_INT", "BIGINT"}, {"FZ_BLOB", "BYTEA"}, {"FZ_STRICT", ""}, {"TEXT", "TEXT COLLATE \"C\""}, {NULL, NULL}};

/* No key is ever changed, so what refers to a locked row (a foreign key's check) need not wait: NO KEY. */
const struct fz_dialect fz_dialect_postgres = {.parameter = '$', .lock = "FOR NO KEY UPDATE", .skip = "SKIP LOCKED", .words = words};
const struct fz_dialect fz_dialect_postgres_schema = {.parameter = '$', .lock = "FOR NO KEY UPDATE", .skip = "SKIP LOCKED", .words = schema_words};
