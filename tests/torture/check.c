/* The checks. */
#include "torture/check.h"

#include <stdio.h>

struct checks checks;

void wrong(const char *step, const char *what)
{
    fprintf(stderr, "%s: %s: %s\n", checks.doing, step, what);
    checks.wrongs++;
}

void check_error(const char *step, fz_error *error)
{
    if (error == NULL) {
        wrong(step, "failed without an error");
        return;
    }
    if (fz_error_code(error) == FZ_CODE_NONE || fz_error_message(error)[0] == '\0')
        wrong(step, "an error that says nothing");
}

/* What is said of a write, against what reached the service. */
void check_write(enum write write, int result, bool as_answered, fz_error *error)
{
    static const char *const steps[] = {[REFUND] = "refund", [ORDER] = "order", [UPLOAD] = "upload"};
    const char *step = steps[write];
    if (result == 0) {
        if (service.temper != GOOD || !service.answered[write] || !as_answered)
            wrong(step, "taken for done");
        return;
    }
    check_error(step, error);
    if (error == NULL)
        return;
    switch (fz_error_outcome(error)) {
    case FZ_OUTCOME_NOT_SENT:
        if (service.reached[write])
            wrong(step, "said not to have been sent, and the service saw it");
        break;
    case FZ_OUTCOME_REFUSED:
        if (service.temper != REFUSES || !service.answered[write])
            wrong(step, "said to have been refused, and the service did not sign that");
        break;
    case FZ_OUTCOME_DONE:
        if (service.temper != GOOD || !service.answered[write]) /* it was, and memory for its answer was short */
            wrong(step, "said to have been done, and the service did not sign that");
        break;
    case FZ_OUTCOME_MAYBE_DONE:
        break;
    }
}

void expect(const char *step, bool holds)
{
    if (checks.nothing_fails && !holds)
        wrong(step, "not as it has to be though nothing failed");
}
