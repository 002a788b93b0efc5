/* SPDX-License-Identifier: Apache-2.0 */
#include "info/info.h"

#include <string.h>

static const struct {
    SQLUSMALLINT id;
    bool supported;
} functions[] = {
#define ALDB_FUNCTION(id, name, supported) {(id), (supported)},
#include "info/functions.def"
#undef ALDB_FUNCTION
};

#define ODBC2_FUNCTIONS 100 /* elements of the array of SQL_API_ALL_FUNCTIONS */

bool aldb_function_supported(SQLUSMALLINT id)
{
    for (size_t i = 0; i < ALDB_COUNT(functions); i++) {
        if (functions[i].id == id) {
            return functions[i].supported;
        }
    }
    return false;
}

/* ODBC 3: one bit a function. */
static void fill_bitmap(SQLUSMALLINT *out)
{
    memset(out, 0, SQL_API_ODBC3_ALL_FUNCTIONS_SIZE * sizeof *out);
    for (size_t i = 0; i < ALDB_COUNT(functions); i++) {
        SQLUSMALLINT id = functions[i].id;
        if (functions[i].supported) {
            out[id >> 4] = (SQLUSMALLINT)(out[id >> 4] | 1u << (id & 15u));
        }
    }
}

/* ODBC 2: one element a function; ids past the array have no place. */
static void fill_array(SQLUSMALLINT *out)
{
    for (size_t i = 0; i < ODBC2_FUNCTIONS; i++) {
        out[i] = SQL_FALSE;
    }
    for (size_t i = 0; i < ALDB_COUNT(functions); i++) {
        if (functions[i].id < ODBC2_FUNCTIONS && functions[i].supported) {
            out[functions[i].id] = SQL_TRUE;
        }
    }
}

void aldb_functions_fill(SQLUSMALLINT id, SQLUSMALLINT *out)
{
    if (id == SQL_API_ODBC3_ALL_FUNCTIONS) {
        fill_bitmap(out);
    } else if (id == SQL_API_ALL_FUNCTIONS) {
        fill_array(out);
    } else {
        *out = aldb_function_supported(id) ? SQL_TRUE : SQL_FALSE;
    }
}
