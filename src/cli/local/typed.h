/* The options of control calls, made from the members of their rows, and what was typed for them. */
#ifndef FZ_CLI_LOCAL_TYPED_H
#define FZ_CLI_LOCAL_TYPED_H

#include <argp.h>
#include <jansson.h>
#include <stddef.h>

#include "cli/local/place.h"
#include "server/control/calls/routes.h"

#define FZ_TYPED_OPTIONS 64
#define FZ_TYPED_WORDS   8

/* A table of options, and the member that each of them gives. Zero-initialised. */
struct fz_typed_options {
    struct argp_option list[FZ_TYPED_OPTIONS];
    const char *members[FZ_TYPED_OPTIONS];
    size_t count;
};
/* Adds those of the row's members that are not there yet, under `heading` (NULL: none). */
void fz_typed_options_add(struct fz_typed_options *options, const struct fz_control_route *route, const char *heading,
                          int group);

/* What was typed: the input of fz_typed_take. */
struct fz_typed {
    const struct fz_typed_options *options;
    struct fz_place_options place; /* the input of fz_place_argp */
    char *words[FZ_TYPED_WORDS];
    size_t word_count;
    json_t *given; /* texts by the names of their members */
};
/* The parser of an argp with such options. */
error_t fz_typed_take(int key, char *argument, struct argp_state *state);

/* The call's members: what was given, and what a profile or a demo.env has for those that nobody named. False after a
 * message, which begins with `who`. */
bool fz_typed_members(const char *who, const struct fz_control_route *route, json_t *given, const struct fz_place *place,
                      json_t *out);

/* `memory`, or the end of the program: it was short. */
void *fz_typed_must(void *memory);

#endif
