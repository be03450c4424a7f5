/* Lists that the API answers page by page. */
#ifndef FZ_CLI_API_PAGES_H
#define FZ_CLI_API_PAGES_H

#include "cli/api/members.h"

/* How a call's pages are asked for and told. */
struct fz_pages {
    const char *offset, *limit; /* the request's members: how many to pass over, how many to answer */
    int most;                   /* to answer at once */
    const char *total;          /* the answer's: how many there are; its items are its `data` */
};

/* Asks for all pages, prints them as one list. Gives the exit status. */
int fz_ask_pages(const struct fz_command *command, struct fz_asking *asking, const struct fz_pages *pages, int argc,
                 char **argv);

#endif
