/* The commands that call the API. */
#ifndef FZ_CLI_API_COMMANDS_H
#define FZ_CLI_API_COMMANDS_H

#include "cli/command/command.h"

extern const struct fz_command fz_balance_command, fz_amounts_command, fz_settlements_command, fz_upload_command,
    fz_certificates_command, fz_call_command, fz_whoami_command;
extern const struct fz_command fz_refund_command, fz_refund_show_command, fz_refund_list_command, fz_refund_submit_command;
extern const struct fz_command fz_share_command, fz_share_show_command, fz_share_submit_command, fz_share_unfreeze_command;
extern const struct fz_command fz_receiver_command, fz_receiver_add_command, fz_receiver_show_command,
    fz_receiver_rm_command;
extern const struct fz_command fz_order_command, fz_order_native_command, fz_order_jsapi_command, fz_order_app_command,
    fz_order_h5_command, fz_order_pay_code_command, fz_order_show_command, fz_order_close_command, fz_order_reverse_command;

#endif
