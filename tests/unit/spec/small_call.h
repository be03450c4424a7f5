/* A call of the tests' own. With GROWN it has a parameter and a field more: each is one member of a struct and one row. */
#ifndef FZ_TESTS_SPEC_SMALL_CALL_H
#define FZ_TESTS_SPEC_SMALL_CALL_H

#include "spec/calls.h"

struct small_request {
    const char *id;
    int64_t amount;
#ifdef GROWN
    const char *colour;
#endif
};

struct small_answer {
    const char *id;
    int64_t balance;
#ifdef GROWN
    bool has_rest;
    int64_t rest;
#endif
};

static const struct fz_member small_request_members[] = {
    FZ_TEXT(small_request, id, 8, .place = FZ_IN_PATH, .required = FZ_BOTH, .meaning = "Number"),
    FZ_INT(small_request, amount, 1, 99, .required = FZ_BOTH, .meaning = "Amount"),
#ifdef GROWN
    FZ_TEXT(small_request, colour, 5, .place = FZ_IN_QUERY, .meaning = "Colour"),
#endif
    {0},
};

static const struct fz_member small_answer_members[] = {
    FZ_TEXT(small_answer, id, 8, .required = FZ_BOTH, .meaning = "Number"),
    FZ_NUMBER(small_answer, balance, .required = FZ_BOTH, .meaning = "What is left"),
#ifdef GROWN
    FZ_NUMBER_IF(small_answer, rest, .meaning = "What is over"),
#endif
    {0},
};

static const struct fz_spec small_call = {
    .name = "small",
    .method = "POST",
    .paths = {"/v3/small/{id}/things"},
    FZ_REQUEST(small_request),
    FZ_ANSWER(small_answer),
    .status = 200,
    .title = "Small",
    .document = "https://example.org/",
};

#endif
