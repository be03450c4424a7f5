/* The command that finds out what became of a write: its query, with the write's own numbers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/shell_word.h"
#include "cli/session/lost.h"
#include "spec/calls.h"
#include "spec/row/copy.h"

#define LINE_MAX_SIZE 4096

static const struct fz_spec *spec_of(const char *name)
{
    size_t count;
    const struct fz_spec *const *specs = fz_specs(&count);
    for (size_t i = 0; i < count; i++)
        if (strcmp(specs[i]->name, name) == 0)
            return specs[i];
    return NULL;
}

static void add_option(struct fz_text *line, const char *name, const char *value)
{
    if (value == NULL)
        return;
    fz_text_format(line, " --%s ", name);
    fz_shell_word_add(line, value);
}

/* Numbers are texts, all of them. */
static void add_numbers(struct fz_text *line, const struct fz_member *rows, const void *values)
{
    for (; rows->name != NULL; rows++)
        if (rows->kind == FZ_STRING && fz_is_given(rows, values))
            add_option(line, rows->name, *(const char *const *)fz_slot(rows, values));
}

void fz_tell_query(const struct fz_session *session, const char *call, const void *request)
{
    FZ_CLEANUP(fz_text_done) struct fz_text line = {.max = LINE_MAX_SIZE};
    const struct fz_spec *write = spec_of(call), *query = write == NULL ? NULL : write->found_by;
    void *asked = query == NULL ? NULL : calloc(1, query->request_size);
    if (asked != NULL) {
        fz_members_carry_over(write->request, request, query->request, asked);
        fz_text_format(&line, "  fenzhang call %s", query->name);
        add_numbers(&line, query->request, asked);
        add_option(&line, "env", session->caller.env_file);
        add_option(&line, "profile", session->caller.profile);
    }
    if (asked != NULL && !line.failed)
        fprintf(stderr, "To ask what became of it:\n%s\n", line.data);
    fputs("Or make the same again, with the same number: what was done is not done twice.\n", stderr);
    free(asked);
}
