/* Other texts for the short lines of a message: method, timestamp, nonce. */
#include <stdio.h>
#include <string.h>

#include "wire/doctor/internal.h"

#define TEXT_SIZE 160

struct fz_variant *fz_variants_add(struct fz_variants *variants, enum fz_mistake mistake, const char *how,
                                   const char *text, size_t size)
{
    if (variants->count == FZ_VARIANTS_MAX ||
        (size == variants->original_size && (size == 0 || memcmp(text, variants->original, size) == 0)))
        return NULL;
    for (size_t i = 0; i < variants->count; i++)
        if (variants->list[i].size == size && (size == 0 || memcmp(variants->list[i].text, text, size) == 0))
            return NULL;
    const char *copy = size == 0 ? "" : fz_arena_copy(variants->arena, text, size);
    if (copy == NULL)
        return NULL;
    struct fz_variant *variant = &variants->list[variants->count++];
    *variant = (struct fz_variant){.mistake = mistake, .how = how, .text = copy, .size = size};
    return variant;
}

static void add_likely(struct fz_variants *out, enum fz_mistake mistake, const char *how, const char *text)
{
    struct fz_variant *variant = fz_variants_add(out, mistake, how, text, strlen(text));
    if (variant != NULL)
        variant->likely = true;
}

static void add(struct fz_variants *out, enum fz_mistake mistake, const char *how, const char *text)
{
    (void)fz_variants_add(out, mistake, how, text, strlen(text));
}

/* ASCII letters from `first` to `first` + 25 get the other case. */
static void change_case(char *out, size_t out_size, const char *text, char first)
{
    (void)fz_copy(out, out_size, text);
    for (; *out != '\0'; out++)
        if (*out >= first && *out <= first + 25)
            *out ^= 0x20;
}

void fz_doctor_method_variants(const struct fz_arrival *arrival, struct fz_variants *out)
{
    static const char *const methods[] = {"GET", "POST", "PUT", "DELETE", "PATCH"};
    char text[TEXT_SIZE];
    if (strlen(arrival->method) >= sizeof text)
        return;
    change_case(text, sizeof text, arrival->method, 'A');
    add_likely(out, FZ_MISTAKE_METHOD_CASE, NULL, text);
    text[0] = arrival->method[0];
    add(out, FZ_MISTAKE_METHOD_CASE, NULL, text);
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
        add(out, FZ_MISTAKE_METHOD_OTHER, NULL, methods[i]);
}

void fz_doctor_timestamp_variants(const struct fz_arrival *arrival, struct fz_variants *out)
{
    char text[TEXT_SIZE];
    snprintf(text, sizeof text, "%.32s000", arrival->timestamp);
    add_likely(out, FZ_MISTAKE_TIMESTAMP_MILLISECONDS, NULL, text);
    add(out, FZ_MISTAKE_TIMESTAMP_EMPTY, NULL, "");
    add(out, FZ_MISTAKE_TIMESTAMP_OTHER, "the text null", "null");
    snprintf(text, sizeof text, "\"%.32s\"", arrival->timestamp);
    add(out, FZ_MISTAKE_TIMESTAMP_OTHER, "in quotes", text);
    snprintf(text, sizeof text, "%.32s.0", arrival->timestamp);
    add(out, FZ_MISTAKE_TIMESTAMP_OTHER, "with a fraction", text);
    add(out, FZ_MISTAKE_TIMESTAMP_OTHER, "the nonce in its place", arrival->nonce);
}

void fz_doctor_nonce_variants(const struct fz_arrival *arrival, struct fz_variants *out)
{
    char text[TEXT_SIZE];
    add(out, FZ_MISTAKE_NONCE_EMPTY, NULL, "");
    if (strlen(arrival->nonce) + 3 > sizeof text)
        return;
    change_case(text, sizeof text, arrival->nonce, 'A');
    add_likely(out, FZ_MISTAKE_NONCE_CASE, NULL, text);
    change_case(text, sizeof text, arrival->nonce, 'a');
    add_likely(out, FZ_MISTAKE_NONCE_CASE, NULL, text);
    char *to = text;
    for (const char *at = arrival->nonce; *at != '\0'; at++)
        if (*at != '-')
            *to++ = *at;
    *to = '\0';
    add_likely(out, FZ_MISTAKE_NONCE_OTHER, "without its dashes", text);
    if (strlen(text) == 32) { /* of a UUID */
        char dashed[40];
        snprintf(dashed, sizeof dashed, "%.8s-%.4s-%.4s-%.4s-%.12s", text, text + 8, text + 12, text + 16,
                 text + 20);
        add(out, FZ_MISTAKE_NONCE_OTHER, "with the dashes of a UUID", dashed);
    }
    snprintf(text, sizeof text, "\"%s\"", arrival->nonce);
    add(out, FZ_MISTAKE_NONCE_OTHER, "in quotes", text);
    add(out, FZ_MISTAKE_NONCE_OTHER, "the text null", "null");
    add(out, FZ_MISTAKE_NONCE_OTHER, "the timestamp in its place", arrival->timestamp);
}
