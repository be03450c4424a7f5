/* fenzhang upload: hands in a file, for a receiver's audit. */
#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "cli/api/commands.h"
#include "cli/api/members.h"

#define FILE_MAX (5 << 20) /* the service's */

static const struct fz_shown shown[] = {{"file", "file_id", FZ_AS_TEXT, NULL}, {0}};

static error_t take_word(int key, char *argument, struct argp_state *state)
{
    const char **path = state->input;
    if (key == ARGP_KEY_ARG && *path == NULL)
        *path = argument;
    else if (key == ARGP_KEY_END && *path == NULL)
        argp_error(state, "the file is missing: FILE");
    else
        return ARGP_ERR_UNKNOWN;
    return 0;
}

static const struct argp argp = {
    NULL,
    take_word,
    "FILE",
    "Uploads a file (.pdf, .jpg, .png or .bmp, at most 5 MiB) and prints its number, for --application and --partnership "
    "of `fenzhang receiver add'.\v"
    "Example:\n  fenzhang upload --env data/demo.env letter.pdf\n",
    NULL,
    NULL,
    NULL};

struct file {
    const char *name, *type;
    void *data;
    size_t size;
    char sha256[65];
};

/* NULL: none that the service takes. */
static const char *type_of(const char *name)
{
    static const char *const types[][2] = {
        {".pdf", "application/pdf"}, {".jpg", "image/jpeg"}, {".png", "image/png"}, {".bmp", "image/bmp"}};
    const char *end = strrchr(name, '.');
    for (size_t i = 0; end != NULL && i < sizeof types / sizeof types[0]; i++)
        if (strcasecmp(types[i][0], end) == 0)
            return types[i][1];
    return NULL;
}

static bool fail(const char *path, const char *why)
{
    fprintf(stderr, "fenzhang: %s: %s. Nothing was sent.\n", path, why);
    return false;
}

static bool add_digest(struct file *file)
{
    unsigned char digest[32];
    if (EVP_Digest(file->data, file->size, digest, NULL, EVP_sha256(), NULL) != 1)
        return false;
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(file->sha256 + 2 * i, 3, "%02x", digest[i]);
    return true;
}

static bool read_file(const char *path, struct file *out)
{
    const char *slash = strrchr(path, '/');
    out->name = slash == NULL ? path : slash + 1;
    out->type = type_of(out->name);
    if (out->type == NULL)
        return fail(path, "the service takes files that end in .pdf, .jpg, .png or .bmp");
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return fail(path, strerrordesc_np(errno));
    out->data = malloc(FILE_MAX + 1);
    out->size = out->data == NULL ? 0 : fread(out->data, 1, FILE_MAX + 1, file);
    bool failed = ferror(file) != 0;
    fclose(file);
    if (failed || out->data == NULL)
        return fail(path, "it cannot be read");
    return out->size <= FILE_MAX ? add_digest(out) || fail(path, "its SHA-256 cannot be had")
                                 : fail(path, "it has more than 5 MiB");
}

static int send(const struct fz_session *session, const struct file *file)
{
    struct fz_file_upload_request request = FZ_INIT(fz_file_upload_request);
    struct fz_call_options options = FZ_INIT(fz_call_options);
    void *answer = NULL;
    request.filename = file->name;
    request.sha256 = file->sha256;
    options.file = file->data;
    options.file_size = file->size;
    options.file_name = file->name;
    options.file_type = file->type;
    int status = fz_session_call(session, "file-upload", &request, &options, &answer);
    if (status == FZ_EXIT_DONE)
        status = fz_show(answer, shown, NULL, &session->caller);
    fz_answer_free(answer);
    return status;
}

static int run(int argc, char **argv)
{
    const char *path = NULL;
    struct fz_session session;
    struct file file = {0};
    int status = fz_session_open(&fz_upload_command, argc, argv, &path, &session);
    if (status == FZ_EXIT_DONE)
        status = read_file(path, &file) ? send(&session, &file) : FZ_EXIT_TROUBLE;
    free(file.data);
    fz_session_close(&session);
    return status;
}

const struct fz_command fz_upload_command = {.name = "upload",
                                             .summary = "hands in a file, for a receiver's audit",
                                             .argp = &argp,
                                             .shared = &fz_caller_argp,
                                             .run = run};
