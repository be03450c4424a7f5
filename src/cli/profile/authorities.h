/* Where this machine keeps the certificates of the authorities that TLS is checked against. */
#ifndef FZ_CLI_PROFILE_AUTHORITIES_H
#define FZ_CLI_PROFILE_AUTHORITIES_H

/* A PEM file; NULL where libcurl looks in the right place by itself, or where there is none. */
const char *fz_machine_authorities(void);

#endif
