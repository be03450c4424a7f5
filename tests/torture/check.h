/* What has to hold, whatever fails. */
#ifndef FZ_TORTURE_CHECK_H
#define FZ_TORTURE_CHECK_H

#include "fenzhang/error.h"
#include "torture/service.h"

struct checks {
    char doing[200];    /* what fails at present */
    bool nothing_fails; /* every step has to come to what the temper says */
    unsigned long wrongs;
};
extern struct checks checks;

void wrong(const char *step, const char *what);
/* Holds if nothing fails. */
void expect(const char *step, bool holds);
/* An error that says something. */
void check_error(const char *step, fz_error *error);
/* What is said of a write, against what reached the service. `as_answered`: the answer is the service's. */
void check_write(enum write write, int result, bool as_answered, fz_error *error);

#endif
