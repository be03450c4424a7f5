/* The configuration file of `fenzhang serve`: the options of a command line, a line each. */
#ifndef FZ_CLI_SERVER_SERVE_FILE_H
#define FZ_CLI_SERVER_SERVE_FILE_H

#include <argp.h>
#include <stdbool.h>

#define FZ_SERVE_FILE_NAME "fenzhang.conf" /* in the directory that systemd names */
#define FZ_SERVE_VALUE_MAX 180             /* bytes: libinih's lines have 200 */

struct fz_serve_file {
    char *path; /* absolute; NULL: there is none, and no words */
    struct fz_serve_word {
        char *text; /* "--listen=127.0.0.1:8080" */
        int line;
    } *words;
    int count;
};

/* Reads the file `named`, or, if that is NULL, the one that systemd says (CONFIGURATION_DIRECTORY, systemd.exec(5)) if it is there.
 * Names are those of `options`, exactly. `out` is for as long as the program lasts. Does not return after a mistake. */
void fz_serve_file_read(const char *named, const struct argp_option *options, struct fz_serve_file *out);

/* Ends the program with what is wrong there. */
void fz_serve_file_refuse(const char *path, int line, const char *what) __attribute__((noreturn));

/* Whether the option may stand in a file: not what is about files. */
bool fz_serve_file_takes(const struct argp_option *option);
/* Whether it may be given more than once, and each time adds to what it says. */
bool fz_serve_file_is_list(const struct argp_option *option);
/* Whether two of its values stand beside each other, because they give different things a name (--store NAME=URL). */
bool fz_serve_file_stand_together(const struct argp_option *option, const char *one, const char *other);
/* Whether its value is a path. */
bool fz_serve_file_is_path(const struct argp_option *option);

#endif
