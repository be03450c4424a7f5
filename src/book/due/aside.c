/* The events that were set aside: told of, and due again. */
#include "book/due/due.h"
#include "book/due/kind.h"

FZ_STATEMENT(event_take_up,
             "UPDATE event SET due_ms = set_aside_due_ms, set_aside_due_ms = NULL, set_aside_why = NULL"
             " WHERE set_aside_due_ms IS NOT NULL",
             "", "");
FZ_STATEMENT(event_list_aside,
             "SELECT kind, subject, set_aside_due_ms, set_aside_why FROM event"
             " WHERE set_aside_due_ms IS NOT NULL ORDER BY id",
             "", "iiit");

enum fz_result fz_event_take_up(struct fz_tx *tx)
{
    return fz_run(tx, &event_take_up, NULL, 0, NULL);
}

enum fz_result fz_event_each_aside(struct fz_tx *tx,
                                   enum fz_result (*each)(void *argument, const struct fz_event_aside *aside),
                                   void *argument)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query(tx, &event_list_aside, NULL, 0, &row);
    while (result == FZ_OK && (result = fz_next(&row)) == FZ_OK) {
        const struct fz_due_kind *kind = fz_due_kind(fz_int(&row, 0));
        struct fz_event_aside aside = {.kind = kind != NULL ? kind->word : "of an unknown kind",
                                       .subject = fz_int(&row, 1),
                                       .due_ms = fz_int(&row, 2),
                                       .why = fz_string(&row, 3)};
        result = each(argument, &aside);
    }
    return result == FZ_ABSENT ? FZ_OK : result;
}
