/* The folder that a lab's files go into. */
#ifndef FZ_CLI_LAB_FOLDER_H
#define FZ_CLI_LAB_FOLDER_H

#define FZ_LAB_KEY "key.json"

/* Opens it, made if it is not there, and removes what an earlier lab left, as its key.json names it. -1 after a message: it
 * cannot be made, or has bills that no lab made. */
int fz_lab_folder_open(const char *path);

#endif
