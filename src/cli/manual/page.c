/* Manual pages of commands, in troff. */
#include "cli/manual/page.h"

#include <ctype.h>
#include <string.h>

/* ---- text ---- */

/* Backslashes, and points and quotes at a line's beginning, mean something to troff. */
static void print_text(FILE *out, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if ((i == 0 || text[i - 1] == '\n') && (text[i] == '.' || text[i] == '\''))
            fputs("\\&", out);
        if (text[i] == '\\')
            fputs("\\e", out);
        else if (text[i] == '-')
            fputs("\\-", out);
        else
            fputc(text[i], out);
    }
}

static void print_string(FILE *out, const char *text)
{
    print_text(out, text, strlen(text));
}

static void print_capitals(FILE *out, const char *text)
{
    for (; *text != '\0'; text++)
        fputc(toupper((unsigned char)*text), out);
}

/* ---- options ---- */

static bool is_end(const struct argp_option *option)
{
    return option->name == NULL && option->key == 0 && option->doc == NULL;
}

/* -d, --data=DIR */
static void print_names(FILE *out, const struct argp_option *option)
{
    fputs(".TP\n", out);
    if (option->key > ' ' && option->key < 0x7f)
        fprintf(out, "\\fB\\-%c\\fR%s", option->key, option->name == NULL ? "" : ", ");
    if (option->name != NULL) {
        fputs("\\fB\\-\\-", out);
        print_string(out, option->name);
        fputs("\\fR", out);
    }
    if (option->arg != NULL) {
        fputs("=\\fI", out);
        print_string(out, option->arg);
        fputs("\\fR", out);
    }
    fputc('\n', out);
}

static void print_options(FILE *out, const struct argp_option *options)
{
    for (; options != NULL && !is_end(options); options++) {
        if ((options->flags & OPTION_HIDDEN) != 0)
            continue;
        if (options->name == NULL && options->key == 0) /* a heading */
            fputs(".PP\n", out);
        else
            print_names(out, options);
        if (options->doc != NULL)
            print_string(out, options->doc);
        fputc('\n', out);
    }
}

/* ---- a command ---- */

/* What stands before the vertical tab of an argp's text, and behind it. */
static void print_description(FILE *out, const struct argp *argp)
{
    fputs(".PP\n", out);
    if (argp->doc != NULL)
        print_text(out, argp->doc, strcspn(argp->doc, "\v"));
    fputc('\n', out);
}

static void print_rest(FILE *out, const struct argp *argp)
{
    const char *rest = argp->doc == NULL ? NULL : strchr(argp->doc, '\v');
    if (rest == NULL)
        return;
    fputs(".PP\n.nf\n", out);
    print_string(out, rest + 1);
    fputs("\n.fi\n", out);
}

/* The alternatives of an argp's words stand in lines of their own. */
static void print_synopsis(FILE *out, const char *name, const struct fz_command *command)
{
    const char *words = command->argp == NULL ? NULL : command->argp->args_doc;
    do {
        size_t size = words == NULL ? 0 : strcspn(words, "\n");
        fputs("\\fB", out);
        print_string(out, name);
        fputs("\\fR [\\fIOPTION\\fR]... ", out);
        print_text(out, words == NULL ? "" : words, size);
        fputs("\n.br\n", out);
        words = words == NULL || words[size] == '\0' ? NULL : words + size + 1;
    } while (words != NULL);
}

static void print_command(FILE *out, const struct fz_command *command)
{
    print_description(out, command->argp);
    if (command->argp->options != NULL && !is_end(command->argp->options)) {
        fputs(".PP\n", out);
        print_options(out, command->argp->options);
    }
    print_rest(out, command->argp);
}

/* ---- a group ---- */

static void print_members(FILE *out, const char *name, const struct fz_command *group,
                          void (*print)(FILE *, const char *, const struct fz_command *))
{
    char inner[128];
    for (const struct fz_command *const *at = group->members; *at != NULL; at++) {
        if (snprintf(inner, sizeof inner, "%s %s", name, (*at)->name) >= (int)sizeof inner)
            continue; /* no command is called so */
        if ((*at)->members != NULL)
            print_members(out, inner, *at, print);
        else
            print(out, inner, *at);
    }
}

static void print_section(FILE *out, const char *name, const struct fz_command *command)
{
    fputs(".SS ", out);
    print_string(out, name);
    fputc('\n', out);
    print_command(out, command);
}

/* The options that a command, or the first of a group that has any, shares with others. */
static const struct argp *shared_of(const struct fz_command *command)
{
    const struct argp *shared = command->shared;
    for (const struct fz_command *const *at = command->members; at != NULL && *at != NULL && shared == NULL; at++)
        shared = shared_of(*at);
    return shared;
}

static void print_shared(FILE *out, const struct fz_command *command)
{
    const struct argp *shared = shared_of(command);
    if (shared == NULL)
        return;
    fputs(command->members == NULL ? ".SH OPTIONS OF ALL COMMANDS THAT CALL\n" : ".SH OPTIONS OF ALL OF THEM\n", out);
    print_options(out, shared->options);
}

static void print_end(FILE *out)
{
    fputs(".SH EXIT STATUS\n"
          ".TP\n0\nDone, or all agrees.\n"
          ".TP\n1\nThe API refused, or there are differences.\n"
          ".TP\n2\nTrouble: usage, network, files, an answer that does not verify.\n"
          ".TP\n3\nNobody knows whether a write was done.\n"
          ".SH SEE ALSO\n.BR fenzhang (1)\n",
          out);
}

void fz_manual_page(FILE *out, const struct fz_command *command)
{
    char name[128];
    snprintf(name, sizeof name, "fenzhang %s", command->name);
    fputs(".TH \"FENZHANG-", out);
    print_capitals(out, command->name);
    fprintf(out, "\" 1 \"\" \"fenzhang %s\" \"User Commands\"\n.ad l\n.nh\n.SH NAME\nfenzhang\\-", FZ_VERSION);
    print_string(out, command->name);
    fputs(" \\- ", out);
    print_string(out, command->summary);
    fputs("\n.SH SYNOPSIS\n", out);
    if (command->members != NULL)
        print_members(out, name, command, print_synopsis);
    else
        print_synopsis(out, name, command);
    fputs(".SH DESCRIPTION\n", out);
    if (command->members == NULL) {
        print_command(out, command);
    } else {
        print_string(out, command->about == NULL ? command->summary : command->about);
        fputs("\n", out);
        print_members(out, name, command, print_section);
    }
    print_shared(out, command);
    print_end(out);
}
