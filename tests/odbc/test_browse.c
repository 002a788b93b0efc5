/* SPDX-License-Identifier: Apache-2.0 */
/* SQLBrowseConnect: what is asked for and when, how it ends, and how to get out of it. */
#include "harness.h"

#include <stdlib.h>

static SQLHDBC dbc;
static char out[2048];
static SQLSMALLINT length;

/* One step with these keywords, $FACTS replaced; the answer goes to `out` and `length`. */
static SQLRETURN step(const char *keywords)
{
    char in[1024];
    snprintf(in, sizeof in, "%s", connstr("DSN=;%s", keywords) + strlen("DSN=;"));
    memset(out, '#', sizeof out);
    out[0] = '\0';
    length = -9;
    SQLRETURN rc = SQLBrowseConnect(dbc, T(in), SQL_NTS, (SQLCHAR *)out, sizeof out, &length);
    if (rc == SQL_NEED_DATA || SQL_SUCCEEDED(rc)) {
        CHECK_INT(length, strlen(out));
    }
    return rc;
}

#define ASKS(keywords, wanted)                                \
    do {                                                      \
        CHECK_RC(dbc, step(keywords), SQL_NEED_DATA);         \
        CHECK_TEXT(out, wanted);                              \
    } while (0)

static void works(void)
{
    SQLHSTMT stmt = new_stmt(dbc);
    CHECK_INT(query_int(stmt, "select 42"), 42);
    free_stmt(stmt);
    CHECK_OK(dbc, SQLDisconnect(dbc));
}

static void level_by_level(void)
{
    ASKS("DRIVER=AlloyDB", "SERVER:Server=?;*PORT:Port=?;*DATABASE:Database=?;UID:User=?;*PWD:Password=?");
    ASKS("SERVER=$HOST", "*PORT:Port=?;*DATABASE:Database=?;UID:User=?;*PWD:Password=?");
    ASKS("PORT=$PORT", "*DATABASE:Database=?;UID:User=?;*PWD:Password=?");
    ASKS("DATABASE=$DATABASE", "UID:User=?;*PWD:Password=?");
    /* Nothing new: the same question. */
    ASKS("", "UID:User=?;*PWD:Password=?");
    ASKS(";", "UID:User=?;*PWD:Password=?");
    /* Now the server wants a password, so that it is no longer a matter of taste. */
    ASKS("UID=$USER", "PWD:Password=?");
    ASKS("", "PWD:Password=?");
    CHECK_OK(dbc, step("PWD=$PASSWORD"));
    CHECK_TEXT(out, connstr("DRIVER=AlloyDB;SERVER=$HOST;PORT=$PORT;DATABASE=$DATABASE;UID=$USER;PWD=$PASSWORD"));
    CHECK_STATE(dbc, step(""), "08002");
    works();
    /* The string that came out is one for SQLDriverConnect. */
    CHECK_OK(dbc, try_connect(dbc, connstr("DRIVER=AlloyDB;SERVER=$HOST;PORT=$PORT;DATABASE=$DATABASE;UID=$USER;PWD=$PASSWORD")));
    works();
}

static void at_once(void)
{
    CHECK_OK(dbc, step("DSN=$DSN"));
    CHECK_TEXT(out, connstr("DSN=$DSN"));
    CHECK(strstr(out, fact("PASSWORD")) == NULL);
    works();
    /* Who needs no password is not asked for one. */
    CHECK_OK(dbc, step("DRIVER=AlloyDB;SERVER=$HOST;PORT=$PORT;DATABASE=$DATABASE;UID=aldb_trust"));
    works();
    ASKS("DRIVER=AlloyDB;SERVER=$HOST;PORT=$PORT;DATABASE=$DATABASE;UID=aldb_md5", "PWD:Password=?");
    CHECK_OK(dbc, step("PWD=$PASSWORD"));
    works();
    /* Nor who lacks something else: credentials that are not there. */
    CHECK_STATE(dbc, step("DRIVER=AlloyDB;SERVER=$HOST;PORT=$PORT;DATABASE=$DATABASE;UID=$USER;EnableIamAuth=1;CredentialsFile=/none"), "28000");
    CHECK_STATE(dbc, step("DRIVER=AlloyDB;InstanceUri=projects/p/locations/r/clusters/c/instances/i;UID=$USER;DATABASE=$DATABASE;CredentialsFile=/none"), "28000");
    /* What the environment knows is not asked for either. */
    setenv("PGHOST", fact("HOST"), 1);
    setenv("PGUSER", "aldb_trust", 1);
    CHECK_OK(dbc, step("DRIVER=AlloyDB;PORT=$PORT;DATABASE=$DATABASE"));
    unsetenv("PGHOST");
    unsetenv("PGUSER");
    works();
}

/* An error ends it, and so does SQLDisconnect; then everything is as before. */
static void ends(void)
{
    static const char whole[] = "DRIVER=AlloyDB;SERVER=$HOST;PORT=$PORT;DATABASE=$DATABASE;UID=$USER";
    ASKS(whole, "PWD:Password=?");
    CHECK_STATE(dbc, step("PWD=wrong"), "28000");
    CHECK_INT(SQLDisconnect(dbc), SQL_ERROR);
    ASKS(whole, "PWD:Password=?");
    CHECK_STATE(dbc, step("PWD={x"), "HY000");
    CHECK_INT(SQLDisconnect(dbc), SQL_ERROR);
    ASKS("DRIVER=AlloyDB", "SERVER:Server=?;*PORT:Port=?;*DATABASE:Database=?;UID:User=?;*PWD:Password=?");
    CHECK_STATE(dbc, step("PORT=x"), "HY024");
    CHECK_INT(SQLDisconnect(dbc), SQL_ERROR);
    ASKS("DRIVER=AlloyDB;SERVER=$HOST", "*PORT:Port=?;*DATABASE:Database=?;UID:User=?;*PWD:Password=?");
    CHECK_OK(dbc, SQLDisconnect(dbc));
    /* Nothing of the last time is remembered. */
    ASKS("DRIVER=AlloyDB", "SERVER:Server=?;*PORT:Port=?;*DATABASE:Database=?;UID:User=?;*PWD:Password=?");
    SQLHSTMT stmt = NULL;
    CHECK_STATE(dbc, SQLAllocHandle(SQL_HANDLE_STMT, dbc, &stmt), "08003");
    CHECK_STATE(dbc, try_connect(dbc, connstr(";")), "08002");
    CHECK_OK(dbc, SQLDisconnect(dbc));
    CHECK_OK(dbc, try_connect(dbc, connstr(";")));
    works();
    CHECK_STATE(dbc, step("UID=x"), "IM002"); /* the driver manager has to know whom to ask */
}

static void warnings_and_room(void)
{
    CHECK_RC(dbc, step("DRIVER=AlloyDB;Sevrer=x"), SQL_NEED_DATA);
    CHECK_TEXT(diag_state(dbc, 1), "01S00");
    CHECK_CONTAINS(diag_message(dbc, 1), "did you mean Server?");
    CHECK_OK(dbc, SQLDisconnect(dbc));

    /* Too small a buffer: cut, said, with the whole length; the browsing goes on. */
    char little[10];
    memset(little, '#', sizeof little);
    CHECK_RC(dbc, SQLBrowseConnect(dbc, T("DRIVER=AlloyDB"), SQL_NTS, (SQLCHAR *)little, sizeof little, &length), SQL_NEED_DATA);
    CHECK_TEXT(little, "SERVER:Se");
    CHECK_INT(length, 76);
    CHECK_TEXT(diag_state(dbc, 1), "01004");
    CHECK_RC(dbc, SQLBrowseConnect(dbc, T(""), SQL_NTS, NULL, 0, &length), SQL_NEED_DATA);
    CHECK_INT(length, 76);
    CHECK_RC(dbc, SQLBrowseConnect(dbc, T(""), SQL_NTS, (SQLCHAR *)little, 0, NULL), SQL_NEED_DATA);

    /* Wide, in characters. */
    SQLWCHAR units[200];
    CHECK_RC(dbc, SQLBrowseConnectW(dbc, wide(";"), SQL_NTS, units, 10, &length), SQL_NEED_DATA);
    CHECK_TEXT(narrow(units), "SERVER:Se");
    CHECK_INT(length, 76);
    const char *rest = connstr("DSN=;SERVER=$HOST;PORT=$PORT;DATABASE=$DATABASE;UID=aldb_trust;ApplicationName=é😀") + strlen("DSN=;");
    CHECK_OK(dbc, SQLBrowseConnectW(dbc, wide(rest), SQL_NTS, units, COUNT(units), &length));
    CHECK_CONTAINS(narrow(units), "ApplicationName=é😀");
    size_t n = 0;
    while (units[n]) {
        n++;
    }
    CHECK_INT(length, n);
    works();
}

static void connected(void (*test)(void))
{
    struct link l = link_new(SQL_OV_ODBC3_80);
    dbc = l.dbc;
    test();
    link_close(&l);
}

static void test_levels(void)
{
    connected(level_by_level);
}
static void test_at_once(void)
{
    connected(at_once);
}
static void test_ends(void)
{
    connected(ends);
}
static void test_warnings(void)
{
    connected(warnings_and_room);
}

int main(void)
{
    static const struct test tests[] = {
        {"level by level", test_levels},
        {"at once", test_at_once},
        {"how it ends", test_ends},
        {"warnings and room", test_warnings},
    };
    return run_tests("SQLBrowseConnect", tests, COUNT(tests));
}
