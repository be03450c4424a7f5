/* Programs that run for a while. */
#include "cli/local/children.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/local/worlds.h"

#define BLOCKS_LEFT         16  /* that a pipe holds when its writer has ended, and more */
#define STATUS_NOT_FOUND    127 /* as shells have them */
#define STATUS_NO_PROGRAM   126
#define STATUS_OF_SIGNAL(n) (128 + (n))

/* What this process is told, and its children are told in its place. */
static const int passed_on[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2};

static void fill(sigset_t *out)
{
    sigemptyset(out);
    for (size_t i = 0; i < sizeof passed_on / sizeof passed_on[0]; i++)
        sigaddset(out, passed_on[i]);
    sigaddset(out, SIGCHLD);
}

static int compare(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

/* Handles that somebody gave this process are for its children, too. */
static void note_handles(struct fz_child_habits *habits)
{
    DIR *open_ones = opendir("/proc/self/fd");
    habits->handle_count = 0;
    for (const struct dirent *entry; open_ones != NULL && (entry = readdir(open_ones)) != NULL;) {
        int64_t handle;
        if (fz_parse_int(entry->d_name, &handle) == FZ_OK && handle > STDERR_FILENO && handle != dirfd(open_ones) &&
            habits->handle_count < FZ_HANDLES_MAX)
            habits->handles[habits->handle_count++] = (int)handle;
    }
    if (open_ones != NULL)
        closedir(open_ones);
    qsort(habits->handles, habits->handle_count, sizeof habits->handles[0], compare);
}

bool fz_children_prepare(struct fz_child_habits *habits)
{
    sigset_t held;
    fill(&held);
    note_handles(habits);
    signal(SIGCHLD, SIG_DFL); /* ignored, as it may be, nobody could be waited for */
    sigaction(SIGPIPE, NULL, &habits->pipe);
    getrlimit(RLIMIT_NOFILE, &habits->descriptors);
    pthread_sigmask(SIG_BLOCK, &held, &habits->mask);
    habits->told = signalfd(-1, &held, SFD_CLOEXEC | SFD_NONBLOCK);
    if (habits->told < 0)
        fprintf(stderr, "fenzhang: signals cannot be waited for: %s. Raise the limit of descriptors.\n",
                strerrordesc_np(errno));
    return habits->told >= 0;
}

int fz_children_stopped(const struct fz_child_habits *habits)
{
    struct signalfd_siginfo told;
    while (read(habits->told, &told, sizeof told) == (ssize_t)sizeof told)
        if (told.ssi_signo != SIGCHLD)
            return STATUS_OF_SIGNAL((int)told.ssi_signo);
    return 0;
}

/* ---- start ---- */

/* What was opened since is the server's. Not every library has its handles closed by exec. */
static void leave_handles(const struct fz_child_habits *habits)
{
    unsigned next = STDERR_FILENO + 1;
    for (size_t i = 0; i < habits->handle_count; i++) {
        unsigned handle = (unsigned)habits->handles[i];
        if (handle > next)
            (void)close_range(next, handle - 1, CLOSE_RANGE_CLOEXEC);
        next = handle + 1;
    }
    (void)close_range(next, ~0U, CLOSE_RANGE_CLOEXEC);
}

/* In the child: until exec only what a signal handler may do. */
static void __attribute__((noreturn)) become(const struct fz_child *child, const int ends[2], pid_t parent, char **argv,
                                             char **environment, const struct fz_child_habits *habits)
{
    static const char absent[] = "fenzhang: there is no such program: ",
                      broken[] = "fenzhang: this is no program that can be run: ";
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(STATUS_OF_SIGNAL(SIGKILL)); /* it died in between */
    sigaction(SIGPIPE, &habits->pipe, NULL);
    setrlimit(RLIMIT_NOFILE, &habits->descriptors);
    if (child->streams[FZ_CHILD_OUT].handle >= 0) {
        int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
        dup2(nothing, STDIN_FILENO);
        dup2(ends[FZ_CHILD_OUT], STDOUT_FILENO);
        dup2(ends[FZ_CHILD_ERR], STDERR_FILENO);
    }
    leave_handles(habits);
    pthread_sigmask(SIG_SETMASK, &habits->mask, NULL);
    execvpe(argv[0], argv, environment);
    bool found = errno != ENOENT;
    (void)!write(STDERR_FILENO, found ? broken : absent, found ? sizeof broken - 1 : sizeof absent - 1);
    (void)!write(STDERR_FILENO, argv[0], strlen(argv[0]));
    (void)!write(STDERR_FILENO, "\n", 1);
    _exit(found ? STATUS_NO_PROGRAM : STATUS_NOT_FOUND);
}

/* The ends that the child writes to. */
static bool open_streams(struct fz_child *child, int number, int ends[2])
{
    for (int i = 0; i < FZ_CHILD_STREAMS; i++) {
        int both[2];
        if (pipe2(both, O_CLOEXEC) != 0)
            return false;
        child->streams[i].handle = both[0];
        ends[i] = both[1];
        (void)fcntl(both[0], F_SETFL, O_NONBLOCK);
        snprintf(child->streams[i].prefix, sizeof child->streams[i].prefix, "[%d] ", number);
    }
    return true;
}

bool fz_child_start(struct fz_child *child, int number, char **argv, char **environment,
                    const struct fz_child_habits *habits)
{
    int ends[FZ_CHILD_STREAMS] = {-1, -1};
    pid_t parent = getpid();
    *child = (struct fz_child){.streams = {{.handle = -1}, {.handle = -1}}};
    bool good = number < 0 || open_streams(child, number, ends);
    child->pid = good ? fork() : -1;
    if (child->pid == 0)
        become(child, ends, parent, argv, environment, habits);
    int reason = errno;
    for (int i = 0; i < FZ_CHILD_STREAMS; i++)
        if (ends[i] >= 0)
            close(ends[i]);
    if (child->pid > 0)
        return true;
    child->pid = 0;
    fprintf(stderr, "fenzhang: %s was not run: %s. Make room, or raise the limit of processes and descriptors.\n", argv[0],
            strerrordesc_np(reason));
    return false;
}

/* ---- wait ---- */

static bool any_runs(const struct fz_child *children, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (children[i].pid != 0)
            return true;
    return false;
}

static void reap(struct fz_child *children, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int status;
        if (children[i].pid == 0 || waitpid(children[i].pid, &status, WNOHANG) != children[i].pid)
            continue;
        children[i].pid = 0;
        children[i].status = WIFSIGNALED(status) ? STATUS_OF_SIGNAL(WTERMSIG(status)) : WEXITSTATUS(status);
    }
}

/* A terminal's own signals (Ctrl-C) the children have had already: they belong to the same group. */
static void pass_on(const struct signalfd_siginfo *told, struct fz_child *children, size_t count)
{
    bool of_terminal = told->ssi_code == SI_KERNEL;
    for (size_t i = 0; i < count && !of_terminal; i++)
        if (children[i].pid != 0)
            (void)kill(children[i].pid, (int)told->ssi_signo);
}

static void take_signals(int signals, struct fz_child *children, size_t count)
{
    struct signalfd_siginfo told;
    while (read(signals, &told, sizeof told) == (ssize_t)sizeof told)
        if (told.ssi_signo != SIGCHLD)
            pass_on(&told, children, count);
    reap(children, count);
}

static int own_handle(int stream)
{
    return stream == FZ_CHILD_OUT ? STDOUT_FILENO : STDERR_FILENO;
}

/* Fills `out` with what the children write to, behind the signals, and says how many there are. */
static nfds_t list_streams(struct pollfd *out, struct fz_child_stream **streams, int *to, struct fz_child *children,
                           size_t count)
{
    nfds_t used = 1;
    for (size_t i = 0; i < count; i++)
        for (int j = 0; j < FZ_CHILD_STREAMS; j++)
            if (children[i].streams[j].handle >= 0) {
                streams[used] = &children[i].streams[j];
                to[used] = own_handle(j);
                out[used++] = (struct pollfd){.fd = children[i].streams[j].handle, .events = POLLIN};
            }
    return used;
}

/* What is there is read before it is looked who has ended, so nothing of a program that ends is lost. */
static void wait_once(int signals, struct fz_child *children, size_t count)
{
    struct pollfd handles[1 + FZ_CHILD_STREAMS * FZ_WORLDS_MAX] = {{.fd = signals, .events = POLLIN}};
    struct fz_child_stream *streams[1 + FZ_CHILD_STREAMS * FZ_WORLDS_MAX];
    int to[1 + FZ_CHILD_STREAMS * FZ_WORLDS_MAX];
    nfds_t used = list_streams(handles, streams, to, children, count);
    (void)poll(handles, used, -1);
    for (nfds_t i = 1; i < used; i++)
        if (handles[i].revents != 0 && !fz_child_lines_read(streams[i], to[i]))
            fz_child_lines_end(streams[i], to[i]);
    if (handles[0].revents != 0)
        take_signals(signals, children, count);
}

/* What a program has written is in the pipe when it has ended. Whom it left behind is not waited for. */
static void drain(struct fz_child *child)
{
    for (int i = 0; i < FZ_CHILD_STREAMS; i++) {
        struct pollfd handle = {.fd = child->streams[i].handle, .events = POLLIN};
        if (handle.fd < 0)
            continue;
        for (int j = 0; j < BLOCKS_LEFT && poll(&handle, 1, 0) > 0; j++)
            if (!fz_child_lines_read(&child->streams[i], own_handle(i)))
                break;
        fz_child_lines_end(&child->streams[i], own_handle(i));
    }
}

void fz_children_wait(const struct fz_child_habits *habits, struct fz_child *children, size_t count)
{
    while (any_runs(children, count))
        wait_once(habits->told, children, count);
    for (size_t i = 0; i < count; i++)
        drain(&children[i]);
}
