/* What fallible functions return. */
#ifndef FZ_BASE_RESULT_H
#define FZ_BASE_RESULT_H

#define FZ_MUST_CHECK                           __attribute__((warn_unused_result))
#define FZ_PRINTF(format_index, first_argument) __attribute__((format(printf, format_index, first_argument)))
#define FZ_CLEANUP(function)                    __attribute__((cleanup(function)))

/* 0 is success. On anything else the outputs are untouched. */
enum fz_result {
    FZ_OK = 0,
    FZ_REFUSED,   /* a rule says no; in the server a struct fz_error (base/server/refusal.h) tells which */
    FZ_ABSENT,    /* what was looked for is not there; also: no further row */
    FZ_CONFLICT,  /* a unique number is already taken */
    FZ_MALFORMED, /* the input breaks its grammar */
    FZ_FULL,      /* a cap, a queue or the disk has no room */
    FZ_FAILED,    /* the machine, the file or a library failed; nothing was done */
    FZ_UNKNOWN    /* it failed at a point after which nobody can tell whether it was done */
};

#endif
