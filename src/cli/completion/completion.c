/* fenzhang completion bash, zsh and words: the shells' scripts ask the program itself, so they are never
 * older than it. */
#include "cli/completion/completion.h"

#include <stdio.h>
#include <string.h>

#include "cli/completion/candidates.h"

static const struct fz_command *whole;

void fz_completion_of(const struct fz_command *program)
{
    whole = program;
}

/* ---- the scripts ---- */

static const char bash_script[] = "# Completion of fenzhang for bash.\n"
                                  "_fenzhang() {\n"
                                  "    mapfile -t COMPREPLY < <(\"${COMP_WORDS[0]}\" completion words -- "
                                  "\"${COMP_WORDS[@]:1:COMP_CWORD}\" 2>/dev/null | cut -f 1)\n"
                                  "}\n"
                                  "complete -o bashdefault -o default -F _fenzhang fenzhang\n";

static const char zsh_script[] =
    "#compdef fenzhang\n"
    "# Completion of fenzhang for zsh.\n"
    "_fenzhang() {\n"
    "    local line\n"
    "    local -a found\n"
    "    for line in \"${(@f)$(${words[1]} completion words -- \"${(@)words[2,CURRENT]}\" 2>/dev/null)}\"; "
    "do\n"
    "        [[ -n $line ]] && found+=(\"${${line%%$'\\t'*}//:/\\\\:}:${line#*$'\\t'}\")\n"
    "    done\n"
    "    (( ${#found} )) && _describe fenzhang found || _files\n"
    "}\n"
    "_fenzhang \"$@\"\n";

static int print_script(const struct fz_command *command, const char *script, int argc, char **argv)
{
    fz_arguments_parse(command->argp, argc, argv, NULL);
    fputs(script, stdout);
    return FZ_EXIT_DONE;
}

static const struct fz_command bash_command, zsh_command, words_command;

static int run_bash(int argc, char **argv)
{
    return print_script(&bash_command, bash_script, argc, argv);
}

static int run_zsh(int argc, char **argv)
{
    return print_script(&zsh_command, zsh_script, argc, argv);
}

/* ---- the words ---- */

struct words {
    int count;
    char **first;
};

/* All that is behind `--`. */
static error_t take_words(int key, char *argument, struct argp_state *state)
{
    struct words *into = state->input;
    (void)argument;
    if (key != ARGP_KEY_ARGS)
        return ARGP_ERR_UNKNOWN;
    into->first = state->argv + state->next;
    into->count = state->argc - state->next;
    return 0;
}

static int run_words(int argc, char **argv)
{
    struct words words = {0};
    fz_arguments_parse(words_command.argp, argc, argv, &words);
    fz_candidates_print(whole, words.count, words.first);
    return FZ_EXIT_DONE;
}

/* ---- rows ---- */

static const struct argp bash_argp = {
    NULL,
    NULL,
    NULL,
    "Prints a script by which bash completes commands, options and calls.\vExample:\n"
    "  source <(fenzhang completion bash)\n",
    NULL,
    NULL,
    NULL};
static const struct argp zsh_argp = {
    NULL,
    NULL,
    NULL,
    "Prints a script by which zsh completes commands, options and calls.\vExample:\n"
    "  fenzhang completion zsh > \"${fpath[1]}/_fenzhang\"\n",
    NULL,
    NULL,
    NULL};
static const struct argp words_argp = {NULL,
                                       take_words,
                                       "-- [WORD...]",
                                       "Prints what can stand next on a command line, of which the last WORD "
                                       "is being typed: a line each, with what it is "
                                       "behind a tab.\vExample:\n  fenzhang completion words -- refund sh\n",
                                       NULL,
                                       NULL,
                                       NULL};

static const struct fz_command bash_command = {
    .name = "bash", .summary = "prints a script for bash", .argp = &bash_argp, .run = run_bash};
static const struct fz_command zsh_command = {
    .name = "zsh", .summary = "prints a script for zsh", .argp = &zsh_argp, .run = run_zsh};
static const struct fz_command words_command = {.name = "words",
                                                .summary = "prints what can stand next: those scripts ask it",
                                                .argp = &words_argp,
                                                .run = run_words};

static const struct fz_command *const commands[] = {&bash_command, &zsh_command, &words_command, NULL};

const struct fz_command fz_completion_command = {
    .name = "completion",
    .summary = "prints scripts by which bash and zsh complete commands",
    .members = commands,
    .about = "Scripts by which bash and zsh complete commands, options, and words like profiles and call names.",
    .examples = "  fenzhang completion bash > ~/.local/share/bash-completion/completions/fenzhang\n",
};
