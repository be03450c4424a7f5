/* libfenzhang: clients of the refund and funds-distribution API v3 of WeChat Pay Global. Everything of it:
 *
 *     #include <fenzhang.h>
 *     …
 *     struct fz_client_options options = FZ_INIT(fz_client_options);
 *     options.mchid = "1900000100";
 *     options.serial_no = "…";                          // of the merchant's certificate
 *     options.private_key_file = "apiclient_key.pem";
 *     options.apiv3_key = "…";
 *     fz_client *client;
 *     fz_error *error;
 *     if (fz_client_new(&options, &client, &error) != 0)
 *         errx(1, "%s", fz_error_message(error));
 *
 * Compile and link with `pkg-config --cflags --libs fenzhang`. */
#ifndef FENZHANG_H
#define FENZHANG_H

#include "fenzhang/client.h"
#include "fenzhang/error.h"
#include "fenzhang/version.h"

#endif
