/* fenzhang explain: why the signature of a request from a log is wrong. */
#include "cli/explain/explain.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command/command.h"
#include "cli/server/data_path.h"
#include "spec/server/route.h"
#include "wire/server/authorization.h"

#define PASTE_MAX (1 << 20)

enum { GOOD = FZ_EXIT_DONE, EXPLAINED = FZ_EXIT_DIFFERS, NOT_EXPLAINED = FZ_EXIT_TROUBLE };

struct options {
    const char *data, *file;
    const char *keys[FZ_CANDIDATES_MAX];
    size_t key_count;
};

static const struct argp_option options[] = {
    {"data", 'd', "DIR", 0,
     "Try the certificates that this data directory has for the merchant of the request "
     "(${XDG_STATE_HOME:-~/.local/state}/fenzhang)",
     0},
    {"key", 'k', "CERT.PEM", 0, "Try this certificate; may be given more than once", 0},
    {0}};

static error_t take_option(int key, char *argument, struct argp_state *state)
{
    struct options *into = state->input;
    switch (key) {
    case 'd':
        into->data = argument;
        return 0;
    case 'k':
        if (into->key_count == FZ_CANDIDATES_MAX)
            argp_error(state, "at most %d certificates are tried", FZ_CANDIDATES_MAX);
        into->keys[into->key_count++] = argument;
        return 0;
    case ARGP_KEY_ARG:
        if (into->file != NULL)
            argp_error(state, "one request at a time: there is nothing to do with `%s'", argument);
        into->file = argument;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* NULL: the standard input. */
static FILE *open_paste(const char *path)
{
    if (path != NULL)
        return fopen(path, "r");
    if (isatty(STDIN_FILENO))
        fputs("fenzhang: paste the request, head and body, and end it with Ctrl-D.\n", stderr);
    return stdin;
}

/* New, with a NUL behind it; NULL after a message. */
static char *read_paste(const char *path, size_t *size)
{
    if (path != NULL && strcmp(path, "-") == 0)
        path = NULL;
    FILE *file = open_paste(path);
    char *text = malloc(PASTE_MAX + 1);
    errno = file == NULL ? errno : 0;
    *size = file == NULL || text == NULL ? 0 : fread(text, 1, PASTE_MAX, file);
    const char *fault = errno != 0            ? strerrordesc_np(errno)
                        : *size == 0         ? "it is empty"
                        : *size == PASTE_MAX ? "it is longer than 1 MiB: cut the request out of it"
                                             : NULL;
    if (file != NULL && file != stdin)
        fclose(file);
    if (fault != NULL) {
        fprintf(stderr, "fenzhang: there is no request in %s: %s.\n", path == NULL ? "the standard input" : path, fault);
        free(text);
        return NULL;
    }
    text[*size] = '\0';
    return text;
}

/* False after a message. */
static bool collect_keys(const struct options *with, const char *mchid, struct fz_keyring *ring)
{
    for (size_t i = 0; i < with->key_count; i++)
        if (fz_keyring_add(ring, with->keys[i], false) != FZ_OK) {
            fprintf(stderr, "fenzhang: %s is no certificate of an RSA key in PEM, or cannot be read.\n",
                    with->keys[i]);
            return false;
        }
    char data[FZ_PATH_SIZE];
    bool is_sought = with->data != NULL || with->key_count == 0, is_found = is_sought && fz_data_path(with->data, data);
    if (is_found && !fz_data_is_readable(data))
        return false;
    if (is_found)
        fz_keyring_add_data(ring, data, mchid);
    for (size_t i = 0; i < ring->count; i++)
        if (!ring->list[i].is_platform)
            return true;
    fprintf(stderr,
            "fenzhang: there is no certificate of merchant %s in %s. Name one with --key, or a data "
            "directory with "
            "--data.\n",
            mchid, is_found ? data : "the data directory");
    return false;
}

/* ---- the outcome ---- */

/* How many columns of a terminal the first `size` bytes take: characters of three bytes are wide. */
static int columns(const char *text, size_t size)
{
    int count = 0;
    for (size_t i = 0; i < size; i++)
        count += ((unsigned char)text[i] & 0xC0) == 0x80 ? 0 : (unsigned char)text[i] >= 0xE0 ? 2 : 1;
    return count;
}

static void print(const struct fz_diagnosis *diagnosis)
{
    printf("%s", diagnosis->mistake);
    for (size_t i = 0; i + 1 < FZ_DIAGNOSIS_MISTAKES && diagnosis->also[i] != NULL; i++)
        printf(", %s", diagnosis->also[i]);
    printf("\n%s.\n", diagnosis->says);
    if (diagnosis->differs)
        printf("\nThe message that was signed differs from byte %lld on, in line %d:\n\n  signed    %s\n  "
               "expected  "
               "%s\n  %*s^\n",
               (long long)diagnosis->offset, diagnosis->line, diagnosis->signed_line,
               diagnosis->expected_line, 10 + columns(diagnosis->expected_line, diagnosis->same), "");
}

static int status_of(const struct fz_diagnosis *diagnosis)
{
    if (strcmp(diagnosis->mistake, fz_mistake_name(FZ_MISTAKE_NONE)) == 0)
        return GOOD;
    return strcmp(diagnosis->mistake, fz_mistake_name(FZ_MISTAKE_UNKNOWN)) == 0 ? NOT_EXPLAINED : EXPLAINED;
}

/* ---- one request ---- */

static void examine(const struct fz_pasted *pasted, const struct fz_authorization *authorization,
                    const struct fz_keyring *ring, struct fz_diagnosis *out)
{
    struct fz_candidate candidates[FZ_CANDIDATES_MAX];
    for (size_t i = 0; i < ring->count; i++)
        candidates[i] = (struct fz_candidate){ring->list[i].key,
                                              ring->list[i].is_platform ? FZ_CANDIDATE_PLATFORM
                                              : strcmp(ring->list[i].serial_no, authorization->serial_no) == 0
                                                  ? FZ_CANDIDATE_NAMED
                                                  : FZ_CANDIDATE_OWN};
    struct fz_route route = {0};
    struct fz_error no_route = {0};
    const char *patterns[FZ_PATHS_MAX + 1] = {NULL};
    if (fz_route_find(pasted->method, pasted->target, &route, &no_route) == FZ_OK)
        memcpy(patterns, route.spec->paths, sizeof route.spec->paths);
    struct fz_arrival arrival = {.method = pasted->method,
                                 .target = pasted->target,
                                 .timestamp = authorization->timestamp_text,
                                 .nonce = authorization->nonce_str,
                                 .mchid = authorization->mchid,
                                 .serial_no = authorization->serial_no,
                                 .host = pasted->host,
                                 .patterns = patterns,
                                 .signature = authorization->signature_text,
                                 .signature_size = authorization->signature_text_size,
                                 .body = pasted->body,
                                 .body_size = pasted->body_size};
    fz_doctor(&arrival, candidates, ring->count, out);
}

/* What HTTP refuses is refused before anybody looks at a signature. */
static int explain_broken_line(const struct fz_pasted *pasted)
{
    char shown[200];
    fz_copy_clean(shown, sizeof shown, pasted->broken_line, strlen(pasted->broken_line), 60);
    printf("%s\n\n  %s\n", fz_row_text(FZ_HEAD_LINE)->english, shown);
    return EXPLAINED;
}

/* The signature covers the whole body: with a part of it nothing true can be said. */
static int explain_missing(const struct fz_pasted *pasted)
{
    fprintf(stderr,
            "fenzhang: the body is shorter than Content-Length says: %zu bytes of %zu are missing here, so nothing can be said "
            "of the signature. Append the body, as it was sent, behind the empty line that ends the head; `curl -v' does not "
            "print it.\n",
            pasted->missing, pasted->missing + pasted->body_size);
    return NOT_EXPLAINED;
}

static int explain(struct fz_pasted *pasted, const struct options *with)
{
    struct fz_authorization authorization;
    struct fz_diagnosis diagnosis;
    struct fz_keyring ring = {0};
    if (pasted->broken_line != NULL)
        return explain_broken_line(pasted);
    enum fz_authorization_fault fault = fz_authorization_read(pasted->authorization, &authorization);
    if (fault != FZ_AUTHORIZATION_READ) {
        fz_doctor_header(pasted->authorization, false, false, &diagnosis);
        printf("%s\n", fz_row_text(fz_authorization_row(fault))->english);
        print(&diagnosis);
        return status_of(&diagnosis);
    }
    if (pasted->missing > 0)
        return explain_missing(pasted);
    fz_pasted_take_meta(pasted);
    int status = NOT_EXPLAINED;
    if (collect_keys(with, authorization.mchid, &ring)) {
        examine(pasted, &authorization, &ring, &diagnosis);
        print(&diagnosis);
        status = status_of(&diagnosis);
    }
    fz_keyring_done(&ring);
    return status;
}

static const struct argp argp = {
    options,
    take_option,
    "[FILE]",
    "Says why the signature of a request is wrong. The request, head and body "
    "as they were sent or as `curl -v' prints the head, is read from FILE or the "
    "standard input. curl does not print the body: append it behind the empty line that ends the head.\vExamples:\n"
    "  fenzhang explain --data ./data request.txt\n"
    "  fenzhang explain --key apiclient_cert.pem < request.txt\n"
    "\n"
    "Exit status 0: the signature is good; 1: it is not, and "
    "was explained; 2: it was not explained.",
    NULL,
    NULL,
    NULL};

static int run_explain(int argc, char **argv)
{
    struct options with = {0};
    struct fz_pasted pasted;
    size_t size;
    fz_arguments_parse(&argp, argc, argv, &with);
    char *text = read_paste(with.file, &size);
    int status = NOT_EXPLAINED;
    if (text != NULL && fz_pasted_read(text, size, &pasted) == FZ_OK)
        status = explain(&pasted, &with);
    else if (text != NULL)
        fprintf(stderr,
                "fenzhang: there is no request in %s: no line like `GET /v3/… HTTP/1.1'. Paste head and body as they were "
                "sent, or the head as curl -v shows it and the body behind its empty line.\n",
                with.file == NULL ? "the standard input" : with.file);
    free(text);
    return status;
}

const struct fz_command fz_explain_command = {
    .name = "explain",
    .summary = "says why the signature of a request from a log is wrong",
    .argp = &argp,
    .run = run_explain,
};
