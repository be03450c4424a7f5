/* libfenzhang: clients of the refund and funds-distribution API v3 of WeChat Pay Global. Everything of it:
 *
 *     struct fz_client_options options = FZ_CLIENT_OPTIONS_INIT;
 *     options.mchid = "1900000100";
 *     options.serial_no = "678F…";                          // of the merchant's certificate
 *     options.private_key_file = "apiclient_key.pem";
 *     options.apiv3_key = "…";
 *     fz_client *client;
 *     fz_error *error;
 *     if (fz_client_new(&options, &client, &error) != 0)
 *         errx(1, "%s", fz_error_message(error));
 *
 *     struct fz_refund_by_out_refund_no_request query = FZ_INIT(fz_refund_by_out_refund_no_request);
 *     query.sp_mchid = "1900000100";
 *     query.sub_mchid = "1900000109";
 *     query.out_refund_no = "R20150806125346";
 *     struct fz_refund_answer *refund;
 *     if (fz_refund_by_out_refund_no(client, &query, &refund, &error) != 0)
 *         errx(1, "%s", fz_error_message(error));           // what happened, why, what to do
 *     printf("%s: %" PRId64 " fen %s\n", refund->id, refund->amount.refund, refund->status);
 *     fz_answer_free(refund);
 *
 * Compile and link with `pkg-config --cflags --libs fenzhang`. */
#ifndef FENZHANG_H
#define FENZHANG_H

#include "fenzhang/bill.h"
#include "fenzhang/bill_file.h"
#include "fenzhang/callback.h"
#include "fenzhang/calls.h"
#include "fenzhang/client.h"
#include "fenzhang/error.h"
#include "fenzhang/loop.h"
#include "fenzhang/version.h"

#endif
