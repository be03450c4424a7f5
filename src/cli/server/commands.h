/* The commands that serve, or look at, a book on this machine. */
#ifndef FZ_CLI_SERVER_COMMANDS_H
#define FZ_CLI_SERVER_COMMANDS_H

#include "cli/command/command.h"

extern const struct fz_command fz_backup_command, fz_restore_command, fz_copy_command, fz_upgrade_command, fz_serve_command, fz_audit_command, fz_ca_command, fz_env_command, fz_errors_command,
    fz_health_command, fz_openapi_command;

#endif
