/* Answers: the call's struct, and around it what belongs to it. */
#ifndef FZ_CLIENT_ANSWER_H
#define FZ_CLIENT_ANSWER_H

#include "client/operation.h"
#include "spec/row/json.h"

/* Reads what an operation that ended well has, takes the text over, and gives the call's struct: fz_answer_free. NULL with
 * `fault`: the answer is not what the call answers (its member, or ""), or memory is short (*short_of_memory). A call without
 * an answer (204) gives a struct of nothing. */
void *fz_answer_make(struct fz_operation *operation, char fault[FZ_MEMBER_NAME_SIZE], bool *short_of_memory);

#endif
