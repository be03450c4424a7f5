/* fenzhang/calls.h: every call as a function with types, over fz_call. */
#include "client/print/print.h"

static const char opening[] =
    "/* Every call of the API as a function. Made from the description of the calls, as the server's side of it is.\n"
    " *\n"
    " * `request` is started with FZ_INIT. 0: *answer has what was answered, to be freed by fz_answer_free. -1: *error (NULL is\n"
    " * allowed) says why not, to be freed by fz_error_free. To give a call a deadline of its own, or to be able to end it, call it by\n"
    " * its name: fz_call (fenzhang/client.h). */\n"
    "#ifndef FENZHANG_CALLS_H\n"
    "#define FENZHANG_CALLS_H\n"
    "\n"
    "#include \"fenzhang/bill.h\"\n"
    "#include \"fenzhang/client.h\"\n"
    "#include \"fenzhang/distribution.h\"\n"
    "#include \"fenzhang/merchant.h\"\n"
    "#include \"fenzhang/order.h\"\n"
    "#include \"fenzhang/receiver.h\"\n"
    "#include \"fenzhang/refund.h\"\n"
    "\n"
    "#ifdef __cplusplus\n"
    "extern \"C\" {\n"
    "#endif\n";

static void print_comment(FILE *out, const struct fz_spec *spec)
{
    fprintf(out, "\n/* %s: %s %s\n * %s */\n", spec->title, spec->method, spec->paths[0], spec->document);
}

static void print_with_answer(FILE *out, const struct fz_spec *spec)
{
    fprintf(out, "static inline int fz_");
    fz_print_c_name(out, spec->name);
    fprintf(out,
            "(fz_client *client, const struct %s *request,\n    struct %s **answer, fz_error **error)\n{\n"
            "    void *any = NULL;\n    int result = fz_call(client, \"%s\", request, NULL, &any, error);\n"
            "    *answer = (struct %s *)any;\n    return result;\n}\n",
            spec->request_type, spec->answer_type, spec->name, spec->answer_type);
}

static void print_without(FILE *out, const struct fz_spec *spec)
{
    fprintf(out, "static inline int fz_");
    fz_print_c_name(out, spec->name);
    fprintf(out,
            "(fz_client *client, const struct %s *request, fz_error **error)\n{\n"
            "    void *nothing = NULL;\n    int result = fz_call(client, \"%s\", request, NULL, &nothing, error);\n"
            "    fz_answer_free(nothing);\n    return result;\n}\n",
            spec->request_type, spec->name);
}

/* A file goes with it. */
static void print_upload(FILE *out, const struct fz_spec *spec)
{
    fprintf(out, "static inline int fz_");
    fz_print_c_name(out, spec->name);
    fprintf(out,
            "(fz_client *client, const struct %s *request,\n    const void *file, size_t file_size, const char *file_name, "
            "const char *file_type,\n    struct %s **answer, fz_error **error)\n{\n"
            "    void *any = NULL;\n    struct fz_call_options options = FZ_INIT(fz_call_options);\n"
            "    options.file = file;\n    options.file_size = file_size;\n    options.file_name = file_name;\n"
            "    options.file_type = file_type;\n"
            "    int result = fz_call(client, \"%s\", request, &options, &any, error);\n"
            "    *answer = (struct %s *)any;\n    return result;\n}\n",
            spec->request_type, spec->answer_type, spec->name, spec->answer_type);
}

void fz_print_header(FILE *out)
{
    size_t count;
    const struct fz_spec *const *specs = fz_specs(&count);
    fputs(opening, out);
    for (size_t i = 0; i < count; i++) {
        if (specs[i]->answers_file != FZ_NO_FILE)
            continue; /* fenzhang/bill.h */
        print_comment(out, specs[i]);
        if (specs[i]->takes_file)
            print_upload(out, specs[i]);
        else if (specs[i]->answer != NULL)
            print_with_answer(out, specs[i]);
        else
            print_without(out, specs[i]);
    }
    fputs("\n#ifdef __cplusplus\n}\n#endif\n\n#endif\n", out);
}
