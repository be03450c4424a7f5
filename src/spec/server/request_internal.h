/* The pieces of fz_request_read: finding a value, checking it against its row, naming a fault. For src/spec
 * alone. */
#ifndef FZ_SPEC_SERVER_REQUEST_INTERNAL_H
#define FZ_SPEC_SERVER_REQUEST_INTERNAL_H

#include "spec/server/request.h"
#include "wire/json_tree.h"

/* Where a value stands: frames on the stack, the innermost first. In the body they make a JSON Pointer,
 * elsewhere there is one. */
struct fz_json_place {
    const struct fz_json_place *outer; /* NULL: the whole body, or a value of path or query */
    enum fz_place place;
    const char *name; /* NULL: item `index` of an array */
    size_t index;
};

/* Refuses the value at `place` (NULL: the whole body). `value` is what was sent, as text; `values` is what `issue` leaves open
 * (NULL: nothing). */
enum fz_result fz_refuse_value(const struct fz_reading *reading, enum fz_row row, const struct fz_json_place *place,
                               const char *value, enum fz_issue issue, const struct fz_issue_values *values);
/* The same for a value as JSON: a string as it is, anything else as JSON text. NULL: not given. */
enum fz_result fz_refuse_json(const struct fz_reading *reading, const struct fz_json_place *place,
                              const struct fz_json_node *value, enum fz_issue issue,
                              const struct fz_issue_values *values);

/* How a mode is called in the documents. */
const char *fz_mode_word(enum fz_modes modes);
/* That a member is given which is not of the mode at hand. */
enum fz_issue fz_mode_issue(enum fz_modes modes);

/* ---- text.c: one string ---- */

/* Checks decoded text against `member`; `*out` gets what is to be stored: a copy in the arena, the word of
 * the list in its own case, or the opened text of a sealed value. `shown` is what a refusal shows as sent. */
FZ_MUST_CHECK enum fz_result fz_text_check(const struct fz_reading *reading, const struct fz_member *member,
                                           const struct fz_json_place *place, const char *text, size_t size,
                                           const char *shown, const char **out);
/* Stores an integer after its range was checked. */
FZ_MUST_CHECK enum fz_result fz_integer_check(const struct fz_reading *reading, const struct fz_member *member,
                                              const struct fz_json_place *place, const char *shown, int64_t value,
                                              int64_t *out);

/* ---- query.c: path and query, raw ---- */

struct fz_raw {
    const char *text; /* as sent, still encoded; borrowed */
    size_t size;
};

/* The value of `name` in `query` (NULL: none). FZ_ABSENT, or FZ_CONFLICT if it is there twice (`out` is then
 * the second). */
FZ_MUST_CHECK enum fz_result fz_query_find(const char *query, const char *name, struct fz_raw *out);
/* Refuses the first parameter of `query` (NULL: none) that is not among `members`. */
FZ_MUST_CHECK enum fz_result fz_query_known(const struct fz_reading *reading, const struct fz_member *members,
                                            const char *query);
/* Decodes %XX, and + as a blank in a query. `*out` is in the arena, terminated. FZ_MALFORMED, FZ_FAILED. */
FZ_MUST_CHECK enum fz_result fz_percent_decode(struct fz_arena *arena, struct fz_raw raw, bool plus_is_blank,
                                               const char **out, size_t *size);

/* ---- body.c: JSON ---- */

/* Reads the body, which has to be a JSON object, into `tree`; fz_json_tree_done in any case. `place` is where it stands (NULL:
 * it is the whole body). */
FZ_MUST_CHECK enum fz_result fz_body_parse(const struct fz_reading *reading, const struct fz_json_place *place,
                                           const void *body, size_t size, struct fz_json_tree *tree);
/* Refuses the first member of `object` that is not among `members`. `place` is the object's own (NULL: the
 * body). */
FZ_MUST_CHECK enum fz_result fz_members_known(const struct fz_reading *reading, const struct fz_member *members,
                                              const struct fz_json_place *place,
                                              const struct fz_json_node *object);
/* Reads the member of `object` that the row describes into `target`, a struct of which it describes a
 * part. `outer` is the object's own place (NULL: the body). */
FZ_MUST_CHECK enum fz_result fz_member_read(const struct fz_reading *reading, const struct fz_member *member,
                                            enum fz_modes mode, const struct fz_json_place *outer,
                                            const struct fz_json_node *object, void *target);

/* ---- modes (request_read.c) ---- */

/* Whether a member that is given may be given in `mode`. */
bool fz_is_of_mode(const struct fz_member *member, enum fz_modes mode);
/* What a member that is not given comes to in `mode`: a refusal, or what it counts as. */
FZ_MUST_CHECK enum fz_result fz_absence(const struct fz_reading *reading, const struct fz_member *member,
                                        enum fz_modes mode, const struct fz_json_place *place, void *target);

#endif
