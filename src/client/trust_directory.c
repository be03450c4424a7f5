/* Fetched certificates on the disk: SERIAL.pem each, so that a program that starts again need not fetch. */
#include "client/trust_internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

#define ENDING ".pem"

struct kept {
    char name[FZ_SERIAL_SIZE + sizeof ENDING];
    struct fz_certificate certificate;
    int64_t written_ms;
    char pem[FZ_CERTIFICATE_PEM_MAX + 1];
};

static void close_file(const int *file)
{
    if (*file >= 0)
        close(*file);
}

/* Whoever may write a file here says whom the client believes: so it is this user's or root's alone. */
static bool is_own(const struct stat *is)
{
    return S_ISREG(is->st_mode) && (is->st_uid == geteuid() || is->st_uid == 0) &&
           (is->st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/* False too if it does not fit. */
static bool read_whole(int file, char *out, size_t out_size)
{
    size_t size = 0;
    ssize_t got = 1;
    while (got > 0 && size < out_size) {
        got = read(file, out + size, out_size - size);
        if (got < 0 && errno == EINTR)
            got = 1;
        else if (got > 0)
            size += (size_t)got;
    }
    if (got != 0 || memchr(out, '\0', size) != NULL)
        return false;
    out[size] = '\0';
    return true;
}

/* Neither a link nor something that blocks. */
static bool read_kept(int directory, const char *name, struct kept *out)
{
    struct stat is;
    FZ_CLEANUP(close_file)
    int file = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (file < 0 || fstat(file, &is) != 0 || !is_own(&is))
        return false;
    out->written_ms = (int64_t)is.st_mtim.tv_sec * 1000;
    char expected[sizeof out->name];
    if (!read_whole(file, out->pem, sizeof out->pem) ||
        fz_certificate_read(out->pem, &out->certificate, NULL) != FZ_OK)
        return false;
    snprintf(expected, sizeof expected, "%s" ENDING, out->certificate.serial);
    return fz_copy(out->name, sizeof out->name, name) && strcmp(name, expected) == 0;
}

/* The next file that is named for the certificate in it; others are passed over. */
static bool next_kept(DIR *listing, struct kept *out)
{
    const struct dirent *entry;
    while ((entry = readdir(listing)) != NULL)
        if (entry->d_name[0] != '.' && read_kept(dirfd(listing), entry->d_name, out))
            return true;
    return false;
}

int64_t fz_trust_directory_read(const char *directory, int64_t now_ms, struct fz_trusted_keys *keys)
{
    struct kept kept;
    int64_t written_ms = FZ_NEVER_FETCHED;
    DIR *listing = opendir(directory);
    while (listing != NULL && next_kept(listing, &kept))
        if (fz_is_in_force(&kept.certificate.validity, now_ms) &&
            fz_trusted_keys_add_certificate(keys, kept.pem) == FZ_OK && kept.written_ms > written_ms)
            written_ms = kept.written_ms;
    if (listing != NULL)
        closedir(listing);
    return written_ms;
}

static void remove_ended(const char *directory, int64_t now_ms)
{
    struct kept kept;
    DIR *listing = opendir(directory);
    while (listing != NULL && next_kept(listing, &kept))
        if (kept.certificate.validity.not_after_ms < now_ms)
            (void)unlinkat(dirfd(listing), kept.name, 0);
    if (listing != NULL)
        closedir(listing);
}

static bool write_all(int file, const char *text)
{
    size_t left = strlen(text);
    while (left > 0) {
        ssize_t wrote = write(file, text, left);
        if (wrote < 0 && errno != EINTR)
            return false;
        text += wrote > 0 ? wrote : 0;
        left -= wrote > 0 ? (size_t)wrote : 0;
    }
    return true;
}

static bool join(char out[PATH_MAX], const char *directory, const char *before, const char *name,
                 const char *after)
{
    int size = snprintf(out, PATH_MAX, "%s/%s%s%s", directory, before, name, after);
    errno = ENAMETOOLONG;
    return size > 0 && size < PATH_MAX;
}

/* Aside under a name that no other process has (mode 0600), synced, then renamed: under its own name it is
 * whole, also after a power loss. Written anew even if it is there: its time tells a later start when the
 * last fetch was. */
static bool write_one(const char *directory, const char *serial, const char *pem)
{
    char path[PATH_MAX], aside[PATH_MAX];
    if (!join(path, directory, "", serial, ENDING) || !join(aside, directory, ".", serial, ".XXXXXX"))
        return false;
    FZ_CLEANUP(close_file) int file = mkostemp(aside, O_CLOEXEC);
    if (file < 0)
        return false;
    if (write_all(file, pem) && fsync(file) == 0 && rename(aside, path) == 0)
        return true;
    int problem = errno;
    (void)unlink(aside);
    errno = problem;
    return false;
}

bool fz_trust_directory_write(const char *directory, const struct fz_listed *listed, int64_t now_ms)
{
    if (mkdir(directory, 0700) != 0 && errno != EEXIST)
        return false;
    remove_ended(directory, now_ms);
    for (size_t i = 0; i < listed->count; i++)
        if (!write_one(directory, fz_trusted_keys_name(listed->keys, i), listed->pems[i]))
            return false;
    return true;
}
