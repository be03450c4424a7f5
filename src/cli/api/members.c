/* Commands that are a call. */
#include "cli/api/members.h"

#include <stdio.h>
#include <string.h>

#include "cli/command/command.h"

/* ---- arguments ---- */

static void keep(struct fz_asking *into, const struct argp_state *state, const char *path, const char *text)
{
    if (into->given_count == sizeof into->given / sizeof into->given[0])
        argp_error(state, "there are too many options");
    into->given[into->given_count].path = path;
    into->given[into->given_count++].text = text;
}

/* The usage line says which there are. */
static void miss_words(const struct fz_asking *asking, const struct argp_state *state)
{
    if (asking->words != NULL && asking->words[asking->word_count] != NULL)
        argp_error(state, "a word is missing: %s", state->root_argp->args_doc);
}

error_t fz_take_member_into(struct fz_asking *into, int key, char *argument, const struct argp_state *state)
{
    into->options = state->root_argp->children[0].argp->options; /* arguments.c: the command's own stand first */
    into->args_doc = state->root_argp->args_doc;
    if (key == ARGP_KEY_ARG && into->words != NULL && into->words[into->word_count] != NULL) {
        keep(into, state, into->words[into->word_count++], argument);
        return 0;
    }
    if (key == ARGP_KEY_END)
        miss_words(into, state);
    if (key == ARGP_KEY_END && into->before != NULL)
        into->before(into);
    if (key < FZ_FIRST_MEMBER || key > FZ_LAST_MEMBER)
        return ARGP_ERR_UNKNOWN;
    keep(into, state, into->members[key - FZ_FIRST_MEMBER], argument == NULL ? "true" : argument);
    return 0;
}

error_t fz_take_member(int key, char *argument, struct argp_state *state)
{
    return fz_take_member_into(state->input, key, argument, state);
}

const char *fz_asking_text(const struct fz_asking *asking, const char *path)
{
    for (size_t i = asking->given_count; i > 0; i--)
        if (strcmp(asking->given[i - 1].path, path) == 0)
            return asking->given[i - 1].text;
    return NULL;
}

/* ---- what members are called ---- */

/* Whether the path is the member's, or that of something in it. */
static bool is_in(const char *path, const char *member)
{
    size_t size = strlen(member);
    return strncmp(path, member, size) == 0 && (path[size] == '\0' || path[size] == '.');
}

static const char *option_of(const struct fz_asking *asking, const char *path)
{
    static char name[64];
    for (const struct argp_option *at = asking->options; at != NULL && (at->name != NULL || at->doc != NULL); at++)
        if (at->name != NULL && at->key >= FZ_FIRST_MEMBER && at->key <= FZ_LAST_MEMBER &&
            strcmp(asking->members[at->key - FZ_FIRST_MEMBER], path) == 0) {
            snprintf(name, sizeof name, "--%s", at->name);
            return name;
        }
    return NULL;
}

static const char *name_of(const void *argument, const char *path)
{
    const struct fz_asking *asking = argument;
    for (const char *const *other = asking->others; other != NULL && *other != NULL; other += 2)
        if (is_in(path, other[0]))
            return other[1];
    for (const char *const *word = asking->words; word != NULL && *word != NULL; word++)
        if (strcmp(*word, path) == 0 && word[1] == NULL && word == asking->words)
            return asking->args_doc;
    return option_of(asking, path);
}

bool fz_asking_draft(const struct fz_asking *asking, struct fz_draft *draft)
{
    bool is_good = fz_draft_begin(draft, asking->call);
    draft->naming = (struct fz_naming){name_of, asking};
    if (!is_good)
        return false;
    for (size_t i = 0; i < asking->given_count; i++)
        if (!fz_draft_set(draft, asking->given[i].path, asking->given[i].text))
            return false;
    return true;
}

/* ---- the call ---- */

int fz_ask_with(const struct fz_session *session, const struct fz_asking *asking, struct fz_draft *draft)
{
    const void *request;
    void *answer = NULL;
    int status = FZ_EXIT_TROUBLE;
    if (fz_draft_finish(draft, &session->profile, &request))
        status = fz_session_call(session, asking->call, request, NULL, &answer);
    if (status == FZ_EXIT_DONE)
        status = fz_show(answer, asking->shown, asking->list, &session->caller);
    fz_answer_free(answer);
    return status;
}

int fz_ask(const struct fz_command *command, struct fz_asking *asking, int argc, char **argv)
{
    struct fz_session session;
    struct fz_draft draft = {0};
    int status = fz_session_open(command, argc, argv, asking, &session);
    if (status == FZ_EXIT_DONE)
        status = fz_asking_draft(asking, &draft) ? fz_ask_with(&session, asking, &draft) : FZ_EXIT_TROUBLE;
    fz_draft_done(&draft);
    fz_session_close(&session);
    return status;
}
