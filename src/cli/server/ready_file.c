/* The file of --ready-file: the ready line for programs, whatever is in a path. */
#include "cli/server/ready_file.h"

#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/private_file.h"
#include "base/server/log.h"
#include "server/net/tls.h"
#include "server/others.h"

/* The process that wrote the file; 0: nobody can tell. */
static pid_t writer(const char *path)
{
    json_t *found = json_load_file(path, 0, NULL);
    json_int_t pid = json_integer_value(json_object_get(found, "pid"));
    json_decref(found);
    return pid > 0 && pid <= INT32_MAX ? (pid_t)pid : 0;
}

/* A pipe or a device is no file that can be renamed over; an empty file is what mktemp makes. */
enum fz_result fz_ready_file_prepare(const char *path, char *why, size_t why_size)
{
    struct stat found;
    if (lstat(path, &found) != 0 || (S_ISREG(found.st_mode) && found.st_size == 0))
        return FZ_OK;
    pid_t pid = S_ISREG(found.st_mode) ? writer(path) : 0;
    if (pid == 0) {
        snprintf(why, why_size,
                 "What lies at %s was not written by --ready-file, and would be replaced. Name a file that is not there, or remove "
                 "this one.",
                 path);
        return FZ_FAILED;
    }
    if (pid == getpid() || (kill(pid, 0) != 0 && errno == ESRCH))
        (void)unlink(path);
    return FZ_OK;
}

void fz_ready_file_remove(const char *path)
{
    if (writer(path) == getpid())
        (void)unlink(path);
}

/* Where to find what there is of further stores, by their names. New; NULL: there are none. */
static json_t *make_stores(const struct fz_server *server)
{
    json_t *stores = server->others == NULL ? NULL : json_object();
    for (size_t i = 0; stores != NULL && i < server->options.stores->count; i++) {
        const struct fz_server *other = server->others->servers[i];
        (void)json_object_set_new(stores, server->options.stores->list[i].name,
                                  json_pack("{s:s, s:s}", "control", other->control_url, "data", other->options.data));
    }
    return stores;
}

/* New; NULL: memory is short, or the data directory's name is not UTF-8. */
static json_t *make_ready(const struct fz_server *server)
{
    const char *proxy = server->proxy_url[0] == '\0' ? NULL : server->proxy_url;
    return json_pack("{s:s, s:s, s:s?, s:s, s:I, s:o*}", "api", server->api_url, "control", server->control_url, "proxy", proxy,
                     "data", server->options.data, "pid", (json_int_t)getpid(), "stores", make_stores(server));
}

static enum fz_result write_json(const char *path, const json_t *ready)
{
    bool changed = false;
    char *text = json_dumps(ready, JSON_INDENT(2));
    enum fz_result result = text == NULL ? FZ_FAILED : fz_private_file_write(path, text, strlen(text), &changed);
    free(text);
    return result;
}

enum fz_result fz_ready_file_write(const char *path, const struct fz_server *server, char *why, size_t why_size)
{
    json_t *ready = make_ready(server);
    if (ready == NULL) {
        snprintf(why, why_size,
                 "--ready-file cannot tell the data directory %s, because JSON has no way to write a name that is not UTF-8. "
                 "Name another directory with --data.",
                 server->options.data);
        return FZ_FAILED;
    }
    enum fz_result result = write_json(path, ready);
    if (result != FZ_OK)
        snprintf(why, why_size, "The file %s of --ready-file cannot be written (%s). Name a file that this user can write.",
                 path, strerrordesc_np(errno));
    json_decref(ready);
    return result;
}

/* ---- DIR/ready.json ---- */

#define OWN_NAME "ready.json"

/* Paths as they are written here are looked at from other directories, too. New, or NULL. */
static json_t *absolute(const char *path)
{
    char *whole = path == NULL ? NULL : realpath(path, NULL);
    json_t *text = whole == NULL ? json_null() : json_string(whole);
    free(whole);
    return text;
}

void fz_ready_file_write_own(const struct fz_server *server)
{
    char path[FZ_PATH_SIZE];
    json_t *ready = make_ready(server);
    errno = ready == NULL ? EILSEQ : ENAMETOOLONG;
    bool good = ready != NULL &&
                json_object_set_new(ready, "ca", absolute(server->tls == NULL ? NULL : fz_tls_authority_path(server->tls))) == 0 &&
                json_object_set_new(ready, "control_token_file", absolute(server->options.control_token_file)) == 0 &&
                fz_path_join(path, server->options.data, OWN_NAME) == FZ_OK && write_json(path, ready) == FZ_OK;
    if (!good)
        fz_log_warning("%s/" OWN_NAME " could not be written (%s): commands with --data do not find this server; they need "
                       "--control %s",
                       server->options.data, strerrordesc_np(errno), server->control_url);
    json_decref(ready);
}

void fz_ready_file_remove_own(const char *data)
{
    char path[FZ_PATH_SIZE];
    if (fz_path_join(path, data, OWN_NAME) == FZ_OK)
        fz_ready_file_remove(path);
}
