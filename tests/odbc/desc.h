/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptors of a statement and their fields, for the tests that look at them. */
#ifndef ALDB_TEST_DESC_H
#define ALDB_TEST_DESC_H

#include "harness.h"

/* Bytes that a field fills; W_PTR and W_TEXT are told apart from the numbers. */
enum width { W_S16 = 2, W_S32 = 4, W_LEN = 8, W_PTR = 9, W_TEXT = 10 };

/* SQL_ATTR_APP_ROW_DESC and its like. */
static inline SQLHDESC stmt_desc(SQLHSTMT stmt, SQLINTEGER which)
{
    SQLHDESC desc = NULL;
    CHECK_OK(stmt, SQLGetStmtAttr(stmt, which, &desc, 0, NULL));
    return desc;
}

static inline SQLLEN desc_number(SQLHDESC desc, SQLSMALLINT record, SQLSMALLINT field, enum width width)
{
    SQLSMALLINT s16 = -1;
    SQLINTEGER s32 = -1;
    SQLLEN len = -1;
    CHECK_OK(desc, SQLGetDescField(desc, record, field, width == W_S16 ? (SQLPOINTER)&s16 : width == W_S32 ? (SQLPOINTER)&s32 : (SQLPOINTER)&len, 0, NULL));
    return width == W_S16 ? s16 : width == W_S32 ? s32 : len;
}

/* Static buffer of the latest call. */
static inline const char *desc_text(SQLHDESC desc, SQLSMALLINT record, SQLSMALLINT field)
{
    static char text[256];
    text[0] = '\0';
    CHECK_OK(desc, SQLGetDescField(desc, record, field, text, sizeof text, NULL));
    return text;
}

/* What a field should be: a text where there is one, else a number. */
struct expected_field {
    SQLSMALLINT record, field;
    enum width width;
    SQLLEN number;
    const char *text;
};

static inline void check_fields(SQLHDESC desc, const struct expected_field *list, size_t count, const char *file, unsigned line)
{
    for (size_t i = 0; i < count; i++) {
        const struct expected_field *e = &list[i];
        char what[64];
        snprintf(what, sizeof what, "row %zu: field %d of record %d", i, e->field, e->record);
        if (e->width == W_TEXT) {
            check_text(desc_text(desc, e->record, e->field), e->text, what, file, line);
        } else {
            check_int(desc_number(desc, e->record, e->field, e->width), e->number, what, file, line);
        }
    }
}
#define CHECK_FIELDS(desc, list) check_fields(desc, list, COUNT(list), __FILE__, __LINE__)

#endif
