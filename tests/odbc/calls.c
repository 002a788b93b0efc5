/* SPDX-License-Identifier: Apache-2.0 */
#include "calls.h"

#include <stdlib.h>
#include <unistd.h>

struct place places[8];
size_t nplaces;

void bind_places(SQLHSTMT stmt, const char *spec)
{
    char copy[256];
    char *rest = copy;
    snprintf(copy, sizeof copy, "%s", spec);
    CHECK_OK(stmt, SQLFreeStmt(stmt, SQL_RESET_PARAMS));
    nplaces = 0;
    for (char *word = strtok_r(copy, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest)) {
        struct place *p = &places[nplaces++];
        char *equals = strchr(word, '=');
        const char *value = equals ? equals + 1 : "";
        const char *name = word[2] == ':' ? word + 3 : NULL;
        SQLSMALLINT io = word[0] == 'i' ? SQL_PARAM_INPUT : word[0] == 'o' ? SQL_PARAM_OUTPUT : SQL_PARAM_INPUT_OUTPUT;
        *p = (struct place){.direction = word[0], .type = word[1], .number = (SQLINTEGER)strtol(value, NULL, 10)};
        snprintf(p->text, sizeof p->text, "%s", value);
        p->length = strcmp(value, "NULL") == 0 ? SQL_NULL_DATA : strcmp(value, "DEFAULT") == 0 ? SQL_DEFAULT_PARAM : word[1] == 'i' ? 4 : SQL_NTS;
        if (p->type == 'i') {
            CHECK_OK(stmt, SQLBindParameter(stmt, (SQLUSMALLINT)nplaces, io, SQL_C_SLONG, SQL_INTEGER, 0, 0, &p->number, 0, &p->length));
        } else {
            CHECK_OK(stmt, SQLBindParameter(stmt, (SQLUSMALLINT)nplaces, io, SQL_C_CHAR, SQL_VARCHAR, sizeof p->text, 0, p->text, sizeof p->text, &p->length));
        }
        if (name) {
            SQLHDESC ipd = NULL;
            CHECK_OK(stmt, SQLGetStmtAttr(stmt, SQL_ATTR_IMP_PARAM_DESC, &ipd, SQL_IS_POINTER, NULL));
            CHECK_OK(ipd, SQLSetDescField(ipd, (SQLSMALLINT)nplaces, SQL_DESC_NAME, T(name), equals ? (SQLINTEGER)(equals - name) : SQL_NTS));
        }
    }
}

static size_t add_outputs(char *out, size_t used, size_t room)
{
    bool any = false;
    for (size_t i = 0; i < nplaces; i++) {
        const struct place *p = &places[i];
        if (p->direction == 'i') {
            continue;
        }
        used += (size_t)snprintf(out + used, room - used, "%s%zu=", any ? " " : "[", i + 1);
        any = true;
        if (p->length == SQL_NULL_DATA) {
            used += (size_t)snprintf(out + used, room - used, "NULL");
        } else if (p->type == 'i') {
            used += (size_t)snprintf(out + used, room - used, "%d", (int)p->number);
        } else {
            used += (size_t)snprintf(out + used, room - used, "%s", p->text);
        }
    }
    return used + (any ? (size_t)snprintf(out + used, room - used, "]") : 0);
}

/* {names: row row …}, cells with '|' between. */
static size_t add_result(SQLHSTMT stmt, char *out, size_t used, size_t room)
{
    SQLSMALLINT n = 0;
    SQLCHAR cell[64];
    SQLLEN length = 0;
    SQLRETURN rc;
    CHECK_OK(stmt, SQLNumResultCols(stmt, &n));
    used += (size_t)snprintf(out + used, room - used, "{");
    for (SQLUSMALLINT i = 1; i <= n; i++) {
        CHECK_OK(stmt, SQLDescribeCol(stmt, i, cell, sizeof cell, NULL, NULL, NULL, NULL, NULL));
        used += (size_t)snprintf(out + used, room - used, "%s%s", i > 1 ? "|" : "", (char *)cell);
    }
    used += n > 0 ? (size_t)snprintf(out + used, room - used, ":") : 0;
    while (n > 0 && (rc = SQLFetch(stmt)) != SQL_NO_DATA) {
        if (!SQL_SUCCEEDED(rc)) {
            return used + (size_t)snprintf(out + used, room - used, " !%s}", diag_state(stmt, 1));
        }
        for (SQLUSMALLINT i = 1; i <= n; i++) {
            CHECK_OK(stmt, SQLGetData(stmt, i, SQL_C_CHAR, cell, sizeof cell, &length));
            used += (size_t)snprintf(out + used, room - used, "%s%s", i > 1 ? "|" : " ", length == SQL_NULL_DATA ? "~" : (char *)cell);
        }
    }
    return used + (size_t)snprintf(out + used, room - used, "}");
}

const char *outcome(SQLHSTMT stmt, SQLRETURN rc)
{
    static char out[2048];
    size_t used = 0;
    out[0] = '\0';
    if (!SQL_SUCCEEDED(rc)) {
        snprintf(out, sizeof out, "!%s", diag_state(stmt, 1));
        return out;
    }
    if (rc == SQL_SUCCESS_WITH_INFO) {
        used += (size_t)snprintf(out, sizeof out, "+%s ", diag_state(stmt, 1));
    }
    used = add_outputs(out, used, sizeof out);
    do {
        used = add_result(stmt, out, used, sizeof out);
        rc = SQLMoreResults(stmt);
    } while (SQL_SUCCEEDED(rc));
    CHECK_RC(stmt, rc, SQL_NO_DATA);
    return out;
}

const char *call(SQLHSTMT stmt, const char *sql, const char *spec)
{
    bind_places(stmt, spec);
    return outcome(stmt, exec_direct(stmt, sql));
}

void examples(struct link *l, const struct example *all, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bool good = check_text(call(l->stmt, all[i].sql, all[i].spec), all[i].wanted, all[i].sql, __FILE__, __LINE__);
        SQLHSTMT stmt = new_stmt(l->dbc);
        for (int round = 0; good && round < 2; round++) {
            bind_places(stmt, all[i].spec);
            SQLRETURN rc = round == 0 ? SQLPrepare(stmt, T(all[i].sql), SQL_NTS) : SQL_SUCCESS;
            good = check_text(outcome(stmt, SQL_SUCCEEDED(rc) ? SQLExecute(stmt) : rc), all[i].wanted, all[i].sql, __FILE__, __LINE__) && SQL_SUCCEEDED(rc);
        }
        free_stmt(stmt);
    }
}

static char log_path[64];

const char *log_begin(const char *name)
{
    static char keywords[256];
    snprintf(log_path, sizeof log_path, "/tmp/alloydb_%s_%d.log", name, (int)getpid());
    snprintf(keywords, sizeof keywords, "LogLevel=DEBUG;LogComponents=SESSION;LogFile=%s", log_path);
    return keywords;
}

int logged(const char *what)
{
    FILE *f = fopen(log_path, "r");
    char line[4096];
    int n = 0;
    while (f != NULL && fgets(line, sizeof line, f) != NULL) {
        n += strstr(line, what) != NULL;
    }
    if (f != NULL) {
        fclose(f);
    }
    return n;
}

void log_end(void)
{
    unlink(log_path);
}

void examples_asked_once(struct link *l, const struct example *all, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        CHECK_TEXT(call(l->stmt, all[i].sql, all[i].spec), all[i].wanted);
        int described_before = logged("describe");
        int executed_before = logged("execute");
        CHECK(described_before > 0 && executed_before > 0);
        for (int round = 0; round < 3; round++) {
            SQLHSTMT stmt = new_stmt(l->dbc);
            CHECK_TEXT(call(stmt, all[i].sql, all[i].spec), all[i].wanted);
            CHECK_TEXT(call(stmt, all[i].sql, all[i].spec), all[i].wanted);
            free_stmt(stmt);
        }
        CHECK_INT(logged("describe") - described_before, 0);
        CHECK_INT(logged("execute") - executed_before, 6);
    }
}

struct link open_with(const char *keywords, const char *schema)
{
    char text[256];
    struct link l = link_open(keywords);
    snprintf(text, sizeof text, "drop schema if exists %s cascade; create schema %s; set search_path = %s, public", schema, schema, schema);
    run(l.stmt, text);
    return l;
}

void close_with(struct link *l, const char *schema)
{
    char text[128];
    snprintf(text, sizeof text, "drop schema %s cascade", schema);
    set_autocommit(l->dbc, true);
    run(l->stmt, text);
    link_close(l);
}
