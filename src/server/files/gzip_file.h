/* A file, compressed. */
#ifndef FZ_SERVER_FILES_GZIP_FILE_H
#define FZ_SERVER_FILES_GZIP_FILE_H

#include "wire/server/bill_text.h"

/* Gives the whole of `file` to the sink as gzip, in blocks: in constant memory, and always the same bytes for the same file. What the
 * sink returns other than FZ_OK ends it; FZ_FAILED when the file cannot be read or memory is short. */
FZ_MUST_CHECK enum fz_result fz_gzip_file(int file, fz_block_sink sink, void *argument);

#endif
