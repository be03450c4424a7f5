/* A client's whole lives, of several kinds. */
#ifndef FZ_TORTURE_LIVES_H
#define FZ_TORTURE_LIVES_H

struct life {
    const char *name; /* NULL: the last was before */
    void (*live)(void);
};
extern const struct life lives[];

#endif
