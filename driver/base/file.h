/* SPDX-License-Identifier: Apache-2.0 */
/* Writing to a file without dying of it, and files that nobody else sees. */
#ifndef ALDB_BASE_FILE_H
#define ALDB_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* As write(2), or pwrite(2) where `at` is not negative; a limit on file sizes (RLIMIT_FSIZE) is EFBIG only, and no SIGXFSZ to the application. */
ssize_t aldb_file_write(int fd, const void *data, size_t len, int64_t at);

/* All of it. False with errno: a part of it may be written. */
bool aldb_file_write_all(int fd, const void *data, size_t len, int64_t at);

/* A new file for reading and writing in TMPDIR, or else /tmp, that has no name and is gone when it is closed. -1 with errno. */
int aldb_file_temporary(void);

#endif
