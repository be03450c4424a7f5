/* Copies of keys and certificates in the data directory, for those who use the sandbox. */
#include <dirent.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/private_file.h"
#include "book/merchant/merchant.h"
#include "server/data/data_directory.h"
#include "server/keys/identity.h"

FZ_STATEMENT(
    export_key,
    "SELECT serial_no, certificate, private_key FROM merchant_key WHERE mchid = $1 ORDER BY id DESC LIMIT 1",
    "t", "ttb");
FZ_STATEMENT(export_apiv3, "SELECT apiv3_key FROM merchant WHERE mchid = $1 AND apiv3_key IS NOT NULL", "t",
             "b");
FZ_STATEMENT(export_public_key_of,
             "SELECT k.serial_no, k.certificate FROM platform_key k, merchant m"
             " WHERE k.kind = 2 AND m.mchid = $1 AND (m.public_key > 0 OR m.callback_key_share > 0)",
             "t", "tt");
FZ_STATEMENT(export_platform, "SELECT serial_no, certificate FROM platform_key ORDER BY id", "", "tt");

FZ_LARGE_STATEMENT(export_holders, "SELECT mchid FROM merchant WHERE kind <> $1 ORDER BY mchid", "i", "t");

/* A directory that copies are written to. */
struct target {
    char path[FZ_PATH_SIZE];
    bool synced;  /* what is written is on the disk when it is finished */
    bool changed; /* at least one copy is new */
};

static enum fz_result write_in(struct target *target, const char *name, const void *data, size_t size)
{
    char path[FZ_PATH_SIZE];
    enum fz_result result = fz_path_join(path, target->path, name);
    if (result != FZ_OK)
        return result;
    return target->synced ? fz_private_file_write(path, data, size, &target->changed)
                          : fz_private_file_put(path, data, size, &target->changed);
}

static void remove_in(struct target *target, const char *name)
{
    char path[FZ_PATH_SIZE];
    if (fz_path_join(path, target->path, name) == FZ_OK && unlink(path) == 0)
        target->changed = true;
}

/* Once for all copies in it. */
static enum fz_result finish(const struct target *target, enum fz_result result)
{
    return result == FZ_OK && target->changed && target->synced ? fz_private_directory_sync(target->path) : result;
}

/* Opens a sealed column and writes it. */
static enum fz_result write_opened(const struct fz_secrets *secrets, const char *kind, const char *row,
                                   const struct fz_cursor *cursor, int column, struct target *target,
                                   const char *name)
{
    size_t size;
    const void *sealed = fz_bytes(cursor, column, &size);
    struct fz_text opened = {.max = FZ_PEM_MAX};
    enum fz_result result = fz_secret_open(secrets, kind, row, sealed, size, &opened);
    if (result == FZ_OK)
        result = write_in(target, name, opened.data, opened.size);
    if (opened.data != NULL)
        OPENSSL_cleanse(opened.data, opened.size);
    fz_text_done(&opened);
    return result;
}

static enum fz_result export_certificate(struct fz_tx *tx, const struct fz_secrets *secrets,
                                         const char *mchid, struct target *target)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(tx, &export_key, FZ_VALUES(FZ_T(mchid)), &row);
    if (result != FZ_OK)
        return result == FZ_ABSENT ? FZ_OK : result;
    const char *serial_no = fz_string(&row, 0), *certificate = fz_string(&row, 1);
    /* A merchant that brought its certificate alone keeps its key for itself. */
    if (fz_is_null(&row, 2))
        remove_in(target, "apiclient_key.pem");
    else
        result = write_opened(secrets, "merchant_key", serial_no, &row, 2, target, "apiclient_key.pem");
    if (result == FZ_OK)
        result = write_in(target, "apiclient_cert.pem", certificate, strlen(certificate));
    if (result == FZ_OK)
        result = write_in(target, "serial_no", serial_no, strlen(serial_no));
    return result;
}

/* Names as in the vendor's own download. */
static enum fz_result export_public_key(struct fz_tx *tx, const char *mchid, struct target *target)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(tx, &export_public_key_of, FZ_VALUES(FZ_T(mchid)), &row);
    if (result != FZ_OK)
        return result == FZ_ABSENT ? FZ_OK : result;
    result = write_in(target, "pub_key.pem", fz_string(&row, 1), strlen(fz_string(&row, 1)));
    return result == FZ_OK ? write_in(target, "pub_key_id", fz_string(&row, 0), strlen(fz_string(&row, 0)))
                           : result;
}

static enum fz_result export_apiv3_key(struct fz_tx *tx, const struct fz_secrets *secrets, const char *mchid,
                                       struct target *target)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(tx, &export_apiv3, FZ_VALUES(FZ_T(mchid)), &row);
    if (result != FZ_OK)
        return result == FZ_ABSENT ? FZ_OK : result;
    return write_opened(secrets, "apiv3_key", mchid, &row, 0, target, "apiv3_key");
}

static enum fz_result export_identity(struct fz_tx *tx, const struct fz_secrets *secrets, const char *data,
                                      const char *mchid, bool synced)
{
    char merchants[FZ_PATH_SIZE];
    struct target target = {.synced = synced};
    enum fz_result result = fz_path_join(merchants, data, "merchants");
    if (result == FZ_OK)
        result = fz_path_join(target.path, merchants, mchid);
    if (result == FZ_OK)
        result = fz_private_directory_make(target.path);
    if (result == FZ_OK)
        result = export_certificate(tx, secrets, mchid, &target);
    if (result == FZ_OK)
        result = export_public_key(tx, mchid, &target);
    if (result == FZ_OK)
        result = export_apiv3_key(tx, secrets, mchid, &target);
    return finish(&target, result);
}

enum fz_result fz_identity_export(struct fz_tx *tx, const struct fz_secrets *secrets, const char *data,
                                  const char *mchid)
{
    return export_identity(tx, secrets, data, mchid, true);
}

static enum fz_result export_all_of_platform(struct fz_tx *tx, const char *data, bool synced)
{
    struct target target = {.synced = synced};
    enum fz_result result = fz_path_join(target.path, data, "platform");
    if (result == FZ_OK)
        result = fz_private_directory_make(target.path);
    if (result != FZ_OK)
        return result;
    FZ_CURSOR row = {0};
    result = fz_query(tx, &export_platform, NULL, 0, &row);
    while (result == FZ_OK && (result = fz_next(&row)) == FZ_OK) {
        char name[FZ_SERIAL_SIZE + 4];
        snprintf(name, sizeof name, "%s.pem", fz_string(&row, 0));
        result = write_in(&target, name, fz_string(&row, 1), strlen(fz_string(&row, 1)));
    }
    return finish(&target, result == FZ_ABSENT ? FZ_OK : result);
}

enum fz_result fz_platform_export(struct fz_tx *tx, const char *data)
{
    return export_all_of_platform(tx, data, true);
}

enum fz_result fz_all_export(struct fz_tx *tx, const struct fz_secrets *secrets, const char *data, bool synced)
{
    enum fz_result result = export_all_of_platform(tx, data, synced);
    if (result != FZ_OK)
        return result;
    FZ_CURSOR holder = {0};
    result = fz_query(tx, &export_holders, FZ_VALUES(FZ_I(FZ_MERCHANT_SUB)), &holder);
    while (result == FZ_OK && (result = fz_next(&holder)) == FZ_OK)
        result = export_identity(tx, secrets, data, fz_string(&holder, 0), synced);
    return result == FZ_ABSENT ? FZ_OK : result;
}

/* ---- of another book than before ---- */

static void remove_names(const char *directory, const char *const names[])
{
    char path[FZ_PATH_SIZE];
    for (size_t i = 0; names[i] != NULL; i++)
        if (fz_path_join(path, directory, names[i]) == FZ_OK)
            (void)unlink(path);
}

/* What the book does not have of it goes. */
static void trim_merchant(struct fz_tx *tx, const char *mchid, const char *directory)
{
    static const struct {
        const struct fz_statement *of;
        const char *names[4];
    } files[] = {{&export_key, {"apiclient_key.pem", "apiclient_cert.pem", "serial_no"}},
                 {&export_apiv3, {"apiv3_key"}},
                 {&export_public_key_of, {"pub_key.pem", "pub_key_id"}}};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        FZ_CURSOR row = {0};
        if (fz_query_one(tx, files[i].of, FZ_VALUES(FZ_T(mchid)), &row) == FZ_ABSENT)
            remove_names(directory, files[i].names);
    }
    (void)rmdir(directory); /* stays if there is anything in it, perhaps of somebody else */
}

static void trim(struct fz_tx *tx, const char *data)
{
    char merchants[FZ_PATH_SIZE], directory[FZ_PATH_SIZE];
    DIR *listing = fz_path_join(merchants, data, "merchants") == FZ_OK ? opendir(merchants) : NULL;
    if (listing == NULL)
        return;
    for (struct dirent *entry; (entry = readdir(listing)) != NULL;)
        if (entry->d_name[0] != '.' && fz_path_join(directory, merchants, entry->d_name) == FZ_OK)
            trim_merchant(tx, entry->d_name, directory);
    closedir(listing);
}

struct following {
    const struct fz_secrets *secrets;
    const char *data;
};

static enum fz_result follow(struct fz_tx *tx, void *argument)
{
    const struct following *following = argument;
    trim(tx, following->data);
    return fz_all_export(tx, following->secrets, following->data, true);
}

enum fz_result fz_exports_follow(struct fz_reader *reader, const struct fz_secrets *secrets, const char *data)
{
    struct following following = {.secrets = secrets, .data = data};
    return fz_store_read(reader, follow, &following, NULL);
}
