/* Prints all SQL that the program has for PostgreSQL, in its words: statements and migrations. For tests that read it. */
#include <stdio.h>
#include <stdlib.h>

#include "store/dialect.h"
#include "store/store.h"

static void print(const struct fz_dialect *dialect, const char *sql)
{
    char *text = fz_dialect_text(dialect, sql);
    puts(text);
    free(text);
}

int main(void)
{
    size_t count = 0;
    const struct fz_statement *statements = fz_statements(&count);
    for (size_t i = 0; i < count; i++)
        print(&fz_dialect_postgres, statements[i].sql);
    for (size_t i = 0; i < fz_migration_count; i++)
        print(&fz_dialect_postgres_schema, fz_migrations[i]);
    return 0;
}
