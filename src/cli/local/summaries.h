/* What the commands made from the control interface's rows do, each in a line. */
#ifndef FZ_CLI_LOCAL_SUMMARIES_H
#define FZ_CLI_LOCAL_SUMMARIES_H

/* "shows the book's clock, moves it, lets it stand" */
const char *fz_control_summary(const char *command);

#endif
