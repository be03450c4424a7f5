/* Writes the records, row by row. */
#include "lab/records.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"

#define BUFFER_SIZE ((size_t)1 << 18)
#define ROW_SIZE    1024 /* more than a row takes: no text in it is the world's */
#define BEIJING_MIN 480

static const char header[] =
    "out_refund_no,refund_id,transaction_id,out_trade_no,sub_mchid,amount,currency,status,success_time,"
    "create_time,fee,settlement_amount,settlement_currency\n";

static void flush(struct fz_lab_records *records)
{
    if (records->result == FZ_OK)
        records->result = records->sink(records->argument, records->buffer, records->size);
    records->size = 0;
}

enum fz_result fz_lab_records_begin(struct fz_lab_records *out, fz_block_sink sink, void *argument)
{
    *out = (struct fz_lab_records){.sink = sink, .argument = argument, .buffer = malloc(BUFFER_SIZE)};
    if (out->buffer == NULL)
        return FZ_FAILED;
    memcpy(out->buffer, header, sizeof header - 1);
    out->size = sizeof header - 1;
    return FZ_OK;
}

/* A moment in a zone of its own; "" for 0. */
static void put_time(char out[FZ_TIME_SIZE], int64_t time_ms, int offset_min)
{
    out[0] = '\0';
    if (time_ms == 0)
        return;
    fz_format_time(out, time_ms + (offset_min - BEIJING_MIN) * FZ_MINUTE_MS);
    char *zone = out + strlen(out) - strlen("+08:00");
    int minutes = abs(offset_min);
    if (offset_min == 0)
        strcpy(zone, "Z");
    else
        snprintf(zone, 8, "%c%02d:%02d", offset_min < 0 ? '-' : '+', minutes / 60 % 24, minutes % 60);
}

/* An amount that may be left out. */
static void put_amount(char out[32], int64_t amount, bool bare)
{
    out[0] = '\0';
    if (!bare)
        snprintf(out, 32, "%lld", (long long)amount);
}

static void write_row(struct fz_lab_records *records, const struct fz_payment *payment, const struct fz_lab_refund *refund,
                      const struct fz_lab_row *row)
{
    char success[FZ_TIME_SIZE], created[FZ_TIME_SIZE], fee[32], settlement[32];
    put_time(success, row->success_ms, row->offset_min);
    put_time(created, refund->accepted_ms, BEIJING_MIN);
    put_amount(fee, row->fee, row->bare);
    put_amount(settlement, row->settlement, row->bare);
    if (BUFFER_SIZE - records->size < ROW_SIZE)
        flush(records);
    int size = snprintf(records->buffer + records->size, ROW_SIZE, "%s,%s,%s,%s,%s,%lld,%s,%s,%s,%s,%s,%s,%s\n",
                        refund->out_refund_no, refund->refund_id, payment->transaction_id, payment->out_trade_no,
                        row->sub_mchid, (long long)row->amount, row->currency, row->status, success, created, fee,
                        settlement, payment->settlement_currency);
    records->size += (size_t)size;
    records->rows++;
}

void fz_lab_records_add(struct fz_lab_records *records, const struct fz_lab_order *order, const struct fz_lab_refund *refund)
{
    struct fz_lab_row rows[FZ_LAB_ROWS_MAX];
    int count = fz_lab_rows(order, refund, rows);
    for (int i = 0; i < count; i++)
        write_row(records, &order->payment, refund, &rows[i]);
}

enum fz_result fz_lab_records_end(struct fz_lab_records *records)
{
    flush(records);
    free(records->buffer);
    records->buffer = NULL;
    return records->result;
}
