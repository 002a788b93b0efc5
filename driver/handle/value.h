/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One value of an attribute, descriptor field or diagnostic field on its way to or from the application, with the width that ODBC gives it.
 * handle/ speaks of values, api/ alone of application buffers, text encodings and lengths.
 */
#ifndef ALDB_HANDLE_VALUE_H
#define ALDB_HANDLE_VALUE_H

#include <stdbool.h>
#include <sql.h>
#include <sqlext.h>

#include "base/str.h"

enum aldb_width {
    ALDB_W_S16,  /* SQLSMALLINT, SQLUSMALLINT */
    ALDB_W_S32,  /* SQLINTEGER, SQLUINTEGER */
    ALDB_W_LEN,  /* SQLLEN, SQLULEN */
    ALDB_W_PTR,  /* pointers and handles */
    ALDB_W_TEXT, /* character string */
};

/* Out. Text is borrowed until the next call on the handle. */
struct aldb_value {
    enum aldb_width width;
    SQLLEN number; /* unsigned kinds: same bits */
    SQLPOINTER pointer;
    struct aldb_slice text;
};

/* In. Integers come by value in the pointer; text is decoded already (ptr == NULL: the application gave NULL). */
struct aldb_arg {
    SQLPOINTER raw;
    SQLINTEGER length; /* as given: SQL_IS_POINTER and the like */
    struct aldb_slice text;
};

static inline struct aldb_value aldb_value_number(enum aldb_width width, SQLLEN number)
{
    return (struct aldb_value){.width = width, .number = number};
}
static inline struct aldb_value aldb_value_ulen(SQLULEN number)
{
    return aldb_value_number(ALDB_W_LEN, (SQLLEN)number);
}
static inline struct aldb_value aldb_value_pointer(const void *pointer)
{
    return (struct aldb_value){.width = ALDB_W_PTR, .pointer = (SQLPOINTER)(uintptr_t)pointer};
}
/* NULL counts as "". */
static inline struct aldb_value aldb_value_text(const char *text)
{
    return (struct aldb_value){.width = ALDB_W_TEXT, .text = aldb_slice_of(text ? text : "")};
}

static inline SQLULEN aldb_arg_ulen(const struct aldb_arg *arg)
{
    return (SQLULEN)(uintptr_t)arg->raw;
}
/* 32-bit attributes: callers may leave garbage in the upper half of the pointer. */
static inline SQLUINTEGER aldb_arg_u32(const struct aldb_arg *arg)
{
    return (SQLUINTEGER)(uintptr_t)arg->raw;
}

#endif
