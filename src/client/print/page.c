/* A manual page for a call: what it does, what is sent, what is answered, in the words of its rows. */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "client/print/print.h"

/* Backslashes, and points and quotes at a line's beginning, mean something. */
void fz_print_text(FILE *out, const char *text)
{
    if (*text == '.' || *text == '\'')
        fputs("\\&", out);
    for (; *text != '\0'; text++)
        if (*text == '\\')
            fputs("\\e", out);
        else if (*text == '-')
            fputs("\\-", out);
        else
            fputc(*text, out);
}

static const char *type_of(const struct fz_member *member)
{
    static const char *const types[] = {[FZ_STRING] = "const char *",        [FZ_INTEGER] = "int64_t ",
                                        [FZ_BOOLEAN] = "bool ",              [FZ_OBJECT] = "struct ",
                                        [FZ_ARRAY] = "struct *",             [FZ_TIME] = "struct fz_timestamp ",
                                        [FZ_STRINGS] = "const char *const *"};
    return member->kind < sizeof types / sizeof types[0] ? types[member->kind] : "";
}

static void print_length(FILE *out, const struct fz_member *member, bool sent)
{
    if (member->kind == FZ_STRING && sent && member->min == member->max)
        fprintf(out, " %" PRId64 " characters.", member->max);
    else if (member->kind == FZ_STRING && member->max > 0)
        fprintf(out, " At most %" PRId64 " characters.", member->max);
    if (member->kind == FZ_INTEGER && sent)
        fprintf(out, " %" PRId64 " to %" PRId64 ".", member->min, member->max);
    if (member->kind == FZ_ARRAY && member->max > 0)
        fprintf(out, " At most %" PRId64 ".", member->max);
    for (const char *const *word = member->words; word != NULL && *word != NULL; word++)
        fprintf(out, "%s%s", word == member->words ? " One of " : ", ", *word);
    if (member->words != NULL)
        fputs(".", out);
}

static void print_need(FILE *out, const struct fz_member *member, bool sent)
{
    static const char *const modes[] = {"", "Common mode", "Institutional mode", ""};
    if (sent && member->required == FZ_BOTH)
        fputs(" Required.", out);
    else if (sent && member->required != FZ_NEVER)
        fprintf(out, " Required in %s.", modes[member->required]);
    else if (sent && (member->only == FZ_COMMON || member->only == FZ_INSTITUTIONAL))
        fprintf(out, " In %s alone.", modes[member->only]);
    if (sent && member->fallback != NULL)
        fprintf(out, " %s if it is NULL.", member->fallback);
    if (member->given != 0)
        fprintf(out, sent ? " Set has_%s to say that it is there." : " has_%s says whether it is there.", member->name);
    if (member->kind == FZ_ARRAY || member->kind == FZ_STRINGS)
        fprintf(out, " %s_count says how many.", member->name);
}

static void print_members(FILE *out, const struct fz_member *members, const char *before, bool sent)
{
    for (; members->name != NULL; members++) {
        char inner[256];
        fprintf(out, ".TP\n.BI \"%s\" \"", type_of(members));
        fz_print_text(out, before);
        fz_print_text(out, members->name);
        fputs("\"\n", out);
        fz_print_text(out, members->meaning);
        fputs(".", out);
        print_length(out, members, sent);
        print_need(out, members, sent);
        fputs("\n", out);
        snprintf(inner, sizeof inner, "%s%s%s", before, members->name, members->kind == FZ_ARRAY ? "[]." : ".");
        if (members->members != NULL)
            print_members(out, members->members, inner, sent);
    }
}

static void print_synopsis(FILE *out, const struct fz_spec *spec)
{
    fprintf(out, ".SH SYNOPSIS\n.nf\n.B #include <fenzhang.h>\n.PP\n.B int fz_");
    fz_print_c_name(out, spec->name);
    fprintf(out, "(fz_client *client,\n.B \"    const struct %s *request,\"\n", spec->request_type);
    if (spec->takes_file)
        fputs(".B \"    const void *file, size_t file_size,\"\n.B \"    const char *file_name, const char *file_type,\"\n", out);
    if (spec->answer != NULL)
        fprintf(out, ".B \"    struct %s **answer, fz_error **error);\"\n", spec->answer_type);
    else
        fputs(".B \"    fz_error **error);\"\n", out);
    fputs(".fi\n", out);
}

/* Lines are not adjusted and words not broken: a name of the API is longer than what there is to stretch. */
static void print_title(FILE *out, const struct fz_spec *spec)
{
    fputs(".TH \"FZ_", out);
    for (const char *at = spec->name; *at != '\0'; at++)
        fputc(*at == '-' ? '_' : toupper((unsigned char)*at), out);
    fprintf(out, "\" 3 \"\" \"fenzhang %s\" \"Library calls\"\n.ad l\n.nh\n.SH NAME\nfz_", FZ_VERSION);
    fz_print_c_name(out, spec->name);
    fputs(" \\- ", out);
    fz_print_text(out, spec->title);
    fputs("\n", out);
}

static void print_description(FILE *out, const struct fz_spec *spec)
{
    fprintf(out, ".SH DESCRIPTION\n%s:\n.PP\n.nf\n.B %s ", spec->title, spec->method);
    fz_print_text(out, spec->paths[0]);
    fputs("\n.fi\n.PP\n", out);
    if (spec->answers_file != FZ_NO_FILE) {
        fputs("There is no function of this name: what is answered is a file, which is fetched, made sure of and read by\n"
              ".BR fz_bill_read_day (3).\nIt sends the members below by itself.\n", out);
        return;
    }
    fputs("To give it a deadline of its own, to be able to end it, or for an event loop it is called by its name,\n.BR \\(dq", out);
    fz_print_text(out, spec->name);
    fputs("\\(dq ,\nby fz_call or fz_loop_start; see\n.BR fenzhang (3).\n", out);
}

static void print_result(FILE *out, const struct fz_spec *spec)
{
    fputs(".SH RETURN VALUE\n0, or \\-1 with *error, which the caller frees with fz_error_free.\nfz_error_message says what happened, "
          "why, and what to do; fz_error_outcome what became of the call.\n",
          out);
    if (spec->writes)
        fprintf(out, "%s\n",
                spec->found_by == NULL ? "After FZ_OUTCOME_MAYBE_DONE the same call may be made again: it does nothing twice."
                                       : "After FZ_OUTCOME_MAYBE_DONE fz_find_out asks by the number that it had what became of it.");
}

static void print_see_also(FILE *out, const struct fz_spec *spec)
{
    fputs(".SH SEE ALSO\n.BR fenzhang (3)", out);
    if (spec->answers_file != FZ_NO_FILE)
        fputs(",\n.BR fz_bill_read_day (3),\n.BR fz_bill_reader_new (3)", out);
    if (spec->found_by != NULL) {
        fputs(",\n.BR fz_", out);
        fz_print_c_name(out, spec->found_by->name);
        fputs(" (3)", out);
    }
    fprintf(out, "\n.PP\nThe vendor's document:\n.PP\n.nf\n%s\n.fi\n", spec->document);
}

/* Of a file there is nothing that the caller sends or is given himself. */
static void print_file_page(FILE *out, const struct fz_spec *spec)
{
    print_title(out, spec);
    fz_print_file_synopsis(out, spec);
    print_description(out, spec);
    fputs(".SS Request\n", out);
    print_members(out, spec->request, "", true);
    fz_print_file_columns(out, spec);
    print_see_also(out, spec);
}

void fz_print_page(FILE *out, const struct fz_spec *spec)
{
    if (spec->answers_file != FZ_NO_FILE) {
        print_file_page(out, spec);
        return;
    }
    print_title(out, spec);
    print_synopsis(out, spec);
    print_description(out, spec);
    fputs(".SS Request\nStarted with FZ_INIT; texts are borrowed for the call, and NULL where they are not given.\n", out);
    print_members(out, spec->request, "", true);
    if (spec->answer != NULL) {
        fputs(".SS Answer\nThe caller frees it with fz_answer_free.\n", out);
        print_members(out, spec->answer, "", false);
    }
    print_result(out, spec);
    print_see_also(out, spec);
}
