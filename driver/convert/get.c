/* SPDX-License-Identifier: Apache-2.0 */
#include "convert/get.h"

#include <string.h>

#include "config/options.h"

void aldb_chunk_init(struct aldb_chunk *c)
{
    memset(c, 0, sizeof *c);
    aldb_buf_init(&c->text, ALDB_MAX_RENDERED);
}

void aldb_chunk_restart(struct aldb_chunk *c)
{
    c->offset = 0;
    c->started = false;
    c->done = false;
    c->units = 0;
    c->low = 0;
    aldb_buf_recycle(&c->text);
}

void aldb_chunk_clear(struct aldb_chunk *c)
{
    aldb_buf_clear(&c->text);
    aldb_chunk_reset(c);
}

/* Codes of ODBC 2 and the integers without a sign in their name -> the ones that the matrix knows. */
static SQLSMALLINT canonical(SQLSMALLINT c_type)
{
    switch (c_type) {
    case SQL_C_TINYINT:
        return SQL_C_STINYINT;
    case SQL_C_SHORT:
        return SQL_C_SSHORT;
    case SQL_C_LONG:
        return SQL_C_SLONG;
    default:
        return aldb_type_from_v2(c_type);
    }
}

/* -1: no C type. */
static int class_of(SQLSMALLINT c_type)
{
    static const struct {
        SQLSMALLINT type;
        enum aldb_c_class class;
    } classes[] = {
        {SQL_C_CHAR, ALDB_CC_CHAR},        {SQL_C_WCHAR, ALDB_CC_WCHAR},
        {SQL_C_BINARY, ALDB_CC_BINARY},    {SQL_C_BIT, ALDB_CC_BIT},
        {SQL_C_STINYINT, ALDB_CC_INTEGER}, {SQL_C_UTINYINT, ALDB_CC_INTEGER},
        {SQL_C_SSHORT, ALDB_CC_INTEGER},   {SQL_C_USHORT, ALDB_CC_INTEGER},
        {SQL_C_SLONG, ALDB_CC_INTEGER},    {SQL_C_ULONG, ALDB_CC_INTEGER},
        {SQL_C_SBIGINT, ALDB_CC_INTEGER},  {SQL_C_UBIGINT, ALDB_CC_INTEGER},
        {SQL_C_FLOAT, ALDB_CC_REAL},       {SQL_C_DOUBLE, ALDB_CC_REAL},
        {SQL_C_NUMERIC, ALDB_CC_NUMERIC},  {SQL_C_TYPE_DATE, ALDB_CC_DATE},
        {SQL_C_TYPE_TIME, ALDB_CC_TIME},   {SQL_C_TYPE_TIMESTAMP, ALDB_CC_TIMESTAMP},
        {SQL_C_GUID, ALDB_CC_GUID},
    };

    if (aldb_interval_fields(c_type) != 0) {
        return ALDB_CC_INTERVAL;
    }
    for (size_t i = 0; i < ALDB_COUNT(classes); i++) {
        if (classes[i].type == c_type) {
            return (int)classes[i].class;
        }
    }
    return -1;
}

static bool is_character(SQLSMALLINT sql_type)
{
    switch (sql_type) {
    case SQL_CHAR:
    case SQL_VARCHAR:
    case SQL_LONGVARCHAR:
    case SQL_WCHAR:
    case SQL_WVARCHAR:
    case SQL_WLONGVARCHAR:
        return true;
    default:
        return false;
    }
}

/* A year-month interval never becomes a day-time one, nor the reverse. */
static bool other_class(const struct aldb_get *g)
{
    return aldb_interval_fields(g->desc.sql_type) != 0 &&
           aldb_interval_fields(g->c_type) != 0 &&
           aldb_interval_is_year_month(g->c_type) !=
               aldb_interval_is_year_month(g->desc.sql_type);
}

/* For callers without a session: ISO, UTC. */
static const struct aldb_locale no_session = {
    .datestyle = 'I', .intervalstyle = 'p', .timestamptz_as = ALDB_TZ_UTC};

enum aldb_state aldb_get_resolve(struct aldb_get *g, const struct aldb_get_spec *spec)
{
    static const struct aldb_type_options plain;

    *g = (struct aldb_get){
        .oid = spec->oid,
        .typmod = spec->typmod,
        .binary = spec->binary,
        .precision = spec->precision,
        .scale = spec->scale,
        .interval_precision = spec->interval_precision,
        .max_length = spec->max_length,
        .locale = spec->locale != NULL ? spec->locale : &no_session,
        .styled = spec->binary ? 0 : aldb_styled_element(spec->oid),
    };
    aldb_type_describe(spec->options != NULL ? spec->options : &plain, spec->oid, spec->typmod,
                       &g->desc);
    g->family = g->desc.family;
    g->as_characters = is_character(g->desc.sql_type);
    g->c_type = canonical(spec->c_type == SQL_C_DEFAULT ? g->desc.default_c_type : spec->c_type);
    int class = class_of(g->c_type);
    if (class < 0) {
        return ALDB_ST_HY003;
    }
    g->fn = aldb_matrix_get[g->as_characters ? ALDB_FAM_TEXT : g->family][class];
    if (g->fn == NULL || other_class(g)) {
        return ALDB_ST_07006;
    }
    for (size_t i = 0; g->binary && i < aldb_get_fast_count; i++) {
        if (aldb_get_fast[i].family == g->family && aldb_get_fast[i].c_type == g->c_type) {
            g->fn = aldb_get_fast[i].fn;
            break;
        }
    }
    return ALDB_ST_NONE;
}
