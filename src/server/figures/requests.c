/* Requests, counted by endpoint. */
#include "server/figures/requests.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "server/figures/metric.h"
#include "spec/calls.h"

typedef atomic_uint_fast64_t figure;

/* Up to where a duration counts for a bucket, and how that is written. */
static const struct bound {
    int64_t us;
    const char *seconds;
} bounds[] = {{500, "0.0005"},   {1000, "0.001"},   {2500, "0.0025"},   {5000, "0.005"}, {10000, "0.01"},
              {25000, "0.025"},  {50000, "0.05"},   {100000, "0.1"},    {250000, "0.25"}, {500000, "0.5"},
              {1000000, "1"},    {2500000, "2.5"},  {5000000, "5"},     {10000000, "10"}};
#define BOUNDS (sizeof bounds / sizeof bounds[0])

static const char *const classes[] = {"2xx", "4xx", "5xx"}; /* the API has no others */
#define CLASSES (sizeof classes / sizeof classes[0])

/* Of one endpoint; figures alone, which are added up as an array. */
struct by_endpoint {
    figure answered[CLASSES];
    figure within[BOUNDS + 1]; /* in this bucket and in no shorter one; the last has no bound */
    figure duration_us;
};

struct of_all {
    figure refused, unsigned_requests, writes_overload, bytes_out;
};

struct fz_request_figures {
    struct of_all of_all;
    struct by_endpoint by_endpoint[]; /* the last is of requests that reach none */
};

static size_t endpoint_count(void)
{
    size_t count;
    (void)fz_specs(&count);
    return count;
}

struct fz_request_figures *fz_request_figures_new(void)
{
    return calloc(1, sizeof(struct fz_request_figures) + (endpoint_count() + 1) * sizeof(struct by_endpoint));
}

void fz_request_figures_free(struct fz_request_figures *figures)
{
    free(figures);
}

/* ---- counting ---- */

static uint64_t value_of(const figure *at)
{
    return atomic_load_explicit(at, memory_order_relaxed);
}

/* One thread writes, so it takes no locked instruction. */
static void grow(figure *at, uint64_t by)
{
    atomic_store_explicit(at, value_of(at) + by, memory_order_relaxed);
}

static size_t class_of(int status)
{
    return status < 400 ? 0 : status < 500 ? 1 : 2;
}

static size_t bucket_of(int64_t us)
{
    size_t bucket = 0;
    while (bucket < BOUNDS && us > bounds[bucket].us)
        bucket++;
    return bucket;
}

void fz_request_figures_count(struct fz_request_figures *figures, const struct fz_counted *request)
{
    size_t count = endpoint_count();
    struct by_endpoint *at = &figures->by_endpoint[request->endpoint < count ? request->endpoint : count];
    grow(&at->answered[class_of(request->status)], 1);
    grow(&at->within[bucket_of(request->duration_us)], 1);
    grow(&at->duration_us, (uint64_t)request->duration_us);
    grow(&figures->of_all.bytes_out, request->bytes);
    if (request->row != FZ_ROW_NONE)
        grow(&figures->of_all.refused, 1);
    if (request->row == FZ_OVERLOAD)
        grow(&figures->of_all.writes_overload, 1);
    if (!request->verified)
        grow(&figures->of_all.unsigned_requests, 1);
}

/* ---- adding up ---- */

static void add_all(void *sum, const void *worker, size_t size)
{
    figure *into = sum;
    const figure *from = worker;
    for (size_t i = 0; i < size / sizeof(figure); i++)
        grow(&into[i], value_of(&from[i]));
}

void fz_request_figures_add(struct fz_request_figures *sum, const struct fz_request_figures *worker)
{
    add_all(&sum->of_all, &worker->of_all, sizeof sum->of_all);
    add_all(sum->by_endpoint, worker->by_endpoint, (endpoint_count() + 1) * sizeof sum->by_endpoint[0]);
}

/* ---- writing ---- */

static uint64_t total_of(const struct by_endpoint *at)
{
    uint64_t total = 0;
    for (size_t i = 0; i < CLASSES; i++)
        total += value_of(&at->answered[i]);
    return total;
}

static void write_answered(struct fz_text *text, const char *endpoint, const struct by_endpoint *at)
{
    for (size_t i = 0; i < CLASSES; i++)
        fz_text_format(text, "fenzhang_requests_total{endpoint=\"%s\",status=\"%s\"} %" PRIu64 "\n", endpoint,
                       classes[i], value_of(&at->answered[i]));
}

/* The last bucket is the count, so that the two never differ while a worker goes on counting. */
static void write_durations(struct fz_text *text, const char *endpoint, const struct by_endpoint *at)
{
    uint64_t count = 0;
    int64_t sum_us = (int64_t)value_of(&at->duration_us);
    for (size_t i = 0; i <= BOUNDS; i++) {
        count += value_of(&at->within[i]);
        fz_text_format(text, "fenzhang_request_duration_seconds_bucket{endpoint=\"%s\",le=\"%s\"} %" PRIu64 "\n",
                       endpoint, i < BOUNDS ? bounds[i].seconds : "+Inf", count);
    }
    fz_text_format(text,
                   "fenzhang_request_duration_seconds_sum{endpoint=\"%s\"} " FZ_SECONDS
                   "\nfenzhang_request_duration_seconds_count{endpoint=\"%s\"} %" PRIu64 "\n",
                   endpoint, FZ_SECONDS_VALUES(sum_us), endpoint, count);
}

static void write_each(const struct fz_request_figures *figures, struct fz_text *text,
                       void (*write)(struct fz_text *, const char *, const struct by_endpoint *))
{
    size_t count;
    const struct fz_spec *const *specs = fz_specs(&count);
    for (size_t i = 0; i <= count; i++)
        if (total_of(&figures->by_endpoint[i]) > 0)
            write(text, i < count ? specs[i]->name : "none", &figures->by_endpoint[i]);
}

void fz_request_figures_write(const struct fz_request_figures *figures, struct fz_text *text)
{
    const struct of_all *all = &figures->of_all;
    fz_metric_begin(text, "fenzhang_requests_total", "counter",
                    "Requests to the API, by endpoint (none: no path or method of the API) and class of status.");
    write_each(figures, text, write_answered);
    fz_metric_begin(text, "fenzhang_request_duration_seconds", "histogram",
                    "Time from a request's first line to its answer, by endpoint.");
    write_each(figures, text, write_durations);
    fz_metric(text, "fenzhang_requests_refused_total", "counter", "Requests answered outside 2xx.",
              value_of(&all->refused));
    fz_metric(text, "fenzhang_requests_unsigned_total", "counter", "Requests without a good signature.",
              value_of(&all->unsigned_requests));
    fz_metric(text, "fenzhang_writes_overload_total", "counter",
              "Requests answered 503 because too many writes waited.", value_of(&all->writes_overload));
    fz_metric(text, "fenzhang_answer_bytes_total", "counter", "Bytes of answers, without their headers.",
              value_of(&all->bytes_out));
}
