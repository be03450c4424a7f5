/* Through $PAGER, or not. */
#include "cli/output/page.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/output/screen.h"

extern char **environ;

static const char *pager(void)
{
    const char *named = getenv("PAGER");
    if (named == NULL)
        return "command -v less >/dev/null || exec cat; exec less -FRX";
    return named[0] == '\0' || strcmp(named, "cat") == 0 ? NULL : named;
}

static bool is_long(const char *text, size_t size)
{
    int lines = fz_screen_lines(stdout), count = 0;
    for (size_t i = 0; i < size; i++)
        count += text[i] == '\n';
    return lines > 0 && count >= lines;
}

/* The pager with its standard input at `input`; 0: it cannot be started. It has the signals that a shell would give it. */
static pid_t start(const char *command, int input, int other_end)
{
    char shell[] = "/bin/sh", option[] = "-c", *line = strdup(command);
    char *arguments[] = {shell, option, line, NULL};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t with;
    sigset_t usual;
    pid_t child = 0;
    sigemptyset(&usual);
    sigaddset(&usual, SIGPIPE);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
    posix_spawn_file_actions_addclose(&files, other_end);
    posix_spawnattr_init(&with);
    posix_spawnattr_setsigdefault(&with, &usual);
    posix_spawnattr_setflags(&with, POSIX_SPAWN_SETSIGDEF);
    if (line == NULL || posix_spawn(&child, shell, &files, &with, arguments, environ) != 0)
        child = 0;
    posix_spawnattr_destroy(&with);
    posix_spawn_file_actions_destroy(&files);
    free(line);
    return child;
}

/* Until all is written or the pager was left. */
static void feed(int output, const char *text, size_t size)
{
    void (*before)(int) = signal(SIGPIPE, SIG_IGN);
    while (size > 0) {
        ssize_t wrote = write(output, text, size);
        if (wrote <= 0)
            break;
        text += wrote;
        size -= (size_t)wrote;
    }
    close(output);
    signal(SIGPIPE, before);
}

/* False: nothing was written. Ctrl-C is the pager's while it runs. */
static bool page(const char *command, const char *text, size_t size)
{
    int ends[2], status;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    fflush(stdout);
    pid_t child = start(command, ends[0], ends[1]);
    close(ends[0]);
    if (child == 0) {
        close(ends[1]);
        return false;
    }
    void (*before)(int) = signal(SIGINT, SIG_IGN);
    feed(ends[1], text, size);
    (void)waitpid(child, &status, 0);
    signal(SIGINT, before);
    return !(WIFEXITED(status) && WEXITSTATUS(status) == 127); /* the shell did not find it */
}

void fz_page(const char *text, size_t size, bool may_page)
{
    const char *command = may_page && is_long(text, size) ? pager() : NULL;
    if (size > 0 && (command == NULL || !page(command, text, size)))
        fwrite(text, 1, size, stdout);
}
