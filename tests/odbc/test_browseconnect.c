/* SPDX-License-Identifier: Apache-2.0 */
/* SQLBrowseConnect: asks until it knows enough, then connects. */
#include "direct.h"

static SQLRETURN browse(SQLHDBC dbc, const char *text, char *out, size_t room, SQLSMALLINT *length)
{
    return SQLBrowseConnect(dbc, T(text), SQL_NTS, T(out), (SQLSMALLINT)room, length);
}

static void steps(void)
{
    struct link l = link_new(SQL_OV_ODBC3_80);
    char out[1024] = "";
    char small[16] = "";
    char rest[512];
    SQLSMALLINT length = 0;
    SQLSMALLINT full = 0;
    CHECK_RC(l.dbc, browse(l.dbc, "DRIVER=AlloyDB", out, sizeof out, &length), SQL_NEED_DATA);
    CHECK_INT(length, strlen(out));
    CHECK_CONTAINS(out, "UID:");
    CHECK_CONTAINS(out, "=?");
    full = length;

    /* A short buffer says so and has the full length; asking again for nothing changes nothing. */
    CHECK_RC(l.dbc, browse(l.dbc, "", small, sizeof small, &length), SQL_NEED_DATA);
    CHECK(diag_has(l.dbc, "01004"));
    CHECK_INT(length, full);
    CHECK_INT(strlen(small), sizeof small - 1);
    CHECK(strncmp(small, out, sizeof small - 1) == 0);
    CHECK_RC(l.dbc, SQLBrowseConnect(l.dbc, T(""), SQL_NTS, NULL, 0, &length), SQL_NEED_DATA);
    CHECK_INT(length, full);

    /* Some of it, then the rest. */
    snprintf(rest, sizeof rest, "SERVER=%s;PORT=%s", fact("HOST"), fact("PORT"));
    CHECK_RC(l.dbc, browse(l.dbc, rest, out, sizeof out, &length), SQL_NEED_DATA);
    CHECK_CONTAINS(out, "UID:");
    snprintf(rest, sizeof rest, "DATABASE=%s;UID=%s;PWD=%s", fact("DATABASE"), fact("USER"), fact("PASSWORD"));
    CHECK_OK(l.dbc, browse(l.dbc, rest, out, sizeof out, &length));
    CHECK_INT(length, strlen(out));
    CHECK_CONTAINS(out, fact("USER"));
    l.stmt = new_stmt(l.dbc);
    CHECK_INT(query_int(l.stmt, "select 1"), 1);
    CHECK_STATE(l.dbc, browse(l.dbc, "DRIVER=AlloyDB", out, sizeof out, &length), "08002");
    free_stmt(l.stmt);
    l.stmt = SQL_NULL_HSTMT;
    CHECK_OK(l.dbc, SQLDisconnect(l.dbc));

    /* What was typed comes back as a string that connects. */
    CHECK_OK(l.dbc, try_connect(l.dbc, out));
    CHECK_OK(l.dbc, SQLDisconnect(l.dbc));
    link_close(&l);
}

/* SQLDisconnect ends it, and a wrong answer can be corrected. */
static void given_up(void)
{
    struct link l = link_new(SQL_OV_ODBC3_80);
    char out[1024] = "";
    SQLSMALLINT length = 0;
    CHECK_RC(l.dbc, browse(l.dbc, "DRIVER=AlloyDB", out, sizeof out, &length), SQL_NEED_DATA);
    CHECK_OK(l.dbc, SQLDisconnect(l.dbc));
    CHECK_STATE(l.dbc, browse(l.dbc, connstr("PWD=wrong"), out, sizeof out, &length), "28000");
    CHECK_OK(l.dbc, browse(l.dbc, connstr(";"), out, sizeof out, &length)); /* all at once */
    CHECK_OK(l.dbc, SQLDisconnect(l.dbc));
    link_close(&l);

    struct link d = direct_open(SQL_OV_ODBC3_80, false);
    SQLCHAR text[8];
    DIRECT_STATE(SQL_HANDLE_DBC, d.dbc, DIRECT(SQLBrowseConnect)(d.dbc, T("DRIVER=AlloyDB"), -5, NULL, 0, NULL), "HY090");
    DIRECT_STATE(SQL_HANDLE_DBC, d.dbc, DIRECT(SQLBrowseConnect)(d.dbc, T("DRIVER=AlloyDB"), SQL_NTS, text, -1, NULL), "HY090");
    DIRECT_STATE(SQL_HANDLE_DBC, d.dbc, DIRECT(SQLBrowseConnect)(d.dbc, T("DRIVER=AlloyDB;PWD={x"), SQL_NTS, text, sizeof text, NULL), "HY000");
    CHECK_INT(DIRECT(SQLBrowseConnect)(d.dbc, T("DRIVER=AlloyDB"), SQL_NTS, NULL, 0, NULL), SQL_NEED_DATA);
    DIRECT_STATE(SQL_HANDLE_DBC, d.dbc, DIRECT(SQLAllocHandle)(SQL_HANDLE_STMT, d.dbc, &d.stmt), "08003");
    CHECK_INT(DIRECT(SQLDisconnect)(d.dbc), SQL_SUCCESS);
    direct_close(&d);
}

int main(void)
{
    static const struct test tests[] = {{"step by step", steps}, {"given up", given_up}};
    return run_tests("SQLBrowseConnect", tests, COUNT(tests));
}
