/* What the commands made from the control interface's rows do, each in a line. */
#include "cli/local/summaries.h"

#include <stddef.h>
#include <string.h>

static const struct {
    const char *command, *summary;
} summaries[] = {
    {"clock", "shows the book's clock, moves it, lets it stand"},
    {"merchants", "lists all merchants, adds and changes them"},
    {"platform", "shows the platform's keys, makes the next one"},
    {"pay", "pays as the payer does: a transaction in one step, or an order that was placed"},
    {"receivers", "decides what becomes of a receiver: its audit, its slices"},
    {"refunds", "decides what becomes of a refund that is on its way"},
    {"requests", "shows the request log, newest first"},
    {"tail", "follows the request log, a line an exchange, until Ctrl-C"},
    {"faults", "makes requests go wrong, by rules: lists, adds and removes them"},
    {"callbacks", "shows what notify_urls were told, sends it again, spoils it"},
    {"limits", "shows whether the limits on requests hold, lifts them"},
    {"metrics", "prints the process's figures, in Prometheus' text format"},
    {"reset", "puts the book back to how it was created"},
    {"snapshots", "keeps the whole world as it is, and comes back to it"},
};

const char *fz_control_summary(const char *command)
{
    for (size_t i = 0; i < sizeof summaries / sizeof summaries[0]; i++)
        if (strcmp(summaries[i].command, command) == 0)
            return summaries[i].summary;
    return "calls the control interface";
}
