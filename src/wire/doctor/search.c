/* Which message has the digest that was signed: hashes what each known mistake, and each two likely ones,
 * would have produced, the likeliest first, until one fits or the budget is used up. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/doctor/internal.h"

#define MAKING_NS      750000 /* of the budget, for making other bodies */
#define SECONDS_LIKELY 10 /* so far a signed timestamp is from the header's when the clock was read twice */
#define SECONDS_OFF    60 /* or when it was kept */

/* All that is tried on the lines and on their putting together. */
struct candidates {
    struct fz_variants lines[FZ_LINE_COUNT];
};

/* ---- messages with mistakes ---- */

static void put(struct fz_doctor_message *message, int line, const struct fz_variant *variant)
{
    message->lines[line] = (struct fz_piece){.data = variant->text, .size = variant->size};
}

static void found(struct fz_search *search, const struct fz_variant *variant)
{
    fz_finding_add(&search->finding, variant->mistake, variant->how);
    fz_finding_add(&search->finding, variant->also, NULL);
}

static bool try_line(struct fz_search *search, int line, const struct fz_variant *variant)
{
    struct fz_doctor_message message = search->expected;
    put(&message, line, variant);
    if (!fz_search_fits(search, &message))
        return false;
    found(search, variant);
    return true;
}

static bool try_two_lines(struct fz_search *search, int a, const struct fz_variant *of_a, int b,
                          const struct fz_variant *of_b)
{
    struct fz_doctor_message message = search->expected;
    put(&message, a, of_a);
    put(&message, b, of_b);
    if (!fz_search_fits(search, &message))
        return false;
    found(search, of_a);
    found(search, of_b);
    return true;
}

/* The shape, and with `variant` not NULL another text in `line`. */
static bool try_shape(struct fz_search *search, const struct fz_shape *shape, int line,
                      const struct fz_variant *variant)
{
    struct fz_doctor_message message = search->expected;
    message.shape = *shape;
    if (variant != NULL)
        put(&message, line, variant);
    if (!fz_search_fits(search, &message))
        return false;
    fz_finding_add(&search->finding, shape->mistake, shape->how);
    if (variant != NULL)
        found(search, variant);
    return true;
}

/* A body that was sent with a line end at its end, and signed without: the same bytes as a message without
 * its last line end, but then it is the body that is unusual. */
static bool try_lost_line_end(struct fz_search *search)
{
    const struct fz_arrival *arrival = search->arrival;
    struct fz_variant variant = {.mistake = FZ_MISTAKE_BODY_ENDS,
                                 .how = "the line end at the end of the sent one was not signed",
                                 .text = arrival->body,
                                 .size = arrival->body_size - 1};
    return arrival->body_size > 0 && arrival->body[arrival->body_size - 1] == '\n' &&
           try_line(search, FZ_LINE_BODY, &variant);
}

static bool try_lines(struct fz_search *search, const struct candidates *candidates, bool likely)
{
    for (int line = 0; line < FZ_LINE_COUNT; line++)
        for (size_t i = 0; i < candidates->lines[line].count; i++)
            if (candidates->lines[line].list[i].likely == likely &&
                try_line(search, line, &candidates->lines[line].list[i]))
                return true;
    return false;
}

static bool try_shapes(struct fz_search *search, enum fz_frequency frequency)
{
    struct fz_shape shape;
    for (size_t i = 0; fz_doctor_shape(i, &shape); i++)
        if (shape.frequency == frequency && try_shape(search, &shape, 0, NULL))
            return true;
    return false;
}

static bool try_timestamp(struct fz_search *search, enum fz_mistake mistake, int64_t timestamp)
{
    char text[24];
    struct fz_variant variant = {.mistake = mistake};
    int size = snprintf(text, sizeof text, "%lld", (long long)timestamp);
    variant.text = text;
    variant.size = (size_t)size;
    if (!try_line(search, FZ_LINE_TIMESTAMP, &variant))
        return false;
    /* The message that was found outlives `text`. */
    search->signed_message.lines[FZ_LINE_TIMESTAMP].data = fz_arena_copy(&search->arena, text, (size_t)size);
    return search->signed_message.lines[FZ_LINE_TIMESTAMP].data != NULL;
}

/* By `least` to `most` seconds before or after the header's. */
static bool try_seconds(struct fz_search *search, int64_t least, int64_t most)
{
    int64_t timestamp;
    if (fz_parse_int(search->arrival->timestamp, &timestamp) != FZ_OK)
        return false;
    for (int64_t off = least; off <= most; off++)
        if (try_timestamp(search, FZ_MISTAKE_TIMESTAMP_OTHER, timestamp - off) ||
            try_timestamp(search, FZ_MISTAKE_TIMESTAMP_OTHER, timestamp + off))
            return true;
    return false;
}

/* Only the seconds went into the header. */
static bool try_milliseconds(struct fz_search *search)
{
    int64_t timestamp;
    if (fz_parse_int(search->arrival->timestamp, &timestamp) != FZ_OK ||
        strlen(search->arrival->timestamp) > 12)
        return false;
    for (int64_t part = 1; part < 1000; part++)
        if (try_timestamp(search, FZ_MISTAKE_TIMESTAMP_MILLISECONDS, timestamp * 1000 + part))
            return true;
    return false;
}

static bool try_shapes_with(struct fz_search *search, int line, const struct fz_variant *variant)
{
    struct fz_shape shape;
    for (size_t i = 0; fz_doctor_shape(i, &shape); i++)
        if (shape.frequency == FZ_LIKELY && try_shape(search, &shape, line, variant))
            return true;
    return false;
}

static bool try_lines_with(struct fz_search *search, const struct candidates *candidates, int line,
                           const struct fz_variant *variant)
{
    for (int other = line + 1; other < FZ_LINE_COUNT; other++)
        for (size_t i = 0; i < candidates->lines[other].count; i++)
            if (candidates->lines[other].list[i].likely &&
                try_two_lines(search, line, variant, other, &candidates->lines[other].list[i]))
                return true;
    return false;
}

/* Two mistakes at once, both likely. */
static bool try_pairs(struct fz_search *search, const struct candidates *candidates)
{
    for (int line = 0; line < FZ_LINE_COUNT; line++)
        for (size_t i = 0; i < candidates->lines[line].count; i++) {
            const struct fz_variant *variant = &candidates->lines[line].list[i];
            if (variant->likely &&
                (try_shapes_with(search, line, variant) || try_lines_with(search, candidates, line, variant)))
                return true;
        }
    return false;
}

/* The message is right, but hashed twice. */
static bool try_twice(struct fz_search *search)
{
    if (!fz_search_fits_twice(search))
        return false;
    fz_finding_add(&search->finding, FZ_MISTAKE_DIGEST_TWICE, NULL);
    return true;
}

/* ---- the search ---- */

/* What making other bodies costs leaves enough to try them. */
static void make_candidates(struct fz_search *search, struct candidates *candidates)
{
    size_t allowed_ns = search->budget_ns < MAKING_NS ? search->budget_ns / 2 : MAKING_NS,
           left_ns = allowed_ns;
    for (int line = 0; line < FZ_LINE_COUNT; line++) {
        struct fz_variants *variants = &candidates->lines[line];
        *variants = (struct fz_variants){.arena = &search->arena,
                                         .original = search->expected.lines[line].data,
                                         .original_size = search->expected.lines[line].size};
    }
    fz_doctor_method_variants(search->arrival, &candidates->lines[FZ_LINE_METHOD]);
    fz_doctor_target_variants(search->arrival, &candidates->lines[FZ_LINE_TARGET]);
    fz_doctor_timestamp_variants(search->arrival, &candidates->lines[FZ_LINE_TIMESTAMP]);
    fz_doctor_nonce_variants(search->arrival, &candidates->lines[FZ_LINE_NONCE]);
    fz_doctor_body_variants(search->arrival, &candidates->lines[FZ_LINE_BODY], &left_ns);
    search->budget_ns -= allowed_ns - left_ns;
}

bool fz_search_run(struct fz_search *search)
{
    if (fz_search_fits(search, &search->expected) || try_twice(search) || try_lost_line_end(search) ||
        try_shapes(search, FZ_LIKELY))
        return true;
    struct candidates *candidates = malloc(sizeof *candidates);
    if (candidates == NULL)
        return false;
    make_candidates(search, candidates);
    bool fit = try_lines(search, candidates, true) || try_lines(search, candidates, false) ||
               try_seconds(search, 1, SECONDS_LIKELY) || try_shapes(search, FZ_SELDOM) ||
               try_pairs(search, candidates) || try_milliseconds(search) || try_shapes(search, FZ_RARE) ||
               try_seconds(search, SECONDS_LIKELY + 1, SECONDS_OFF);
    free(candidates);
    return fit;
}
