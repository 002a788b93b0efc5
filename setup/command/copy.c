/* SPDX-License-Identifier: Apache-2.0 */
#include "setup/command/copy.h"

#include <stdio.h>
#include <string.h>

#include "base/utf.h"
#include "setup/command/interrupt.h"
#include "setup/command/progress.h"
#include "setup/command/rows.h"
#include "setup/command/terminal.h"

#define NAME_SHOWN 200 /* bytes of one in a message */

/* ------------------------------------------------------------------ flags */

/* One byte, as COPY wants them; a tab may be written as a word. */
static int character_of(const struct aldb_arguments *a, const char *flag, char fallback, char *out)
{
    const char *text = aldb_flag_value(a, flag);
    *out = fallback;
    if (text == NULL) {
        return ALDB_EXIT_GOOD;
    }
    bool tab = strcmp(text, "\\t") == 0 || strcmp(text, "tab") == 0;
    if (!tab && (text[0] == '\0' || text[1] != '\0' || text[0] == '\n' || text[0] == '\r')) {
        return aldb_usage_error(a->command, "--%s %s: a single ASCII character is wanted, or tab", flag, text);
    }
    *out = tab ? '\t' : text[0];
    return ALDB_EXIT_GOOD;
}

static int names_of(const struct aldb_arguments *a, const char *text, char separator, struct aldb_names *out)
{
    const char *why = aldb_names_parse(out, text, separator);
    if (why == aldb_names_no_memory) {
        return aldb_failed_no_memory();
    }
    return why != NULL ? aldb_usage_error(a->command, "%s: %s", text, why) : ALDB_EXIT_GOOD;
}

static int read_flags(struct aldb_copy *k)
{
    const struct aldb_arguments *a = k->a;
    const char *format = aldb_flag_value(a, "format");
    k->csv = format == NULL || strcmp(format, "csv") == 0;
    k->quiet = aldb_flag_given(a, "quiet");
    k->header = aldb_flag_given(a, "header") || (k->csv && !aldb_flag_given(a, "no-header"));
    k->null = aldb_flag_value(a, "null");
    k->encoding = aldb_flag_value(a, "encoding");
    if (aldb_flag_given(a, "header") && aldb_flag_given(a, "no-header")) {
        return aldb_usage_error(a->command, "--header and --no-header exclude each other");
    }
    if (!k->csv && (aldb_flag_given(a, "quote") || aldb_flag_given(a, "escape"))) {
        return aldb_usage_error(a->command, "--quote and --escape belong to --format csv");
    }
    int status = character_of(a, "delimiter", k->csv ? ',' : '\t', &k->delimiter);
    status = status == ALDB_EXIT_GOOD ? character_of(a, "quote", '"', &k->quote) : status;
    return status == ALDB_EXIT_GOOD ? character_of(a, "escape", k->quote, &k->escape) : status;
}

int aldb_copy_open(struct aldb_copy *k, const struct aldb_arguments *a, const char *table)
{
    *k = (struct aldb_copy){.a = a};
    int status = read_flags(k);
    if (status == ALDB_EXIT_GOOD && table != NULL) {
        status = names_of(a, table, '.', &k->table);
    }
    if (status == ALDB_EXIT_GOOD && k->table.count > 2) {
        status = aldb_usage_error(a->command, "%s: a table is written as NAME or SCHEMA.NAME", table);
    }
    const char *columns = aldb_flag_value(a, "columns");
    return status == ALDB_EXIT_GOOD && columns != NULL ? names_of(a, columns, ',', &k->columns) : status;
}

/* ------------------------------------------------------------------ the connection */

bool aldb_copy_connect(struct aldb_copy *k)
{
    struct aldb_buf password;
    aldb_buf_init(&password, ALDB_MAX_CONNSTR);
    (void)setvbuf(stdin, NULL, _IONBF, 0); /* behind the password the rows may come */
    bool good = aldb_password_asked(k->a, &password) && aldb_connect(&k->c, k->a->at[0], aldb_buf_cstr(&password));
    aldb_buf_wipe(&password);
    if (good && !SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_STMT, k->c.dbc, &k->stmt))) {
        aldb_print_diagnostics(SQL_HANDLE_DBC, k->c.dbc);
        good = false;
    }
    k->begun = good;
    if (good && aldb_interrupt_begin()) {
        aldb_interrupt_watch(k->stmt);
        return true;
    }
    return false;
}

void aldb_copy_close(struct aldb_copy *k)
{
    aldb_progress_end();
    aldb_interrupt_watch(SQL_NULL_HSTMT);
    aldb_interrupt_end();
    if (k->begun) {
        (void)SQLFreeHandle(SQL_HANDLE_STMT, k->stmt);
    }
    aldb_disconnect(&k->c);
    aldb_names_clear(&k->table);
    aldb_names_clear(&k->columns);
    aldb_names_clear(&k->there);
}

void aldb_copy_complain(struct aldb_copy *k)
{
    if (!aldb_interrupted()) {
        aldb_rows_tell(k->stmt);
    }
}

bool aldb_copy_execute(struct aldb_copy *k, const char *sql)
{
    SQLRETURN rc = aldb_execute(k->stmt, sql);
    while (SQL_SUCCEEDED(rc)) {
        if (rc == SQL_SUCCESS_WITH_INFO && !k->quiet) {
            aldb_rows_tell(k->stmt);
        }
        rc = SQLMoreResults(k->stmt);
    }
    bool good = rc == SQL_NO_DATA;
    if (rc == SQL_NEED_DATA) {
        (void)SQLCancel(k->stmt);
        (void)aldb_failed("COPY … FROM STDIN has no data here");
    } else if (!good) {
        aldb_copy_complain(k);
    }
    (void)SQLFreeStmt(k->stmt, SQL_CLOSE);
    return good && !aldb_interrupted();
}

/* ------------------------------------------------------------------ the table */

void aldb_copy_add_table(const struct aldb_copy *k, struct aldb_buf *out)
{
    for (size_t i = 0; i < k->table.count; i++) {
        const char *name = k->table.at[i];
        bool simple = strspn(name, "abcdefghijklmnopqrstuvwxyz_") > 0 && strspn(name, "abcdefghijklmnopqrstuvwxyz_0123456789$") == strlen(name);
        aldb_buf_add_str(out, i > 0 ? "." : "");
        if (simple) {
            aldb_buf_add_str(out, name);
        } else {
            aldb_add_name(out, name);
        }
    }
}

/* A name of which nobody knows where it comes from, as one line of moderate length. */
static void add_shown(struct aldb_buf *out, const char *name)
{
    size_t length = strlen(name), shown = length <= NAME_SHOWN ? length : aldb_utf8_floor(name, length, NAME_SHOWN);
    for (size_t i = 0; i < shown; i++) {
        unsigned char c = (unsigned char)name[i];
        if (c < ' ' || c == 0x7F) {
            aldb_buf_addf(out, "\\x%02x", c);
        } else {
            aldb_buf_add_char(out, name[i]);
        }
    }
    aldb_buf_add_str(out, shown < length ? "…" : "");
}

void aldb_copy_refuse_column(const struct aldb_copy *k, const char *where, const char *name)
{
    struct aldb_buf text;
    aldb_buf_init(&text, ALDB_MAX_MESSAGE);
    aldb_buf_addf(&text, "%s: There is no column \"", where);
    add_shown(&text, name);
    aldb_buf_add_str(&text, "\" to be filled in ");
    aldb_copy_add_table(k, &text);
    aldb_buf_add_str(&text, ". There are: ");
    aldb_add_names(&text, &k->there, ", ");
    (void)aldb_failed("%s", aldb_buf_cstr(&text));
    aldb_buf_clear(&text);
}

/* Its kind with the first row, and a column with each. */
static bool read_table(struct aldb_copy *k)
{
    struct aldb_rows rows;
    SQLRETURN rc;
    bool good = true;
    if (!aldb_rows_open(&rows, k->stmt, false)) {
        return false;
    }
    while (good && (rc = aldb_rows_next(&rows, true)) == SQL_SUCCESS) {
        const struct aldb_slice *v = rows.values;
        k->stored = v[0].ptr[0] == 't';
        good = v[1].ptr == NULL || aldb_names_add(&k->there, v[1].ptr, v[1].len) || (aldb_failed_no_memory(), false);
    }
    if (good && rc == SQL_ERROR) {
        aldb_copy_complain(k);
        good = false;
    }
    aldb_rows_close(&rows);
    return good;
}

bool aldb_copy_look(struct aldb_copy *k)
{
    static const char sql[] =
        "SELECT c.relkind = 'r' AND NOT c.relhassubclass, a.attname FROM pg_catalog.pg_class AS c LEFT JOIN pg_catalog.pg_attribute AS a"
        " ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' WHERE c.oid = CAST(? AS pg_catalog.regclass) ORDER BY a.attnum";
    struct aldb_buf name;
    SQLLEN length = SQL_NTS;
    aldb_buf_init(&name, ALDB_MAX_NAME * 2);
    aldb_add_names(&name, &k->table, ".");
    bool good = aldb_buf_ok(&name) || (aldb_failed_no_memory(), false);
    if (good) {
        SQLRETURN rc = SQLBindParameter(k->stmt, 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, name.len, 0, name.data, (SQLLEN)name.len + 1, &length);
        rc = SQL_SUCCEEDED(rc) ? SQLExecDirect(k->stmt, (SQLCHAR *)(uintptr_t)sql, SQL_NTS) : rc;
        good = SQL_SUCCEEDED(rc) || (aldb_copy_complain(k), false);
    }
    good = good && read_table(k);
    (void)SQLFreeStmt(k->stmt, SQL_CLOSE);
    (void)SQLFreeStmt(k->stmt, SQL_RESET_PARAMS);
    aldb_buf_clear(&name);
    for (size_t i = 0; good && i < k->columns.count; i++) {
        if (!aldb_names_has(&k->there, k->columns.at[i])) {
            aldb_copy_refuse_column(k, "--columns", k->columns.at[i]);
            good = false;
        }
    }
    return good && !aldb_interrupted();
}

/* ------------------------------------------------------------------ COPY's options */

static void add_character(struct aldb_buf *out, const char *option, char c)
{
    const char text[] = {c, '\0'};
    aldb_buf_addf(out, ", %s ", option);
    aldb_add_literal(out, text);
}

void aldb_copy_add_options(const struct aldb_copy *k, struct aldb_buf *out, const char *more)
{
    aldb_buf_addf(out, " WITH (FORMAT %s", k->csv ? "csv" : "text");
    add_character(out, "DELIMITER", k->delimiter);
    if (k->csv) {
        add_character(out, "QUOTE", k->quote);
        add_character(out, "ESCAPE", k->escape);
    }
    if (k->header) {
        aldb_buf_add_str(out, ", HEADER true");
    }
    if (k->null != NULL) {
        aldb_buf_add_str(out, ", NULL ");
        aldb_add_literal(out, k->null);
    }
    if (k->encoding != NULL) {
        aldb_buf_add_str(out, ", ENCODING ");
        aldb_add_literal(out, k->encoding);
    }
    aldb_buf_addf(out, "%s)", more);
}
