/* The data directory that counts where none is named. */
#ifndef FZ_CLI_LOCAL_DEFAULT_DATA_H
#define FZ_CLI_LOCAL_DEFAULT_DATA_H

/* $STATE_DIRECTORY, or else ${XDG_STATE_HOME:-~/.local/state}/fenzhang. New; NULL: no variable says where, or memory is short. */
char *fz_data_default(void);

#endif
