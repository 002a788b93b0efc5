/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which family converts to which C type, and by what. An empty place is 07006. What is reported as characters has the row of text, whatever its family.
 * https://learn.microsoft.com/sql/odbc/reference/appendixes/converting-data-from-sql-to-c-data-types
 */
#include "convert/get.h"

#define CHARACTER [ALDB_CC_CHAR] = aldb_get_char, [ALDB_CC_WCHAR] = aldb_get_wchar

/* Characters convert to everything they may be a literal of. */
#define TEXT_ROW                                                                                   \
    {                                                                                              \
        CHARACTER, [ALDB_CC_BINARY] = aldb_get_text_binary, [ALDB_CC_BIT] = aldb_get_bit,          \
                   [ALDB_CC_INTEGER] = aldb_get_integer, [ALDB_CC_REAL] = aldb_get_real,           \
                   [ALDB_CC_NUMERIC] = aldb_get_numeric, [ALDB_CC_DATE] = aldb_get_date,           \
                   [ALDB_CC_TIME] = aldb_get_time, [ALDB_CC_TIMESTAMP] = aldb_get_timestamp,       \
                   [ALDB_CC_GUID] = aldb_get_guid, [ALDB_CC_INTERVAL] = aldb_get_interval          \
    }

#define NUMBERS                                                                                    \
    CHARACTER, [ALDB_CC_BINARY] = aldb_get_number_binary, [ALDB_CC_BIT] = aldb_get_bit,            \
               [ALDB_CC_INTEGER] = aldb_get_integer, [ALDB_CC_REAL] = aldb_get_real,               \
               [ALDB_CC_NUMERIC] = aldb_get_numeric

#define APPROXIMATE_ROW                                                                            \
    {                                                                                              \
        NUMBERS                                                                                    \
    }
#define EXACT_ROW                                                                                  \
    {                                                                                              \
        NUMBERS, [ALDB_CC_INTERVAL] = aldb_get_number_interval                                     \
    }

const aldb_get_fn aldb_matrix_get[ALDB_FAM_COUNT][ALDB_CC_COUNT] = {
    [ALDB_FAM_TEXT] = TEXT_ROW,
    [ALDB_FAM_BOOL] = APPROXIMATE_ROW,
    [ALDB_FAM_INT2] = EXACT_ROW,
    [ALDB_FAM_INT4] = EXACT_ROW,
    [ALDB_FAM_INT8] = EXACT_ROW,
    [ALDB_FAM_OID] = EXACT_ROW,
    [ALDB_FAM_FLOAT4] = APPROXIMATE_ROW,
    [ALDB_FAM_FLOAT8] = APPROXIMATE_ROW,
    [ALDB_FAM_NUMERIC] = EXACT_ROW,
    [ALDB_FAM_BYTEA] = {[ALDB_CC_CHAR] = aldb_get_bytea_char,
                        [ALDB_CC_WCHAR] = aldb_get_bytea_char,
                        [ALDB_CC_BINARY] = aldb_get_text_binary},
    [ALDB_FAM_DATE] = {CHARACTER, [ALDB_CC_BINARY] = aldb_get_datetime_binary,
                       [ALDB_CC_DATE] = aldb_get_date, [ALDB_CC_TIMESTAMP] = aldb_get_timestamp},
    [ALDB_FAM_TIME] = {CHARACTER, [ALDB_CC_BINARY] = aldb_get_datetime_binary,
                       [ALDB_CC_TIME] = aldb_get_time, [ALDB_CC_TIMESTAMP] = aldb_get_timestamp},
    [ALDB_FAM_TIMETZ] = {CHARACTER, [ALDB_CC_BINARY] = aldb_get_datetime_binary,
                         [ALDB_CC_TIME] = aldb_get_time, [ALDB_CC_TIMESTAMP] = aldb_get_timestamp},
    [ALDB_FAM_TIMESTAMP] =
        {CHARACTER, [ALDB_CC_BINARY] = aldb_get_datetime_binary, [ALDB_CC_DATE] = aldb_get_date,
         [ALDB_CC_TIME] = aldb_get_time, [ALDB_CC_TIMESTAMP] = aldb_get_timestamp},
    [ALDB_FAM_TIMESTAMPTZ] =
        {CHARACTER, [ALDB_CC_BINARY] = aldb_get_datetime_binary, [ALDB_CC_DATE] = aldb_get_date,
         [ALDB_CC_TIME] = aldb_get_time, [ALDB_CC_TIMESTAMP] = aldb_get_timestamp},
    [ALDB_FAM_INTERVAL] =
        {CHARACTER, [ALDB_CC_BINARY] = aldb_get_interval_binary,
         [ALDB_CC_INTEGER] = aldb_get_interval_number, [ALDB_CC_NUMERIC] = aldb_get_interval_number,
         [ALDB_CC_INTERVAL] = aldb_get_interval},
    [ALDB_FAM_UUID] =
        {CHARACTER, [ALDB_CC_BINARY] = aldb_get_guid_binary, [ALDB_CC_GUID] = aldb_get_guid},
};
