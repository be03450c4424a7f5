/* The distribution bill: the slices that succeeded on a day. */
#include "book/bill/slice_bill.h"

#include "book/distribution/row.h"

#define FROM_SLICES                                                                                          \
    " FROM slice s JOIN distribution d ON d.id = s.distribution JOIN payment p ON p.id = d.payment"          \
    " WHERE s.caller = $1 AND s.bill_day = $2 AND ($3 = '' OR s.sub_mchid = $3) AND s.id > $4"               \
    " ORDER BY s.id LIMIT $5"

FZ_STATEMENT(
    slice_bill,
    "SELECT " FZ_SLICE_NAMES
    ", s.caller, s.sub_mchid, p.transaction_id, d.order_id, d.out_order_no, d.kind, d.created_ms" FROM_SLICES,
    "titii",
    FZ_SLICE_LETTERS "ttttt"
                     "ii");

/* The bill's own columns lie behind the slice's. */
#define FIRST ((int)sizeof FZ_SLICE_LETTERS - 1)

static void read_line(const struct fz_cursor *row, struct fz_slice *slice, struct fz_slice_line *out)
{
    fz_slice_read(row, 0, slice);
    *out = (struct fz_slice_line){.slice = slice,
                                  .caller = fz_string(row, FIRST),
                                  .sub_mchid = fz_string(row, FIRST + 1),
                                  .transaction_id = fz_string(row, FIRST + 2),
                                  .order_id = fz_string(row, FIRST + 3),
                                  .out_order_no = fz_string(row, FIRST + 4),
                                  .kind = (enum fz_distribution_kind)fz_int(row, FIRST + 5),
                                  .accepted_ms = fz_int(row, FIRST + 6)};
}

enum fz_result fz_slice_bill_each(struct fz_tx *tx, const char *caller, const char *sub_mchid, int day,
                                  int64_t after, int64_t limit,
                                  enum fz_result (*each)(void *argument, const struct fz_slice_line *),
                                  void *argument, int64_t *last, int64_t *count)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query(
        tx, &slice_bill, FZ_VALUES(FZ_T(caller), FZ_I(day), FZ_T(sub_mchid), FZ_I(after), FZ_I(limit)), &row);
    int64_t seen = 0, number = after;
    while (result == FZ_OK && (result = fz_next(&row)) == FZ_OK) {
        struct fz_slice slice;
        struct fz_slice_line line;
        read_line(&row, &slice, &line);
        result = each(argument, &line);
        number = slice.id;
        seen++;
    }
    if (result != FZ_ABSENT)
        return result;
    *last = number;
    *count = seen;
    return FZ_OK;
}

static enum fz_result ignore(void *argument, const struct fz_slice_line *line)
{
    (void)argument;
    (void)line;
    return FZ_OK;
}

enum fz_result fz_slice_bill_exists(struct fz_tx *tx, const char *caller, const char *sub_mchid, int day,
                                    bool *out)
{
    int64_t last, count;
    enum fz_result result = fz_slice_bill_each(tx, caller, sub_mchid, day, 0, 1, ignore, NULL, &last, &count);
    if (result == FZ_OK)
        *out = count > 0;
    return result;
}
