/* fenzhang doctor: what of a profile fits, what does not, and how to mend it. */
#include <stdio.h>

#include "base/clock.h"
#include "cli/doctor/checkup.h"
#include "cli/doctor/commands.h"

static const struct argp argp = {NULL,
                                 NULL,
                                 NULL,
                                 "Looks at everything that a call needs, in this order: the private key and who can read "
                                 "it, the certificate, serial number and merchant, their end; the hosts, the proxy, TLS; "
                                 "the clock; what the service says to a signed request; the APIv3 key, the platform's "
                                 "certificates or public key. What does not fit is told with how to mend it. Nothing is "
                                 "changed anywhere: one call is made, GET /v3/certificates.\v"
                                 "Examples:\n"
                                 "  fenzhang doctor --env data/demo.env\n"
                                 "  fenzhang doctor --profile live\n"
                                 "  fenzhang doctor --json | jq '.findings[] | select(.state == \"wrong\")'\n"
                                 "\n"
                                 "Exit status 0: all fits; 1: something does not; 2: it could not be looked at.",
                                 NULL,
                                 NULL,
                                 NULL};

static int examine(struct fz_checkup *checkup, bool json)
{
    fz_check_own_files(checkup);
    fz_check_hosts(checkup);
    fz_check_service(checkup);
    bool found = fz_checkup_found_any(checkup);
    if (!json)
        fz_checkup_print(checkup);
    else if (fz_print_json(json_pack("{s:b, s:O}", "fits", !found, "findings", checkup->findings)) != FZ_EXIT_DONE)
        return FZ_EXIT_TROUBLE;
    return found ? FZ_EXIT_DIFFERS : FZ_EXIT_DONE;
}

static int run(int argc, char **argv)
{
    struct fz_caller_options with = {0};
    fz_arguments_parse_shared(&fz_doctor_command, argc, argv, NULL, &with);
    struct fz_checkup checkup = {.findings = json_array(), .now_ms = fz_wire_now_ms()};
    int status = fz_profile_load(&with, &checkup.profile) ? examine(&checkup, with.json) : FZ_EXIT_TROUBLE;
    EVP_PKEY_free(checkup.key);
    json_decref(checkup.findings);
    fz_profile_done(&checkup.profile);
    return status;
}

const struct fz_command fz_doctor_command = {
    .name = "doctor",
    .summary = "looks at keys, clock, network and certificates, and says how to mend what does not fit",
    .argp = &argp,
    .shared = &fz_caller_argp,
    .run = run,
};
