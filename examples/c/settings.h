/* A client by the environment, with the names of `fenzhang env --export`: what these examples share. */
#ifndef SETTINGS_H
#define SETTINGS_H

#include <fenzhang.h>

#include <stdio.h>
#include <stdlib.h>

/* The value of a name that has to be set. */
static inline const char *setting(const char *name)
{
    const char *value = getenv(name);
    if (value == NULL) {
        fprintf(stderr, "%s is not set: eval \"$(fenzhang env --export)\"\n", name);
        exit(2);
    }
    return value;
}

/* The one way out when something is wrong: says what happened, why and what to do. */
static inline int fail(fz_error *error)
{
    fprintf(stderr, "%s\n", fz_error_message(error));
    fz_error_free(error);
    return 1;
}

/* NULL after a message. Without BASE_URL it calls the real service; `serve --tls` has a CA_CERT_PEM. */
static inline fz_client *client_by_environment(void)
{
    const char *const hosts[] = {getenv("BASE_URL"), NULL};
    struct fz_client_options options = FZ_CLIENT_OPTIONS_INIT;
    fz_client *client = NULL;
    fz_error *error = NULL;
    options.mchid = setting("MCHID");
    options.serial_no = setting("SERIAL_NO");
    options.private_key_file = setting("PRIVATE_KEY_PEM");
    options.apiv3_key = setting("APIV3_KEY");
    options.hosts = hosts[0] == NULL ? NULL : hosts;
    options.ca_file = getenv("CA_CERT_PEM");
    if (fz_client_new(&options, &client, &error) != 0)
        fail(error);
    return client;
}

#endif
