/* Programs that run for a while: started, given their signals, waited for. */
#ifndef FZ_CLI_LOCAL_CHILDREN_H
#define FZ_CLI_LOCAL_CHILDREN_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "base/text.h"

enum { FZ_CHILD_OUT, FZ_CHILD_ERR, FZ_CHILD_STREAMS };

struct fz_child {
    pid_t pid;  /* 0: it runs no more */
    int status; /* then, as a shell gives it: 128 and the signal's number */
    struct fz_child_stream {
        int handle; /* what it writes comes out here; -1: it writes to our own */
        char prefix[16];
        struct fz_text line; /* that has not ended yet */
    } streams[FZ_CHILD_STREAMS];
};

#define FZ_HANDLES_MAX 256

/* How this process was when it began, for children to begin so, too. */
struct fz_child_habits {
    sigset_t mask;
    struct sigaction pipe;
    struct rlimit descriptors;
    int told;                    /* signals of this process are read here */
    int handles[FZ_HANDLES_MAX]; /* in ascending order: what was open, 3 and above */
    size_t handle_count;
};
/* Notes them, and holds back the signals that are passed on. Before any thread is made. False after a message. */
bool fz_children_prepare(struct fz_child_habits *habits);
/* The exit status of a process that a signal has told to end meanwhile; 0: none has. */
int fz_children_stopped(const struct fz_child_habits *habits);

/* Starts the program of argv[0]. `number` < 0: it has our own input and output; else it has no input, and each of its lines
 * is written behind "[number] ". It is killed when this process dies. False after a message. */
bool fz_child_start(struct fz_child *child, int number, char **argv, char **environment,
                    const struct fz_child_habits *habits);

/* Waits for all of them; what they write is written meanwhile, what this process is told by signals they are told. */
void fz_children_wait(const struct fz_child_habits *habits, struct fz_child *children, size_t count);

/* child_lines.c: reads what there is and writes whole lines on. False: there is no more to come. */
bool fz_child_lines_read(struct fz_child_stream *stream, int to);
/* At the end: the rest. */
void fz_child_lines_end(struct fz_child_stream *stream, int to);

#endif
