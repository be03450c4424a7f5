/* Bodies of refusals, read. */
#include "spec/client/error_body.h"

#include "spec/row/json.h"

static bool is_empty(const char *text)
{
    return text == NULL || text[0] == '\0';
}

enum fz_result fz_error_body_read(const void *body, size_t size, struct fz_arena *arena,
                                  struct fz_error_answer *out)
{
    struct fz_error_answer answer = {0};
    if (size > FZ_ERROR_BODY_MAX)
        return FZ_MALFORMED;
    enum fz_result result = fz_members_read_leniently(fz_error_answer_members, body, size, arena, &answer);
    if (result != FZ_OK)
        return result;
    if (is_empty(answer.code))
        return FZ_MALFORMED;
    if (is_empty(answer.detail.issue))
        answer.detail.issue = answer.detail.detail.issue;
    *out = answer;
    return FZ_OK;
}
