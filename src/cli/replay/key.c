/* Whose key signs a request that is sent again. */
#include <libgen.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/private_file.h"
#include "cli/replay/replay.h"
#include "server/data/data_directory.h"
#include "wire/key.h"

#define FILE_MAX (64 << 10)

void fz_replay_identity_done(struct fz_replay_identity *identity)
{
    free(identity->serial_no);
    EVP_PKEY_free(identity->key);
    *identity = (struct fz_replay_identity){0};
}

/* A file of `directory`, its first line. New; NULL: it cannot be read. */
static char *read_line(const char *directory, const char *name, bool whole)
{
    char path[FZ_PATH_SIZE], reason[200], *text = malloc(FILE_MAX);
    if (text == NULL || fz_path_join(path, directory, name) != FZ_OK ||
        fz_private_file_read(path, text, FILE_MAX, reason, sizeof reason) != FZ_OK) {
        free(text);
        return NULL;
    }
    if (!whole)
        text[strcspn(text, "\r\n")] = '\0';
    return text;
}

static EVP_PKEY *take_key(char *pem)
{
    EVP_PKEY *key = pem == NULL ? NULL : fz_key_read(pem);
    if (pem != NULL)
        OPENSSL_cleanse(pem, strlen(pem));
    free(pem);
    return key;
}

/* DIR/merchants/MCHID beside DIR/demo.env. */
static bool find_beside(const char *demo_env, const char *mchid, struct fz_replay_identity *out)
{
    char *copy = strdup(demo_env), *directory = NULL;
    if (copy == NULL || asprintf(&directory, "%s/merchants/%s", dirname(copy), mchid) < 0)
        directory = NULL;
    if (directory != NULL) {
        out->serial_no = read_line(directory, "serial_no", false);
        out->key = take_key(read_line(directory, "apiclient_key.pem", true));
    }
    free(directory);
    free(copy);
    return out->serial_no != NULL && out->key != NULL;
}

static bool find_in_profile(const struct fz_profile *profile, const char *mchid, struct fz_replay_identity *out)
{
    const char *own = profile->values[FZ_SETTING_MCHID], *serial_no = profile->values[FZ_SETTING_SERIAL_NO];
    const char *path = profile->values[FZ_SETTING_PRIVATE_KEY_FILE];
    char reason[200], *text = malloc(FILE_MAX);
    if (text == NULL || own == NULL || strcmp(own, mchid) != 0 || serial_no == NULL || path == NULL ||
        fz_public_file_read(path, text, FILE_MAX, reason, sizeof reason) != FZ_OK) {
        free(text);
        return false;
    }
    out->serial_no = strdup(serial_no);
    out->key = take_key(text);
    return out->serial_no != NULL && out->key != NULL;
}

bool fz_replay_identity_find(const struct fz_profile *profile, const char *demo_env, const char *mchid,
                             struct fz_replay_identity *out)
{
    *out = (struct fz_replay_identity){0};
    if (mchid != NULL && mchid[strspn(mchid, "0123456789")] == '\0') {
        if (demo_env != NULL && find_beside(demo_env, mchid, out))
            return true;
        fz_replay_identity_done(out);
        if (find_in_profile(profile, mchid, out))
            return true;
    }
    fprintf(stderr,
            "fenzhang: it was sent by %s%s, whose key is not known here. Name the server's demo.env (--env FILE), beside "
            "which the keys of its merchants lie, or a profile of that merchant.\n",
            mchid == NULL ? "nobody" : "merchant ", mchid == NULL ? "" : mchid);
    return false;
}
