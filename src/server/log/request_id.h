/* Request-IDs, of answers and of callbacks: they name the process, so that its log can be found. */
#ifndef FZ_SERVER_LOG_REQUEST_ID_H
#define FZ_SERVER_LOG_REQUEST_ID_H

#define FZ_PROCESS_ID_DIGITS 8
#define FZ_REQUEST_ID_SIZE   48 /* 32 hex digits, of which the process has the first 8; a dash; a number */

/* Draws one. `number`: of the row that refuses; 0: none does. */
void fz_request_id_draw(char out[FZ_REQUEST_ID_SIZE], const char *process_id, unsigned number);

#endif
