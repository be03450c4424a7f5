/* fenzhang certificates: the platform's, and from when until when they are valid. */
#include "cli/api/commands.h"
#include "cli/api/members.h"

static const struct fz_shown shown[] = {
    {"serial number", "serial_no", FZ_AS_TEXT, NULL},
    {"valid from", "effective_time", FZ_AS_TEXT, NULL},
    {"until", "expire_time", FZ_AS_TEXT, NULL},
    {0},
};

static const struct argp argp = {NULL, fz_take_member, NULL,
                                 "Prints the platform's certificates, by which answers and callbacks are verified.\v"
                                 "Example:\n  fenzhang certificates --env data/demo.env\n",
                                 NULL, NULL, NULL};

static int run(int argc, char **argv)
{
    struct fz_asking asking = {.call = "certificates", .shown = shown, .list = "data"};
    return fz_ask(&fz_certificates_command, &asking, argc, argv);
}

const struct fz_command fz_certificates_command = {
    .name = "certificates",
    .summary = "shows the platform's certificates",
    .argp = &argp,
    .shared = &fz_caller_argp,
    .run = run,
};
