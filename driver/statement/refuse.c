/* SPDX-License-Identifier: Apache-2.0 */
/* What the application reads when a value could not be converted as it was asked for: what is wrong, and what to do. */
#include "statement/internal.h"

/* Of result columns and output parameters. */
static const struct {
    enum aldb_state state;
    const char *advice;
} advices[] = {
    {ALDB_ST_01004, "the buffer is too short for it; SQLGetData reads it in parts"},
    {ALDB_ST_01S07, "a fraction, a time of day or smaller fields of it were left out"},
    {ALDB_ST_07006, "ODBC has no such conversion; read the value as another C type, or as characters"},
    {ALDB_ST_22002, "the value is NULL, and no StrLen_or_IndPtr was given to say so"},
    {ALDB_ST_22003, "the value does not fit; use a larger C type or a longer buffer"},
    {ALDB_ST_22007, "infinity, years before 1 and beyond 32767, and 24:00:00 have no form in that structure; read the value as characters"},
    {ALDB_ST_22007_ZONE, "the session's TimeZone, or the abbreviation that the server sent, is not known here; with DateStyle ISO the server sends the offset"},
    {ALDB_ST_22015, "the value does not fit these fields, or its first field has more digits than SQL_DESC_DATETIME_INTERVAL_PRECISION says"},
    {ALDB_ST_22018, "the characters are no literal of that type, or cannot be decoded"},
    {ALDB_ST_HY000, "the server sent what no value of the type can be"},
};

enum aldb_rc aldb_conversion_post(struct aldb_diag *diag, enum aldb_state st, const char *what, unsigned number, const char *type, SQLSMALLINT c_type)
{
    if (st == ALDB_ST_HY001) {
        return aldb_diag_post(diag, st, NULL);
    }
    type = type ? type : "unknown";
    const char *advice = "";
    for (size_t i = 0; i < ALDB_COUNT(advices); i++) {
        advice = advices[i].state == st ? advices[i].advice : advice;
    }
    return aldb_diag_post(diag, st, "%s: %s %u of type %s as %s%s%s", aldb_state_text(st), what, number, type, aldb_c_type_name(c_type),
                          advice[0] ? ": " : "", advice);
}
