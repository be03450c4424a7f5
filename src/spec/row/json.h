/* Structs as JSON, by their rows. */
#ifndef FZ_SPEC_ROW_JSON_H
#define FZ_SPEC_ROW_JSON_H

#include "base/arena.h"
#include "base/result.h"
#include "spec/row/member.h"
#include "wire/json_text.h"

#define FZ_MEMBER_NAME_SIZE 128

/* Writes `values`, a struct that `members` describe, as an object called `name` (NULL: at the top or in an
 * array): those of its members that stand in the body, in the order of the rows. What is not given is left
 * out. */
void fz_members_write(struct fz_json *json, const char *name, const struct fz_member *members,
                      const void *values);

/* Who seals what has to be sealed (member->sealed). `out` gets base64. */
struct fz_sealing {
    enum fz_result (*seal)(void *sealer, const char *plain, char *out, size_t out_size);
    void *sealer;
};
#define FZ_SEALED_SIZE 1024 /* base64 of an RSA-4096 key's block, and more */

/* The same for a request: what is to be sealed is. What cannot be sets json->text.failed. */
void fz_members_write_sealed(struct fz_json *json, const struct fz_member *members, const void *values,
                             const struct fz_sealing *sealing);

/* Reads the members of a JSON object into `values`, a zeroed struct that `members` describe; texts and items
 * go into `arena`. For who trusts the writer of the JSON, and not its version: unknown members are passed
 * over, `null` is not given, lengths and words are not looked at. FZ_MALFORMED: no JSON object, a member of
 * another type, or none where its absence could not be told from 0; `fault` then gets its name, dotted.
 * FZ_FAILED: memory is short, or the arena full. */
FZ_MUST_CHECK enum fz_result fz_members_read(const struct fz_member *members, const char *text, size_t size,
                                             struct fz_arena *arena, void *values,
                                             char fault[FZ_MEMBER_NAME_SIZE]);
/* The same for what may come from somewhere else: a member that is missing, of another type, or no text
 * because of a NUL in it is not given, and a number that says nothing else of its absence is 0. An array with
 * such an item counts as a whole. FZ_MALFORMED: no JSON object. */
FZ_MUST_CHECK enum fz_result fz_members_read_leniently(const struct fz_member *members, const char *text,
                                                       size_t size, struct fz_arena *arena, void *values);

#endif
