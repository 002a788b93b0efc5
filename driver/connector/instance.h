/* SPDX-License-Identifier: Apache-2.0 */
/* An AlloyDB instance by its name (base/instance_uri.h). */
#ifndef ALDB_CONNECTOR_INSTANCE_H
#define ALDB_CONNECTOR_INSTANCE_H

#include "base/buf.h"
#include "base/instance_uri.h"
#include "base/rc.h"
#include "diag/diag.h"

struct aldb_instance {
    char *uri;
    char *cluster; /* its parent, which certificates are asked of: projects/…/clusters/CLUSTER */
};

/* HY024 naming the form and the value, HY001. */
enum aldb_rc aldb_instance_parse(const char *text, struct aldb_instance *out, struct aldb_diag *diag) ALDB_MUSTCHECK;
void aldb_instance_clear(struct aldb_instance *i);

/* As a path of a URL: ':' and '/' as they are, whatever else is not unreserved (RFC 3986) as %XX. */
void aldb_instance_path_add(struct aldb_buf *b, const char *name);

#endif
