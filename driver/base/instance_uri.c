/* SPDX-License-Identifier: Apache-2.0 */
#include "base/instance_uri.h"

#include <string.h>

static bool segment_ok(struct aldb_slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c <= 0x20 || c == 0x7f || strchr(":?#%", c)) {
            return false;
        }
    }
    return s.len > 0 && !aldb_slice_eq(s, aldb_slice_of(".")) && !aldb_slice_eq(s, aldb_slice_of(".."));
}

static bool project_ok(struct aldb_slice s)
{
    const char *colon = memchr(s.ptr, ':', s.len);
    if (colon == NULL) {
        return segment_ok(s);
    }
    size_t domain = (size_t)(colon - s.ptr);
    return segment_ok(aldb_slice(s.ptr, domain)) && segment_ok(aldb_slice(colon + 1, s.len - domain - 1));
}

/* The text up to the next slash; *rest.ptr becomes NULL when there is none. */
static struct aldb_slice cut(struct aldb_slice *rest)
{
    struct aldb_slice all = *rest;
    const char *slash = all.len ? memchr(all.ptr, '/', all.len) : NULL;
    if (slash == NULL) {
        *rest = aldb_slice(NULL, 0);
        return all;
    }
    size_t len = (size_t)(slash - all.ptr);
    *rest = aldb_slice(slash + 1, all.len - len - 1);
    return aldb_slice(all.ptr, len);
}

bool aldb_instance_uri_check(struct aldb_slice text, size_t *cluster_len)
{
    static const char *const labels[] = {"projects", "locations", "clusters", "instances"};
    struct aldb_slice rest = text;
    size_t cluster = 0;
    for (size_t i = 0; i < ALDB_COUNT(labels); i++) {
        struct aldb_slice label = cut(&rest);
        if (rest.ptr == NULL || !aldb_slice_eq(label, aldb_slice_of(labels[i]))) {
            return false;
        }
        struct aldb_slice name = cut(&rest);
        if (i == 0 ? !project_ok(name) : !segment_ok(name)) {
            return false;
        }
        if (i == 2) {
            cluster = (size_t)(name.ptr + name.len - text.ptr);
        }
    }
    if (rest.ptr != NULL) {
        return false;
    }
    if (cluster_len) {
        *cluster_len = cluster;
    }
    return true;
}
