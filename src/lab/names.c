/* Numbers as the service gives them, and as a shop does. They grow as time does. */
#include <string.h>

#include "base/calendar.h"
#include "lab/story.h"

#define OPEN_DIGITS 10 /* of a running number */

static char *put_text(char *out, const char *text)
{
    size_t size = strlen(text);
    memcpy(out, text, size);
    return out + size;
}

static char *put_day(char *out, int64_t time_ms)
{
    char day[FZ_DAY_SIZE];
    fz_format_compact_day(day, fz_day_of(time_ms));
    return put_text(out, day);
}

/* And ends the text. */
static void put_number(char *out, int64_t number)
{
    out[OPEN_DIGITS] = '\0';
    for (int i = OPEN_DIGITS - 1; i >= 0; i--, number /= 10)
        out[i] = (char)('0' + number % 10);
}

void fz_lab_name_order(struct fz_lab_order *order)
{
    struct fz_payment *payment = &order->payment;
    put_number(put_day(put_text(payment->transaction_id, "4200000000"), payment->success_ms), order->number);
    put_number(put_text(payment->out_trade_no, "SO"), order->number);
    put_number(put_day(put_text(order->order_id, "3008450740"), payment->success_ms), order->number);
    put_number(put_text(order->out_order_no, "SHARE"), order->number);
}

void fz_lab_name_refund(struct fz_lab_refund *refund)
{
    put_number(put_day(put_text(refund->refund_id, "5030000000"), refund->accepted_ms), refund->number);
    put_number(put_text(refund->out_refund_no, "RF"), refund->number);
}
