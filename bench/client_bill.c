/* The client's reader of bills: bench-client-bill FILE reads a refund bill and prints its rows, rows a second and the peak of its
 * memory. */
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

#include "fenzhang/bill_file.h"

struct sum {
    size_t rows;
    int64_t amount;
};

static int add(void *argument, const struct fz_bill_row *row)
{
    struct sum *sum = argument;
    sum->rows++;
    if (row->refund != NULL)
        sum->amount += row->refund->source_amount;
    return 0;
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(int count, char **arguments)
{
    struct sum sum = {0};
    struct rusage usage;
    fz_error *error;
    double begin = now();
    if (count != 2 || fz_bill_read_file(FZ_BILL_REFUNDS, arguments[1], add, &sum, &error) != 0) {
        fprintf(stderr, "bench: %s\n", count == 2 ? fz_error_message(error) : "bench-client-bill FILE");
        return 1;
    }
    double seconds = now() - begin;
    getrusage(RUSAGE_SELF, &usage);
    printf("rows=%zu amount=%lld per_second=%.0f peak_kib=%ld\n", sum.rows, (long long)sum.amount, (double)sum.rows / seconds,
           usage.ru_maxrss);
    return 0;
}
