/* The certificates that a pasted request is tried with. */
#include <glob.h>
#include <stdio.h>
#include <string.h>

#include "cli/explain/explain.h"
#include "server/data/data_directory.h"

#define PEM_MAX 65536

enum fz_result fz_keyring_add(struct fz_keyring *ring, const char *path, bool is_platform)
{
    static char pem[PEM_MAX];
    struct fz_certificate certificate;
    EVP_PKEY *key = NULL;
    FILE *file = fopen(path, "r");
    size_t size = file == NULL ? 0 : fread(pem, 1, sizeof pem - 1, file);
    if (file != NULL)
        fclose(file);
    pem[size] = '\0';
    if (ring->count == FZ_CANDIDATES_MAX)
        return FZ_FULL;
    enum fz_result result = fz_certificate_read(pem, &certificate, &key);
    if (result != FZ_OK)
        return result;
    memcpy(ring->list[ring->count].serial_no, certificate.serial, FZ_SERIAL_SIZE);
    ring->list[ring->count].key = key;
    ring->list[ring->count++].is_platform = is_platform;
    return FZ_OK;
}

/* Files that are none of a certificate are passed over. */
static void add_matching(struct fz_keyring *ring, const char *pattern, bool is_platform)
{
    glob_t found;
    if (glob(pattern, 0, NULL, &found) == 0)
        for (size_t i = 0; i < found.gl_pathc; i++)
            if (fz_keyring_add(ring, found.gl_pathv[i], is_platform) == FZ_FULL)
                break;
    globfree(&found);
}

void fz_keyring_add_data(struct fz_keyring *ring, const char *directory, const char *mchid)
{
    char path[FZ_PATH_SIZE], own[80];
    bool is_number = mchid[0] != '\0' && strspn(mchid, "0123456789") == strlen(mchid) && strlen(mchid) <= 32;
    snprintf(own, sizeof own, "merchants/%.32s/apiclient_cert.pem", mchid);
    if (is_number && fz_path_join(path, directory, own) == FZ_OK)
        (void)!fz_keyring_add(ring, path, false);
    if (fz_path_join(path, directory, "platform/*.pem") == FZ_OK)
        add_matching(ring, path, true);
}

void fz_keyring_done(struct fz_keyring *ring)
{
    for (size_t i = 0; i < ring->count; i++)
        EVP_PKEY_free(ring->list[i].key);
    ring->count = 0;
}
