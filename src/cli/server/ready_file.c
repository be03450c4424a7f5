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

enum fz_result fz_ready_file_write(const char *path, const struct fz_server *server, char *why, size_t why_size)
{
    const char *proxy = server->proxy_url[0] == '\0' ? NULL : server->proxy_url;
    json_t *ready = json_pack("{s:s, s:s, s:s?, s:s, s:I}", "api", server->api_url, "control", server->control_url, "proxy",
                              proxy, "data", server->options.data, "pid", (json_int_t)getpid());
    if (ready == NULL) {
        snprintf(why, why_size,
                 "--ready-file cannot tell the data directory %s, because JSON has no way to write a name that is not UTF-8. "
                 "Name another directory with --data.",
                 server->options.data);
        return FZ_FAILED;
    }
    bool changed = false;
    char *text = json_dumps(ready, JSON_INDENT(2));
    enum fz_result result = text == NULL ? FZ_FAILED : fz_private_file_write(path, text, strlen(text), &changed);
    if (result != FZ_OK)
        snprintf(why, why_size, "The file %s of --ready-file cannot be written (%s). Name a file that this user can write.",
                 path, strerrordesc_np(text == NULL ? ENOMEM : errno));
    free(text);
    json_decref(ready);
    return result;
}
