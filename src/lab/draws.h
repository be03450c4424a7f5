/* Numbers that look like luck and follow from the seed (SplitMix64). */
#ifndef FZ_LAB_DRAWS_H
#define FZ_LAB_DRAWS_H

#include <stdbool.h>
#include <stdint.h>

struct fz_lab_draws {
    uint64_t state;
};

/* What is drawn for: the same row draws otherwise for each. */
enum fz_lab_purpose { FZ_LAB_FOR_PLAN, FZ_LAB_FOR_ORDER, FZ_LAB_FOR_RATE, FZ_LAB_FOR_REFUND, FZ_LAB_FOR_SHUFFLE };

static inline uint64_t fz_lab_mixed(uint64_t value)
{
    value = (value ^ (value >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    value = (value ^ (value >> 27)) * UINT64_C(0x94D049BB133111EB);
    return value ^ (value >> 31);
}

static inline struct fz_lab_draws fz_lab_draws_of(uint64_t seed, enum fz_lab_purpose purpose, int64_t row)
{
    uint64_t of_seed = fz_lab_mixed(seed + UINT64_C(0x9E3779B97F4A7C15) * ((uint64_t)purpose + 1));
    return (struct fz_lab_draws){fz_lab_mixed(of_seed ^ fz_lab_mixed((uint64_t)row))};
}

/* 0 to `limit` - 1; `limit` at least 1. */
static inline int64_t fz_lab_below(struct fz_lab_draws *draws, int64_t limit)
{
    draws->state += UINT64_C(0x9E3779B97F4A7C15);
    return (int64_t)(((unsigned __int128)fz_lab_mixed(draws->state) * (uint64_t)limit) >> 64);
}

static inline int64_t fz_lab_between(struct fz_lab_draws *draws, int64_t least, int64_t most)
{
    return least + fz_lab_below(draws, most - least + 1);
}

static inline bool fz_lab_one_in(struct fz_lab_draws *draws, int64_t limit)
{
    return fz_lab_below(draws, limit) == 0;
}

#endif
