/* The control token that the environment has: what a server demands and what its commands bear. */
#ifndef FZ_CLI_LOCAL_TOKEN_H
#define FZ_CLI_LOCAL_TOKEN_H

#define FZ_TOKEN_VARIABLE "FENZHANG_CONTROL_TOKEN"

/* Takes it out of the environment: no child of this process gets it, and /proc/PID/environ has it no more. First thing in
 * main, while there is one thread. */
void fz_token_take(void);

/* What was taken; NULL: there was none, or an empty one. */
const char *fz_token(void);

#endif
