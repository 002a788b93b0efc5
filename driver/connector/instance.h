/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The name of an AlloyDB instance: projects/PROJECT/locations/REGION/clusters/CLUSTER/instances/INSTANCE, where PROJECT may be DOMAIN:PROJECT.
 *
 * The whole text must be that; segments hold neither '/' nor ':', no control characters, no blanks, nothing that means
 * something in a URL (? # %), and are not "." or "..". Letter case counts.
 * Stricter than Google's connectors, which let slashes and texts around it pass; no name that exists is lost by it.
 */
#ifndef ALDB_CONNECTOR_INSTANCE_H
#define ALDB_CONNECTOR_INSTANCE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/rc.h"
#include "base/str.h"
#include "diag/diag.h"

#define ALDB_INSTANCE_FORM "projects/PROJECT/locations/REGION/clusters/CLUSTER/instances/INSTANCE"

struct aldb_instance {
    char *uri;
    char *cluster; /* its parent, which certificates are asked of: projects/…/clusters/CLUSTER */
};

/* Pure. *cluster_len (may be NULL): how much of the text names the cluster. */
bool aldb_instance_check(struct aldb_slice text, size_t *cluster_len) ALDB_MUSTCHECK;
/* HY024 naming the form and the value, HY001. */
enum aldb_rc aldb_instance_parse(const char *text, struct aldb_instance *out, struct aldb_diag *diag) ALDB_MUSTCHECK;
void aldb_instance_clear(struct aldb_instance *i);

/* As a path of a URL: ':' and '/' as they are, whatever else is not unreserved (RFC 3986) as %XX. */
void aldb_instance_path_add(struct aldb_buf *b, const char *name);

#endif
