/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a whole result as applications do.
 * Usage: odbc_fetch bound|wide|getdata|first CONNECTION-STRING QUERY [ROWS-AT-A-TIME TEXT-BYTES]
 * bound: every column bound to its natural C type, a thousand rows at a time; wide: every column as SQL_C_WCHAR; getdata: a row at a time, SQLGetData for each cell;
 * first: one row, as bound.
 * Prints one line: as usage.h says; the time is that from SQLExecDirect to the end of data. The check sum adds up lengths; with BENCH_VALUES in the environment
 * it is that of values.h, which takes its time.
 */
#include <stdbool.h>

#include "odbc.h"
#include "usage.h"
#include "values.h"

enum mode { BOUND, WIDE, GETDATA, FIRST };

static struct values values;
static bool of_values;

static void add_wide(enum value_kind kind, const SQLWCHAR *units, size_t count)
{
    char utf8[1024];
    size_t len = 0;
    for (size_t i = 0; i < count && len + 4 < sizeof utf8; i++) {
        uint32_t c = units[i];
        if (c >= 0xd800 && c < 0xdc00 && i + 1 < count) {
            c = 0x10000 + ((c - 0xd800) << 10) + (units[++i] - 0xdc00u);
        }
        int tail = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
        static const unsigned char heads[] = {0, 0xc0, 0xe0, 0xf0};
        utf8[len++] = (char)(heads[tail] | (c >> (6 * tail)));
        while (tail-- > 0) {
            utf8[len++] = (char)(0x80 | ((c >> (6 * tail)) & 0x3f));
        }
    }
    value_text(&values, kind, utf8, len);
}

static enum value_kind kind_of(SQLSMALLINT sql_type)
{
    switch (sql_type) {
    case SQL_BIT:
        return VALUE_BOOL;
    case SQL_REAL:
    case SQL_FLOAT:
    case SQL_DOUBLE:
        return VALUE_REAL;
    case SQL_TYPE_DATE:
    case SQL_TYPE_TIMESTAMP:
        return VALUE_MOMENT;
    default:
        return VALUE_TEXT;
    }
}

static void add_integer(long long n)
{
    char text[24];
    value_bytes(&values, text, (size_t)snprintf(text, sizeof text, "%lld", n));
}

static void add_value(const struct column *c, const void *value, SQLLEN length)
{
    if (length == SQL_NULL_DATA) {
        value_null(&values);
        return;
    }
    switch (c->c_type) {
    case SQL_C_CHAR:
        value_text(&values, kind_of(c->sql_type), value, (size_t)length);
        break;
    case SQL_C_WCHAR:
        add_wide(kind_of(c->sql_type), value, (size_t)length / sizeof(SQLWCHAR));
        break;
    case SQL_C_BIT:
        value_bytes(&values, *(const unsigned char *)value ? "1" : "0", 1);
        break;
    case SQL_C_SSHORT:
        add_integer(*(const SQLSMALLINT *)value);
        break;
    case SQL_C_SLONG:
        add_integer(*(const SQLINTEGER *)value);
        break;
    case SQL_C_SBIGINT:
        add_integer(*(const SQLBIGINT *)value);
        break;
    case SQL_C_FLOAT:
        value_real(&values, *(const SQLREAL *)value);
        break;
    case SQL_C_DOUBLE:
        value_real(&values, *(const SQLDOUBLE *)value);
        break;
    case SQL_C_TYPE_DATE: {
        const SQL_DATE_STRUCT *d = value;
        value_moment(&values, d->year, d->month, d->day, NULL, 0);
        break;
    }
    case SQL_C_TYPE_TIMESTAMP: {
        const SQL_TIMESTAMP_STRUCT *t = value;
        value_moment(&values, t->year, t->month, t->day, (int[]){t->hour, t->minute, t->second}, (long)t->fraction);
        break;
    }
    default:
        fprintf(stderr, "no check sum for C type %d\n", c->c_type);
        exit(EXIT_FAILURE);
    }
}

static uint64_t add_block(const struct column *columns, SQLSMALLINT count, size_t rows)
{
    for (size_t r = 0; of_values && r < rows; r++) {
        for (SQLSMALLINT i = 0; i < count; i++) {
            add_value(&columns[i], columns[i].values + r * (size_t)columns[i].width, columns[i].lengths[r]);
        }
        value_row(&values);
    }
    return sum_lengths(columns, count, rows);
}

static uint64_t get_cells(SQLHSTMT stmt, struct column *columns, SQLSMALLINT count)
{
    for (SQLSMALLINT i = 0; i < count; i++) {
        struct column *c = &columns[i];
        SQLRETURN rc = SQLGetData(stmt, (SQLUSMALLINT)(i + 1), c->c_type, c->values, c->width, c->lengths);
        must(SQL_HANDLE_STMT, stmt, rc == SQL_SUCCESS ? rc : SQL_ERROR, "SQLGetData");
    }
    return add_block(columns, count, 1);
}

int main(int argc, char **argv)
{
    static const char *const modes[] = {"bound", "wide", "getdata", "first"};
    size_t mode = 0;
    while (argc > 1 && mode < sizeof modes / sizeof modes[0] && strcmp(argv[1], modes[mode]) != 0) {
        mode++;
    }
    if ((argc != 4 && argc != 6) || mode == sizeof modes / sizeof modes[0]) {
        fprintf(stderr, "usage: %s bound|wide|getdata|first CONNECTION-STRING QUERY [ROWS-AT-A-TIME TEXT-BYTES]\n", argv[0]);
        return EXIT_FAILURE;
    }
    size_t block = argc == 6 ? strtoul(argv[4], NULL, 10) : mode == GETDATA || mode == FIRST ? 1 : 1000;
    SQLLEN text_size = argc == 6 ? strtol(argv[5], NULL, 10) : 64;
    of_values = getenv("BENCH_VALUES") != NULL;
    values = values_new();
    SQLHENV env = new_env();
    SQLHDBC dbc = open_connection(env, argv[2]);
    SQLHSTMT stmt;
    must(SQL_HANDLE_DBC, dbc, SQLAllocHandle(SQL_HANDLE_STMT, dbc, &stmt), "SQLAllocHandle");

    struct usage start = usage_now();
    SQLULEN fetched = 0;
    must(SQL_HANDLE_STMT, stmt, SQLSetStmtAttr(stmt, SQL_ATTR_ROW_ARRAY_SIZE, (SQLPOINTER)(uintptr_t)block, 0), "SQLSetStmtAttr");
    must(SQL_HANDLE_STMT, stmt, SQLSetStmtAttr(stmt, SQL_ATTR_ROWS_FETCHED_PTR, &fetched, 0), "SQLSetStmtAttr");
    must(SQL_HANDLE_STMT, stmt, SQLExecDirect(stmt, (SQLCHAR *)argv[3], SQL_NTS), "SQLExecDirect");
    struct column columns[COLUMNS_MAX];
    SQLSMALLINT count = make_columns(stmt, columns, block, text_size, mode == WIDE);
    if (mode != GETDATA) {
        bind_columns(stmt, columns, count);
    }

    uint64_t rows = 0;
    uint64_t bytes = 0;
    SQLRETURN rc;
    while ((rc = SQLFetch(stmt)) != SQL_NO_DATA) {
        /* SUCCESS_WITH_INFO would mean that something was cut. */
        must(SQL_HANDLE_STMT, stmt, rc == SQL_SUCCESS ? rc : SQL_ERROR, "SQLFetch");
        rows += fetched;
        bytes += mode == GETDATA ? get_cells(stmt, columns, count) : add_block(columns, count, fetched);
        if (mode == FIRST) {
            break;
        }
    }
    struct usage took = usage_since(start);
    usage_print(rows, of_values ? values.sum : bytes, took, NULL);

    free_columns(columns, count);
    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
    close_connection(dbc);
    SQLFreeHandle(SQL_HANDLE_ENV, env);
    return EXIT_SUCCESS;
}
