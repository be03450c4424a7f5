/* The pieces of fz_parameters_read: finding a value, checking it against its declaration, naming a fault. For
 * src/api alone. */
#ifndef FZ_API_READING_H
#define FZ_API_READING_H

#include "api/endpoint.h"

/* Where a value stands: frames on the stack, the innermost first. In the body they make a JSON Pointer,
 * elsewhere there is one. */
struct fz_spot {
    const struct fz_spot *outer; /* NULL: the whole body, or a value of path or query */
    enum fz_place place;
    const char *name; /* NULL: item `index` of an array */
    size_t index;
};

/* Refuses the value at `spot` (NULL: the whole body). `value` is what was sent, as text; `values` is what `issue` leaves open
 * (NULL: nothing). */
enum fz_result fz_spot_refuse(const struct fz_call *call, enum fz_row row, const struct fz_spot *spot,
                              const char *value, enum fz_issue issue, const struct fz_issue_values *values);
/* The same for a value as JSON: a string as it is, anything else as JSON text. NULL: not given. */
enum fz_result fz_spot_refuse_json(const struct fz_call *call, const struct fz_spot *spot,
                                   const json_t *value, enum fz_issue issue,
                                   const struct fz_issue_values *values);

/* How a mode is called in the documents. */
const char *fz_mode_word(enum fz_modes modes);
/* That a parameter is given which is not of the mode at hand. */
enum fz_issue fz_mode_issue(enum fz_modes modes);

/* ---- text.c: one string ---- */

/* Checks decoded text against `parameter`; `*out` gets what is to be stored: a copy in the arena, the word of
 * the list in its own case, or the opened text of a sealed value. `shown` is what a refusal shows as sent. */
FZ_MUST_CHECK enum fz_result fz_text_check(const struct fz_call *call, const struct fz_parameter *parameter,
                                           const struct fz_spot *spot, const char *text, size_t size,
                                           const char *shown, const char **out);
/* Stores an integer after its range was checked. */
FZ_MUST_CHECK enum fz_result fz_integer_check(const struct fz_call *call,
                                              const struct fz_parameter *parameter,
                                              const struct fz_spot *spot, const char *shown, int64_t value,
                                              int64_t *out);

/* ---- query.c: path and query, raw ---- */

struct fz_raw {
    const char *text; /* as sent, still encoded; borrowed */
    size_t size;
};

/* The value of `name` in `query` (NULL: none). FZ_ABSENT, or FZ_CONFLICT if it is there twice (`out` is then
 * the second). */
FZ_MUST_CHECK enum fz_result fz_query_find(const char *query, const char *name, struct fz_raw *out);
/* Refuses the first parameter of `query` (NULL: none) that is not among `parameters`. */
FZ_MUST_CHECK enum fz_result fz_query_known(const struct fz_call *call, const struct fz_parameter *parameters,
                                            const char *query);
/* Decodes %XX, and + as a blank in a query. `*out` is in the arena, terminated. FZ_MALFORMED, FZ_FAILED. */
FZ_MUST_CHECK enum fz_result fz_percent_decode(struct fz_arena *arena, struct fz_raw raw, bool plus_is_blank,
                                               const char **out, size_t *size);

/* ---- body.c: JSON ---- */

/* Reads the body into a JSON object. New. `spot` is where it stands (NULL: it is the whole body). */
FZ_MUST_CHECK enum fz_result fz_body_parse(const struct fz_call *call, const struct fz_spot *spot,
                                           const void *body, size_t size, json_t **out);
/* Refuses the first member of `object` that is not among `members`. `spot` is the object's own (NULL: the
 * body). */
FZ_MUST_CHECK enum fz_result fz_members_known(const struct fz_call *call, const struct fz_parameter *members,
                                              const struct fz_spot *spot, json_t *object);
/* Reads the member of `object` that `parameter` describes into `target`, a struct of which it describes a
 * part. `outer` is the object's own spot (NULL: the body). */
FZ_MUST_CHECK enum fz_result fz_member_read(const struct fz_call *call, const struct fz_parameter *parameter,
                                            enum fz_modes mode, const struct fz_spot *outer, json_t *object,
                                            void *target);

/* ---- modes (parameters.c) ---- */

/* Whether a parameter that is given may be given in `mode`. */
bool fz_is_of_mode(const struct fz_parameter *parameter, enum fz_modes mode);
/* What a parameter that is not given comes to in `mode`: a refusal, or what it counts as. */
FZ_MUST_CHECK enum fz_result fz_absence(const struct fz_call *call, const struct fz_parameter *parameter,
                                        enum fz_modes mode, const struct fz_spot *spot, void *target);

/* ---- digest.c ---- */

/* SHA-256 over the content of `values`, a struct that `parameters` describe. The form is one-to-one: names,
 * kinds and lengths are part of it; the order of members in the request is not. FZ_FAILED when memory is
 * short. */
FZ_MUST_CHECK enum fz_result fz_content_digest(const struct fz_parameter *parameters, const void *values,
                                               unsigned char out[FZ_DIGEST_SIZE]);

/* The part of `values` that `parameter` describes. */
static inline void *fz_slot(const struct fz_parameter *parameter, const void *values)
{
    return (char *)(uintptr_t)values + parameter->offset;
}

#endif
