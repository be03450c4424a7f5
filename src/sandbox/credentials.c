/* What a merchant signs with, as the server has left it in the data directory; and a client's options made of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/shell_word.h"
#include "sandbox/sandbox.h"

/* ---- a merchant's files ---- */

/* Where the merchant's file lies; "" if there is none. */
static void find(const fz_sandbox *sandbox, const char *mchid, const char *name, char out[FZ_SANDBOX_PATH_SIZE])
{
    int size = snprintf(out, FZ_SANDBOX_PATH_SIZE, "%s/merchants/%s/%s", sandbox->data, mchid, name);
    if (size < 0 || size >= FZ_SANDBOX_PATH_SIZE || access(out, R_OK) != 0)
        out[0] = '\0';
}

static bool read_file(const fz_sandbox *sandbox, const char *mchid, const char *name, char *out, size_t size)
{
    char path[FZ_SANDBOX_PATH_SIZE];
    find(sandbox, mchid, name, path);
    out[0] = '\0';
    return path[0] == '\0' || fz_sandbox_place_read(path, out, size);
}

/* A merchant's number is a part of a path here. */
static bool is_number(const char *mchid)
{
    size_t size = mchid == NULL ? 0 : strlen(mchid);
    return size > 0 && size < sizeof((struct fz_sandbox_credentials *)0)->mchid && strspn(mchid, "0123456789") == size;
}

static bool fill(const fz_sandbox *sandbox, const char *mchid, struct fz_sandbox_credentials *out)
{
    *out = (struct fz_sandbox_credentials){0};
    strcpy(out->mchid, mchid);
    find(sandbox, mchid, "apiclient_key.pem", out->private_key_file);
    find(sandbox, mchid, "apiclient_cert.pem", out->certificate_file);
    find(sandbox, mchid, "pub_key.pem", out->public_key_file);
    return read_file(sandbox, mchid, "serial_no", out->serial_no, sizeof out->serial_no) &&
           read_file(sandbox, mchid, "apiv3_key", out->apiv3_key, sizeof out->apiv3_key) &&
           read_file(sandbox, mchid, "pub_key_id", out->public_key_id, sizeof out->public_key_id) &&
           (out->private_key_file[0] != '\0' || out->apiv3_key[0] != '\0');
}

int fz_sandbox_get_credentials(fz_sandbox *sandbox, const char *mchid, struct fz_sandbox_credentials *out)
{
    struct fz_sandbox_credentials own;
    if (!is_number(mchid) || !fill(sandbox, mchid, &own))
        return fz_sandbox_trouble("There are no credentials: merchant %s has no keys in %s/merchants. It is a sub-merchant "
                                  "(its institution calls for it), or the book does not know it.",
                                  mchid == NULL ? "NULL" : mchid, sandbox->data);
    return fz_sandbox_give(out, &own, sizeof own);
}

/* ---- a client's options ---- */

static const char *unless_empty(const char *text)
{
    return text[0] == '\0' ? NULL : text;
}

int fz_sandbox_client_options(const fz_sandbox *sandbox, const struct fz_sandbox_credentials *credentials,
                              struct fz_client_options *out)
{
    if (credentials->size < sizeof *credentials || out->size < offsetof(struct fz_client_options, proxy) + sizeof out->proxy)
        return fz_sandbox_trouble("Nothing was set: a struct does not say its size. Begin it with FZ_INIT.");
    out->mchid = credentials->mchid;
    out->serial_no = unless_empty(credentials->serial_no);
    out->private_key_file = unless_empty(credentials->private_key_file);
    out->apiv3_key = unless_empty(credentials->apiv3_key);
    out->public_key_id = unless_empty(credentials->public_key_id);
    out->public_key_file = unless_empty(credentials->public_key_file);
    out->hosts = sandbox->hosts;
    out->ca_file = fz_sandbox_ca_file(sandbox);
    out->proxy = "";
    return fz_sandbox_well();
}

/* ---- the demo book ---- */

/* The word behind "NAME=" at the beginning of a line; NULL: there is none. New. */
static char *value_of(const char *text, const char *name)
{
    struct fz_text word = {.max = FZ_SANDBOX_PATH_SIZE};
    size_t size = strlen(name);
    for (const char *line = text; line != NULL && *line != '\0'; line = strchr(line, '\n')) {
        line += *line == '\n';
        const char *at = line + size + 1;
        if (strncmp(line, name, size) != 0 || line[size] != '=')
            continue;
        if (fz_shell_word_read(&at, &word) == FZ_OK)
            return word.data == NULL ? strdup("") : word.data;
        break;
    }
    fz_text_done(&word);
    return NULL;
}

int fz_sandbox_demo_value(fz_sandbox *sandbox, const char *name, char **value)
{
    char path[FZ_SANDBOX_PATH_SIZE], text[64 * 1024];
    int size = snprintf(path, sizeof path, "%s/demo.env", sandbox->data);
    bool there = size > 0 && (size_t)size < sizeof path && fz_sandbox_place_read(path, text, sizeof text);
    char *found = there ? value_of(text, name) : NULL;
    int result = found != NULL ? fz_sandbox_well()
                               : fz_sandbox_trouble("There is no such value: %s names no variable of %s.", name, path);
    if (value != NULL)
        *value = found;
    else
        free(found);
    return result;
}
