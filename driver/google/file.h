/* SPDX-License-Identifier: Apache-2.0 */
/* Small files read whole: credentials, tokens, keys. */
#ifndef ALDB_GOOGLE_FILE_H
#define ALDB_GOOGLE_FILE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/rc.h"
#include "diag/diag.h"

#define ALDB_MAX_CREDENTIAL_FILE (1u << 20) /* bytes */

/*
 * Appends the content to `out`, which the caller initialised with ALDB_MAX_CREDENTIAL_FILE and wipes. Only regular files (links are followed: Kubernetes
 * mounts its tokens so): anything else could block. 28000 naming `who`, the file and why: not there, not readable, not regular, too large.
 * `secret`: a file that others than its owner may read is used, but warned of in the log.
 */
enum aldb_rc aldb_file_read(const char *path, const char *who, bool secret, struct aldb_buf *out, struct aldb_diag *diag) ALDB_MUSTCHECK;
/* Is there something of that name, whatever it is? No also where this user may not look, as in another one's home (the log says so). */
bool aldb_file_exists(const char *path);

#endif
