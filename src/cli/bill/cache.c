/* Verified files, kept: a bill never changes once it is out. Beside each lies its SHA-256, as sha256sum writes it. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "cli/bill/job.h"

#define HASH_SUFFIX ".sha256"
#define HASH_SIZE   64

/* ---- its directory ---- */

/* A home directory that is not there is not made. */
static bool write_root(char out[FZ_BILL_PATH_SIZE])
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    int size = -1;
    errno = ENOENT;
    if (cache != NULL && cache[0] == '/')
        size = snprintf(out, FZ_BILL_PATH_SIZE, "%s/fenzhang/bills", cache);
    else if (home != NULL && home[0] == '/' && access(home, F_OK) == 0)
        size = snprintf(out, FZ_BILL_PATH_SIZE, "%s/.cache/fenzhang/bills", home);
    return size > 0 && size < FZ_BILL_PATH_SIZE;
}

/* Adds "/NAME" without what a name of a directory cannot have. */
static void add_directory(struct fz_text *path, const char *name)
{
    fz_text_string(path, name[0] == '.' ? "/_" : "/");
    for (; *name != '\0'; name++)
        fz_text_add(path, *name == '/' ? "_" : name, 1);
}

/* "127.0.0.1:8080": the first host that is asked. */
static const char *host_of(const struct fz_profile *profile)
{
    const char *host = profile->options.hosts == NULL ? "https://apihk.mch.weixin.qq.com" : profile->options.hosts[0];
    return strstr(host, "://") == NULL ? host : strstr(host, "://") + 3;
}

static bool find_directory(struct fz_bill_job *job)
{
    char root[FZ_BILL_PATH_SIZE];
    struct fz_text path = {.max = sizeof job->cache - 1};
    if (!write_root(root))
        return false;
    fz_text_string(&path, root);
    add_directory(&path, host_of(&job->session->profile));
    add_directory(&path, job->session->profile.values[FZ_SETTING_MCHID]);
    if (job->sub_mchid != NULL)
        add_directory(&path, job->sub_mchid);
    bool fits = !path.failed && fz_copy(job->cache, sizeof job->cache, path.data);
    fz_text_done(&path);
    return fits && fz_bill_make_directories(job->cache, 0700);
}

/* ---- what was left in it by one that was killed ---- */

/* "refunds-2026-11-27.csv.aB3xYz" of more than a day ago. */
static bool is_left(int directory, const char *name)
{
    const char *end = strstr(name, ".csv.");
    struct stat about;
    return end != NULL && strlen(end) == strlen(".csv.XXXXXX") && fstatat(directory, name, &about, 0) == 0 &&
           about.st_mtim.tv_sec < fz_wire_now_ms() / 1000 - FZ_DAY_MS / 1000;
}

static void sweep(const char *path)
{
    DIR *directory = opendir(path);
    if (directory == NULL)
        return;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
        if (is_left(dirfd(directory), entry->d_name))
            (void)unlinkat(dirfd(directory), entry->d_name, 0);
    closedir(directory);
}

void fz_bill_cache_open(struct fz_bill_job *job)
{
    if (find_directory(job)) {
        sweep(job->cache);
        return;
    }
    fprintf(stderr, "fenzhang: no copies are kept, as there is no place for them: %s. XDG_CACHE_HOME names one.\n",
            strerrordesc_np(errno));
    job->cache[0] = '\0';
}

/* ---- what is in it ---- */

/* The hash beside a file; false: there is none. */
static bool read_hash(const char *path, char out[HASH_SIZE + 1])
{
    char beside[FZ_BILL_PATH_SIZE + sizeof HASH_SUFFIX];
    snprintf(beside, sizeof beside, "%s" HASH_SUFFIX, path);
    FILE *file = fopen(beside, "re");
    if (file == NULL)
        return false;
    size_t size = fread(out, 1, HASH_SIZE, file);
    fclose(file);
    out[size] = '\0';
    return size == HASH_SIZE;
}

static bool is_younger(const struct stat *bill, const char *path)
{
    struct stat other;
    if (path == NULL || stat(path, &other) != 0)
        return false;
    const struct timespec *was = &bill->st_mtim, *is = &other.st_mtim;
    return is->tv_sec != was->tv_sec ? is->tv_sec > was->tv_sec : is->tv_nsec > was->tv_nsec;
}

/* A server of one's own that was begun anew has other bills: its demo.env, or the merchant's key, is younger than what was
 * fetched before. The real service's bills stay, whatever becomes of a key. */
static bool is_of_another_server(const struct fz_bill_job *job, const char *path)
{
    const struct fz_profile *profile = &job->session->profile;
    const char *env_file = job->session->caller.env_file == NULL ? getenv("FENZHANG_ENV") : job->session->caller.env_file;
    struct stat bill;
    if (stat(path, &bill) != 0 || profile->options.hosts == NULL || strncmp(profile->options.hosts[0], "https:", 6) == 0)
        return false;
    return is_younger(&bill, env_file) || is_younger(&bill, profile->values[FZ_SETTING_PRIVATE_KEY_FILE]);
}

static bool is_intact(const struct fz_bill_job *job, struct fz_bill_had *had, const char *hash)
{
    fz_error *error = NULL;
    int result = fz_bill_check_file(job->kind, had->path, fz_bill_totals_take, &had->totals, &had->facts, &error);
    fz_error_free(error);
    return result == 0 && strcmp(had->facts.sha256, hash) == 0;
}

bool fz_bill_cache_find(const struct fz_bill_job *job, struct fz_bill_had *had)
{
    char hash[HASH_SIZE + 1];
    if (access(had->path, F_OK) != 0 || !read_hash(had->path, hash) || is_of_another_server(job, had->path))
        return false;
    if (is_intact(job, had, hash))
        return true;
    fprintf(stderr, "fenzhang: the file in the cache is not what was verified, so it is fetched anew: %s\n", had->path);
    return false;
}

/* ---- keeping ---- */

static bool write_hash(const char *path, const struct fz_bill_had *had)
{
    FILE *file = fopen(path, "we");
    if (file == NULL)
        return false;
    (void)fchmod(fileno(file), 0600);
    fprintf(file, "%s  %s\n", had->facts.sha256, strrchr(had->path, '/') + 1);
    bool good = !ferror(file);
    return fclose(file) == 0 && good;
}

bool fz_bill_cache_keep(const struct fz_bill_had *had)
{
    char path[FZ_BILL_PATH_SIZE + sizeof HASH_SUFFIX], fresh[sizeof path + 16];
    snprintf(path, sizeof path, "%s" HASH_SUFFIX, had->path);
    snprintf(fresh, sizeof fresh, "%s.%ld", path, (long)getpid());
    if (write_hash(fresh, had) && rename(fresh, path) == 0)
        return true;
    fz_bill_tell_file(path, "written");
    (void)unlink(fresh);
    return false;
}
