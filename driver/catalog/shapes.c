/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/internal.h"

/* Identifiers are at most 63 bytes on an unmodified server; 128 leaves room for builds with longer ones. Long text has no limit of its own. */
#define TYPE_NAME ALDB_OID_VARCHAR, 128 + 4
#define TYPE_TEXT ALDB_OID_VARCHAR, -1
#define TYPE_CHAR1 ALDB_OID_BPCHAR, 1 + 4
#define TYPE_INT2 ALDB_OID_INT2, -1
#define TYPE_INT4 ALDB_OID_INT4, -1

#define ALDB_SHAPE(name) static const struct aldb_shape_column name##_v3[] = {
#define ALDB_COL(v3, v2, type, nullable) {v3, TYPE_##type, nullable},
#define ALDB_SHAPE_END(name) };
#include "catalog/shapes.def"
#undef ALDB_SHAPE
#undef ALDB_COL
#undef ALDB_SHAPE_END

#define ALDB_SHAPE(name) static const struct aldb_shape_column name##_v2[] = {
#define ALDB_COL(v3, v2, type, nullable) {v2, TYPE_##type, nullable},
#define ALDB_SHAPE_END(name) };
#include "catalog/shapes.def"
#undef ALDB_SHAPE
#undef ALDB_COL
#undef ALDB_SHAPE_END

#define ALDB_SHAPE(name)
#define ALDB_COL(v3, v2, type, nullable)
#define ALDB_SHAPE_END(name)                                                                       \
    const struct aldb_shape *aldb_shape_##name(bool version2)                                      \
    {                                                                                              \
        static const struct aldb_shape v3 = {name##_v3, ALDB_COUNT(name##_v3)};                    \
        static const struct aldb_shape v2 = {name##_v2, ALDB_COUNT(name##_v2)};                    \
        return version2 ? &v2 : &v3;                                                               \
    }
#include "catalog/shapes.def"
