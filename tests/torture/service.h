/* The service, as a client meets it in this one process: no port, no thread. System calls on its connections can be made to
 * fail, each once, and it knows what reached it. */
#ifndef FZ_TORTURE_SERVICE_H
#define FZ_TORTURE_SERVICE_H

#include <stdbool.h>
#include <stddef.h>

#include "fenzhang/callback.h"

#define SERVICE_NOW_MS INT64_C(1767600000000) /* its clock stands: 2026-01-05 16:00 in Beijing */
#define SERVICE_FILE_ID "7d0b5ea4-3a8f-4f33-9d8e-5b3f7cf3a3a1" /* of what is uploaded */
#define SERVICE_APIV3_KEY "0123456789abcdefghijABCDEFGHIJ+-"

/* How it answers. Certificates are always good. */
enum temper {
    GOOD,    /* signed, 200 */
    FORGED,  /* 200 under the platform's serial number, signed by a stranger's key */
    REFUSES, /* writes with a signed 400; the rest is good */
    STRANGER, /* writes with a 400 that nobody signed */
    TEMPERS
};
/* Which write. */
enum write { REFUND, ORDER, UPLOAD, WRITES };

struct service {
    enum temper temper;
    bool inside;             /* it is its own code that runs: nothing fails, nothing is counted */
    bool reached[WRITES];    /* a byte of the request arrived */
    bool answered[WRITES];   /* the whole of it, and it was answered */
    unsigned certificates;   /* how often they were asked for */
    /* System calls: how many there were, and which fails (0: none), and how. */
    unsigned long calls, failing;
    unsigned way;
    const char *failed; /* which call it was; NULL: none yet */
};
extern struct service service;

#define SERVICE_WAYS 3 /* of failing */

void service_begin(void);
void service_end(void);
const char *service_ca_file(void);
const char *service_merchant_key(void); /* PEM */
/* A callback, as the temper has it. */
struct fz_callback_request service_callback(void);
/* How many connections are open. */
unsigned service_open(void);

#endif
