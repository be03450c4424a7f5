/* fenzhang refund: the group. */
#include "cli/api/commands.h"

static const struct fz_command *const commands[] = {&fz_refund_show_command, &fz_refund_list_command,
                                                    &fz_refund_submit_command, NULL};

const struct fz_command fz_refund_command = {
    .name = "refund",
    .summary = "shows, lists and makes refunds",
    .members = commands,
    .about = "Refunds: asking for them and making them. Amounts are in the smallest unit of their currency.",
    .examples = "  fenzhang refund show --env data/demo.env 1217752501201407033233368018\n"
                "  fenzhang refund list --env data/demo.env 4208450740201411110007820472\n",
};
