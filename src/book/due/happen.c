/* One event whose time has come. */
#include "book/due/happen.h"

#include "book/due/kind.h"

FZ_STATEMENT(event_take, "DELETE FROM event WHERE id = $1", "i", "");
FZ_STATEMENT(event_move_on, "UPDATE event SET position = $2 WHERE id = $1", "ii", "");
FZ_STATEMENT(event_set_aside,
             "UPDATE event SET set_aside_due_ms = due_ms, set_aside_why = $2, due_ms = $3 WHERE id = $1",
             "iti", "");

#define NEVER_MS INT64_MAX /* no clock comes there: the book's ends with the year 9999 */

void fz_due_event_read(const struct fz_cursor *row, struct fz_due_event *out)
{
    *out = (struct fz_due_event){.id = fz_int(row, 0),
                                 .due_ms = fz_int(row, 1),
                                 .kind = fz_int(row, 2),
                                 .subject = fz_int(row, 3),
                                 .position = fz_int(row, 4)};
}

enum fz_result fz_due_remove(struct fz_tx *tx, const struct fz_due_event *event)
{
    return fz_run(tx, &event_take, FZ_VALUES(FZ_I(event->id)), NULL);
}

/* The row goes first: what happens may plan the same anew. */
static enum fz_result happen(struct fz_tx *tx, const struct fz_due_event *event, const struct fz_due_kind *kind)
{
    enum fz_result result = fz_due_remove(tx, event);
    return result == FZ_OK ? kind->happen(tx, event->subject) : result;
}

/* With more to do the row stays, with its new position, and so does its place in the order: what is due
 * later must find the day's work done. */
static enum fz_result work(struct fz_tx *tx, struct fz_due_event *event, const struct fz_due_kind *kind)
{
    int64_t next;
    enum fz_result result = kind->work(tx, (int)event->subject, event->position, &next);
    if (result != FZ_OK)
        return result;
    event->goes_on = next >= 0;
    return event->goes_on ? fz_run(tx, &event_move_on, FZ_VALUES(FZ_I(event->id), FZ_I(next)), NULL)
                          : fz_due_remove(tx, event);
}

enum fz_result fz_due_happen(struct fz_tx *tx, void *argument)
{
    struct fz_due_event *event = argument;
    const struct fz_due_kind *kind = fz_due_kind(event->kind);
    if (kind == NULL)
        return FZ_FAILED;
    return kind->work != NULL ? work(tx, event, kind) : happen(tx, event, kind);
}

bool fz_due_is_over(enum fz_result result)
{
    return result == FZ_OK || result == FZ_REFUSED || result == FZ_ABSENT || result == FZ_CONFLICT;
}

enum fz_result fz_due_set_aside(struct fz_tx *tx, const struct fz_due_event *event, const char *why)
{
    static const char silent[] = "what it found in the book does not fit it";
    return fz_run(tx, &event_set_aside, FZ_VALUES(FZ_I(event->id), FZ_T(why[0] == '\0' ? silent : why), FZ_I(NEVER_MS)), NULL);
}
