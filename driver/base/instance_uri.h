/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The name of an AlloyDB instance as text: projects/PROJECT/locations/REGION/clusters/CLUSTER/instances/INSTANCE, where PROJECT may be DOMAIN:PROJECT.
 *
 * The whole text must be that; segments hold neither '/' nor ':', no control characters, no blanks, nothing that means
 * something in a URL (? # %), and are not "." or "..". Letter case counts.
 * Stricter than Google's connectors, which let slashes and texts around it pass; no name that exists is lost by it.
 */
#ifndef ALDB_BASE_INSTANCE_URI_H
#define ALDB_BASE_INSTANCE_URI_H

#include <stdbool.h>
#include <stddef.h>

#include "base/rc.h"
#include "base/str.h"

#define ALDB_INSTANCE_FORM "projects/PROJECT/locations/REGION/clusters/CLUSTER/instances/INSTANCE"

/* Pure. *cluster_len (may be NULL): how much of the text names the cluster. */
bool aldb_instance_uri_check(struct aldb_slice text, size_t *cluster_len) ALDB_MUSTCHECK;

#endif
