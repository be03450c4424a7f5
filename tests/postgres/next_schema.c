/* The schema of a program that comes after this one: a migration more, of the kind that the present one lives with. Linked in the place of
 * src/store/schema.c, it makes a newer program of the same objects (test_upgrade_one_by_one.py). */
#define fz_migrations        present_migrations
#define fz_migration_count   present_count
#define fz_migrations_needed present_needed
#include "store/schema.c"
#undef fz_migrations
#undef fz_migration_count
#undef fz_migrations_needed

static const char to_come[] = "CREATE TABLE to_come (id FZ_INT PRIMARY KEY, refund FZ_INT NOT NULL REFERENCES refund (id)) FZ_STRICT;"
                              "ALTER TABLE refund ADD COLUMN to_come TEXT NOT NULL DEFAULT 'nothing';"
                              "ALTER TABLE pool ADD COLUMN to_come FZ_INT;"
                              "CREATE INDEX refund_to_come ON refund (to_come) WHERE to_come <> 'nothing';";

/* As store.h declares them, but for `const`: a list cannot be made of another before the program runs. */
const char *fz_migrations[sizeof present_migrations / sizeof present_migrations[0] + 1];
size_t fz_migration_count, fz_migrations_needed;

__attribute__((constructor)) static void append(void)
{
    for (size_t i = 0; i < present_count; i++)
        fz_migrations[i] = present_migrations[i];
    fz_migrations[present_count] = to_come;
    fz_migration_count = present_count + 1;
    fz_migrations_needed = present_needed;
}
