/* SPDX-License-Identifier: Apache-2.0 */
/* SQLDriverConnect: completion modes, the string that comes out, strings of every length and shape. (Keywords and logins: test_connect.c.) */
#include "direct.h"

#include <stdlib.h>
#include <unistd.h>

static SQLRETURN with(SQLHDBC dbc, SQLHWND window, const char *string, SQLUSMALLINT completion)
{
    SQLRETURN rc = SQLDriverConnect(dbc, window, T(string), SQL_NTS, NULL, 0, NULL, completion);
    if (SQL_SUCCEEDED(rc)) {
        CHECK_OK(dbc, SQLDisconnect(dbc));
    }
    return rc;
}

/* There is no dialog: PROMPT needs everything beforehand, the others whatever is enough to connect. */
static void completion(void)
{
    static const SQLUSMALLINT modes[] = {SQL_DRIVER_NOPROMPT, SQL_DRIVER_COMPLETE, SQL_DRIVER_PROMPT, SQL_DRIVER_COMPLETE_REQUIRED};
    struct link l = link_new(SQL_OV_ODBC3_80);
    int here;
    SQLHWND window = (SQLHWND)&here; /* the driver manager refuses PROMPT without one */
    for (size_t i = 0; i < COUNT(modes); i++) {
        CHECK_OK(l.dbc, with(l.dbc, window, connstr(";"), modes[i]));
        CHECK_OK(l.dbc, with(l.dbc, window, connstr("DRIVER=AlloyDB;Server=$HOST;Port=$PORT;UID=aldb_trust;Database=$DATABASE"), modes[i]));
        CHECK_STATE(l.dbc, with(l.dbc, window, connstr("PWD=wrong"), modes[i]), "28000");
        CHECK_STATE(l.dbc, with(l.dbc, window, connstr("Port=x"), modes[i]), "HY024");
    }
    CHECK_STATE(l.dbc, with(l.dbc, NULL, connstr(";"), SQL_DRIVER_PROMPT), "HY092");
    CHECK_STATE(l.dbc, with(l.dbc, window, "DRIVER=AlloyDB", SQL_DRIVER_PROMPT), "IM008");
    CHECK_CONTAINS(diag_message(l.dbc, 1), "add Server= and UID=");
    CHECK_STATE(l.dbc, with(l.dbc, window, "DRIVER=AlloyDB;UID=u", SQL_DRIVER_PROMPT), "IM008");
    CHECK_CONTAINS(diag_message(l.dbc, 1), "add Server= to");
    CHECK_STATE(l.dbc, with(l.dbc, window, "DRIVER=AlloyDB;Host=h", SQL_DRIVER_PROMPT), "IM008");
    CHECK_CONTAINS(diag_message(l.dbc, 1), "add UID= to");
    /* COMPLETE says what failed, and what could have been asked. */
    CHECK_INT(with(l.dbc, NULL, connstr("DRIVER=AlloyDB;UID=u;Port=$DEAD_PORT"), SQL_DRIVER_COMPLETE), SQL_ERROR);
    CHECK(diag_has(l.dbc, "08001"));
    CHECK(diag_has(l.dbc, "IM008"));
    /* The environment is enough. */
    setenv("PGHOST", fact("HOST"), 1);
    setenv("PGUSER", "aldb_trust", 1);
    for (size_t i = 0; i < COUNT(modes); i++) {
        CHECK_OK(l.dbc, with(l.dbc, window, connstr("DRIVER=AlloyDB;Port=$PORT;Database=$DATABASE"), modes[i]));
    }
    unsetenv("PGHOST");
    unsetenv("PGUSER");
    link_close(&l);

    struct link d = direct_open(SQL_OV_ODBC3_80, false);
    DIRECT_STATE(SQL_HANDLE_DBC, d.dbc, DIRECT(SQLDriverConnect)(d.dbc, NULL, T(connstr(";")), SQL_NTS, NULL, 0, NULL, 4), "HY110");
    DIRECT_STATE(SQL_HANDLE_DBC, d.dbc, DIRECT(SQLDriverConnect)(d.dbc, NULL, T("DRIVER=AlloyDB"), SQL_NTS, NULL, 0, NULL, SQL_DRIVER_PROMPT), "IM008");
    direct_close(&d);
}

/* What stands in the completed string: what the application gave, in its own words, and nothing that came from elsewhere. */
static void completed(void)
{
    static const struct {
        const char *in, *out;
    } rows[] = {
        {"DSN=$DSN", "DSN=$DSN"},
        {"DSN={$DSN}", "DSN=$DSN"},
        {"DSN=$DSN;; User ID = aldb_trust ; ", "DSN=$DSN;User ID=aldb_trust"},
        {"DSN=$DSN;DRIVER=other;UID=aldb_trust;Username=second", "DSN=$DSN;UID=aldb_trust"},
        {"DSN=$DSN;ApplicationName={a;b=c}}d};Description={ x }", "DSN=$DSN;ApplicationName={a;b=c}}d};Description={ x }"},
        {"DSN=$DSN;ApplicationName={plain}", "DSN=$DSN;ApplicationName=plain"},
        {"DSN=$DSN;UID=aldb_md5;PWD=$PASSWORD", "DSN=$DSN;UID=aldb_md5;PWD=$PASSWORD"},
        {"DRIVER={AlloyDB};Host=$HOST;Port=$PORT;DB=$DATABASE;UID=aldb_trust", "DRIVER=AlloyDB;Host=$HOST;Port=$PORT;DB=$DATABASE;UID=aldb_trust"},
    };
    struct link l = link_new(SQL_OV_ODBC3_80);
    for (size_t i = 0; i < COUNT(rows); i++) {
        char in[512];
        char out[512] = "";
        SQLSMALLINT length = 0;
        snprintf(in, sizeof in, "%s", connstr("DSN=;%s", rows[i].in) + strlen("DSN=;"));
        if (check_rc(l.dbc, SQLDriverConnect(l.dbc, NULL, T(in), SQL_NTS, (SQLCHAR *)out, sizeof out, &length, SQL_DRIVER_COMPLETE), SQL_SUCCESS, rows[i].in,
                     __FILE__, __LINE__)) {
            CHECK_TEXT(out, connstr("DSN=;%s", rows[i].out) + strlen("DSN=;"));
            CHECK_OK(l.dbc, SQLDisconnect(l.dbc));
            CHECK_OK(l.dbc, try_connect(l.dbc, out)); /* and connects again */
            CHECK_OK(l.dbc, SQLDisconnect(l.dbc));
        }
    }
    link_close(&l);
}

/* Room for the completed string, byte by byte and unit by unit. */
static void room(void)
{
    struct link d = direct_open(SQL_OV_ODBC3_80, false);
    static const char in[] = "DSN=alloydb_test;UID=aldb_trust;Description=aé😀z";
    static const SQLSMALLINT bytes = 52, units = 49;
    for (SQLSMALLINT size = 0; size <= bytes + 2; size++) {
        unsigned char out[64];
        SQLSMALLINT length = -9;
        memset(out, 0xAA, sizeof out);
        SQLRETURN rc = DIRECT(SQLDriverConnect)(d.dbc, NULL, T(in), SQL_NTS, out, size, &length, SQL_DRIVER_NOPROMPT);
        CHECK_INT(length, bytes);
        CHECK_INT(rc, size > bytes ? SQL_SUCCESS : SQL_SUCCESS_WITH_INFO);
        CHECK_INT(out[size], 0xAA);
        if (size > 0) {
            size_t got = strlen((char *)out);
            CHECK(got < (size_t)size && memcmp(out, in, got) == 0);
            CHECK((in[got] & 0xC0) != 0x80); /* no character is cut in two */
        }
        CHECK_INT(DIRECT(SQLDisconnect)(d.dbc), SQL_SUCCESS);
    }
    SQLWCHAR *win = wide(in);
    for (SQLSMALLINT size = 0; size <= units + 2; size++) {
        SQLWCHAR out[64];
        SQLSMALLINT length = -9;
        memset(out, 0xAA, sizeof out);
        SQLRETURN rc = DIRECT(SQLDriverConnectW)(d.dbc, NULL, win, SQL_NTS, out, size, &length, SQL_DRIVER_NOPROMPT);
        CHECK_INT(length, units);
        CHECK_INT(rc, size > units ? SQL_SUCCESS : SQL_SUCCESS_WITH_INFO);
        CHECK_INT(out[size], 0xAAAA);
        if (size > 0) {
            size_t got = 0;
            while (out[got]) {
                got++;
            }
            CHECK(got < (size_t)size && memcmp(out, win, got * sizeof *out) == 0);
            CHECK((win[got] & 0xFC00) != 0xDC00);
        }
        CHECK_INT(DIRECT(SQLDisconnect)(d.dbc), SQL_SUCCESS);
    }
    CHECK_INT(DIRECT(SQLDriverConnect)(d.dbc, NULL, T(in), SQL_NTS, NULL, 100, NULL, SQL_DRIVER_NOPROMPT), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLDisconnect)(d.dbc), SQL_SUCCESS);
    SQLCHAR any[8];
    DIRECT_STATE(SQL_HANDLE_DBC, d.dbc, DIRECT(SQLDriverConnect)(d.dbc, NULL, T(in), SQL_NTS, any, -1, NULL, SQL_DRIVER_NOPROMPT), "HY090");
    direct_close(&d);
}

static void lengths_of_the_input(void)
{
    struct link d = direct_open(SQL_OV_ODBC3_80, false);
    struct link l = link_new(SQL_OV_ODBC3_80);
    /* Up to the limit of a mebibyte; beyond SQLSMALLINT the length can only say "more than that". */
    static const size_t sizes[] = {100, 4000, 32767, 32768, 65535, 65536, 1048000, 1048577};
    for (size_t i = 0; i < COUNT(sizes); i++) {
        static const char start[] = "DSN=alloydb_test;Description=";
        char *in = malloc(sizes[i] + 1);
        char out[64];
        SQLSMALLINT length = -9;
        memset(in, 'x', sizes[i]);
        memcpy(in, start, strlen(start));
        in[sizes[i]] = '\0';
        SQLRETURN rc = SQLDriverConnect(l.dbc, NULL, T(in), SQL_NTS, (SQLCHAR *)out, sizeof out, &length, SQL_DRIVER_NOPROMPT);
        if (sizes[i] > 1048576) {
            check_state(l.dbc, rc, SQL_ERROR, "HY000", "too long", __FILE__, __LINE__);
            CHECK_CONTAINS(diag_message(l.dbc, 1), "too long");
        } else {
            check_state(l.dbc, rc, SQL_SUCCESS_WITH_INFO, "01004", "cut", __FILE__, __LINE__);
            CHECK_INT(length, sizes[i] > 32767 ? 32767 : sizes[i]);
            CHECK_INT(strlen(out), sizeof out - 1);
            CHECK_OK(l.dbc, SQLDisconnect(l.dbc));
        }
        free(in);
    }
    /* Long values are taken whole. */
    char *in = malloc(40000);
    snprintf(in, 40000, "%s;InitSql={select '", connstr(";"));
    size_t at = strlen(in);
    memset(in + at, 'y', 30000);
    snprintf(in + at + 30000, 100, "'};ApplicationName=after");
    CHECK(SQL_SUCCEEDED(try_connect(l.dbc, in))); /* the driver manager has room for 2 kB of completed string, and lets 01004 through */
    l.stmt = new_stmt(l.dbc);
    CHECK_TEXT(query_text(l.stmt, "show application_name"), "after");
    free(in);

    static const struct {
        const char *in;
        SQLSMALLINT length;
        const char *state; /* NULL: connects */
    } rows[] = {
        {"DSN=alloydb_testXXXX", 16, NULL},
        {"DSN=alloydb_test\0\0", 18, NULL}, /* terminators that were counted */
        {"DSN=alloydb_test\0;UID=x", 23, "HY000"},
        {"DSN=alloydb_test;UID={aldb_test\0}", 33, "HY000"},
        {"DSN=alloydb_test", -5, "HY090"},
        {"DSN=alloydb_test;UID=\xff\xfe", SQL_NTS, "22018"},
        {"DSN=alloydb_test;UID=\xed\xa0\x80", SQL_NTS, "22018"}, /* a surrogate */
        {"DSN=alloydb_test;UID=\xc0\xaf", SQL_NTS, "22018"},
        {"DSN=alloydb_test;UID=\xe2\x82", SQL_NTS, "22018"},
        {"DSN=alloydb_test;\xc3\xa9=1", SQL_NTS, "01S00"},
        {"DSN=alloydb_test;a=b=c", SQL_NTS, "01S00"},
        {"DSN=alloydb_test;{a}=b", SQL_NTS, "01S00"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        SQLRETURN rc = DIRECT(SQLDriverConnect)(d.dbc, NULL, T(rows[i].in), rows[i].length, NULL, 0, NULL, SQL_DRIVER_NOPROMPT);
        bool warning = rows[i].state != NULL && rows[i].state[0] == '0' && rows[i].state[1] == '1';
        check_int(rc, rows[i].state == NULL ? SQL_SUCCESS : warning ? SQL_SUCCESS_WITH_INFO : SQL_ERROR, rows[i].in, __FILE__, __LINE__);
        check_text(direct_state(SQL_HANDLE_DBC, d.dbc), rows[i].state ? rows[i].state : "", rows[i].in, __FILE__, __LINE__);
        if (SQL_SUCCEEDED(rc)) {
            CHECK_INT(DIRECT(SQLDisconnect)(d.dbc), SQL_SUCCESS);
        }
    }
    SQLWCHAR lone[64];
    memcpy(lone, wide("DSN=alloydb_test;UID=?"), 23 * sizeof *lone);
    lone[21] = 0xDC00;
    DIRECT_STATE(SQL_HANDLE_DBC, d.dbc, DIRECT(SQLDriverConnectW)(d.dbc, NULL, lone, SQL_NTS, NULL, 0, NULL, SQL_DRIVER_NOPROMPT), "22018");
    /* A manager that gives nothing at all: the defaults of libpq, as with an empty string. */
    setenv("PGHOST", fact("HOST"), 1);
    setenv("PGPORT", fact("DEAD_PORT"), 1);
    DIRECT_STATE(SQL_HANDLE_DBC, d.dbc, DIRECT(SQLDriverConnect)(d.dbc, NULL, NULL, SQL_NTS, NULL, 0, NULL, SQL_DRIVER_NOPROMPT), "08001");
    DIRECT_STATE(SQL_HANDLE_DBC, d.dbc, DIRECT(SQLDriverConnect)(d.dbc, NULL, T(""), 0, NULL, 0, NULL, SQL_DRIVER_NOPROMPT), "08001");
    unsetenv("PGHOST");
    unsetenv("PGPORT");
    direct_close(&d);
    link_close(&l);
}

/* ---- file data sources ---------------------------------------------------------------------------------------------- */

/* A file of a few lines, whole; empty if it is not there. */
static void read_whole(const char *path, char *text, size_t size)
{
    FILE *f = fopen(path, "r");
    size_t n = f != NULL ? fread(text, 1, size - 1, f) : 0;
    text[n] = '\0';
    if (f != NULL) {
        fclose(f);
    }
}

static void files(void)
{
    char folder[] = "/tmp/aldb-dsn-XXXXXX";
    char path[64];
    char string[256];
    char out[1024] = "";
    SQLSMALLINT length = 0;
    if (mkdtemp(folder) == NULL) {
        perror(folder);
        exit(EXIT_FAILURE);
    }
    snprintf(path, sizeof path, "%s/one.dsn", folder);
    FILE *f = fopen(path, "w");
    fprintf(f, "[ODBC]\nDRIVER=AlloyDB\nServer=%s\nPort=%s\nDatabase=%s\nUID=aldb_trust\n", fact("HOST"), fact("PORT"), fact("DATABASE"));
    fclose(f);
    struct link l = link_new(SQL_OV_ODBC3_80);
    snprintf(string, sizeof string, "FILEDSN=%s", path);
    CHECK_OK(l.dbc, SQLDriverConnect(l.dbc, NULL, T(string), SQL_NTS, (SQLCHAR *)out, sizeof out, &length, SQL_DRIVER_NOPROMPT));
    l.stmt = new_stmt(l.dbc);
    CHECK_TEXT(query_text(l.stmt, "select current_user"), "aldb_trust");
    free_stmt(l.stmt);
    l.stmt = SQL_NULL_HSTMT;
    CHECK_OK(l.dbc, SQLDisconnect(l.dbc));
    /* What the string says stands above the file. */
    snprintf(string, sizeof string, "FILEDSN=%s;ApplicationName=mine", path);
    CHECK_OK(l.dbc, try_connect(l.dbc, string));
    l.stmt = new_stmt(l.dbc);
    CHECK_TEXT(query_text(l.stmt, "show application_name"), "mine");
    free_stmt(l.stmt);
    l.stmt = SQL_NULL_HSTMT;
    CHECK_OK(l.dbc, SQLDisconnect(l.dbc));
    snprintf(string, sizeof string, "FILEDSN=%s/none.dsn", folder);
    CHECK_INT(try_connect(l.dbc, string), SQL_ERROR);
    /* A file that the driver manager writes stands alone, without DSN and password. */
    snprintf(string, sizeof string, "DSN=%s;Password=%s;ApplicationName=saved;SAVEFILE=%s/two.dsn", fact("DSN"), fact("PASSWORD"), folder);
    CHECK_OK(l.dbc, SQLDriverConnect(l.dbc, NULL, T(string), SQL_NTS, (SQLCHAR *)out, sizeof out, &length, SQL_DRIVER_NOPROMPT));
    CHECK_OK(l.dbc, SQLDisconnect(l.dbc));
    snprintf(path, sizeof path, "%s/two.dsn", folder);
    read_whole(path, out, sizeof out);
    CHECK_CONTAINS(out, fact("PORT"));
    CHECK(strstr(out, fact("PASSWORD")) == NULL && strcasestr(out, "DSN") == NULL);
    snprintf(string, sizeof string, "FILEDSN=%s;PWD=%s", path, fact("PASSWORD"));
    CHECK_OK(l.dbc, try_connect(l.dbc, string));
    l.stmt = new_stmt(l.dbc);
    CHECK_TEXT(query_text(l.stmt, "show application_name"), "saved");
    CHECK_TEXT(query_text(l.stmt, "select current_user"), fact("USER"));
    free_stmt(l.stmt);
    l.stmt = SQL_NULL_HSTMT;
    CHECK_OK(l.dbc, SQLDisconnect(l.dbc));
    link_close(&l);
    snprintf(string, sizeof string, "rm -rf %s", folder);
    (void)!system(string);
}

/*
 * Data sources as they stand in odbc.ini for psqlODBC, but for their Driver line: every key of its documentation, by name and by abbreviation, and those of
 * its older versions. Each is known, and those that mean something here do.
 */
static const char long_names[] =
    "Description=carried over\nServername=%s\nPort=%s\nDatabase=%s\nUsername=%s\nPassword=%s\nSSLmode=prefer\nReadOnly=No\nProtocol=7.4-1\n"
    "FakeOidIndex=No\n"
    "ShowOidColumn=1\nRowVersioning=1\nShowSystemTables=0\nConnSettings=set application_name = 'carried'; set extra_float_digits = 2\nFetch=100\n"
    "UnknownSizes=2\nMaxVarcharSize=77\n"
    "MaxLongVarcharSize=4094\nDebug=0\nCommLog=0\nSocket=4096\nUniqueIndex=1\nAB=0\nOptimizer=0\nKsqo=1\nUseDeclareFetch=1\nTextAsLongVarchar=0\n"
    "UnknownsAsLongVarchar=0\nBoolsAsChar=1\n"
    "Parse=0\nCancelAsFreeStmt=0\nExtraSysTablePrefixes=dd_;\nLFConversion=0\nUpdatableCursors=1\nDisallowPremature=0\nTrueIsMinus1=0\nBI=-5\n"
    "ByteaAsLongVarBinary=0\n"
    "UseServerSidePrepare=1\nLowerCaseIdentifier=0\nGssAuthUseGSS=0\nXaOpt=1\nKeepaliveTime=-1\nKeepaliveInterval=-1\nOptionalErrors=1\n"
    "FetchRefcursors=0\nBatchSize=100\n"
    "IgnoreTimeout=0\nPreferLibpq=1\nNumericAs=8\npqopt=keepalives_idle=30 connect_timeout=20\nDriverUnicodeType=1\nTrace=No\nTraceFile=\n"
    "UsageCount=1\nCPTimeout=\n";
static const char short_names[] =
    "Description=carried over\nServername=%s\nPort=%s\nDatabase=%s\nUserName=%s\nPassword=%s\nCA=p\nA0=0\nA1=7.4-1\nA2=0\nA3=1\nA4=1\nA5=0\n"
    "A6=set application_name = 'carried'; set extra_float_digits = 2\n"
    "A7=100\nA8=4096\nA9=2\nB0=77\nB1=4094\nB2=0\nB3=0\nB4=0\nB5=1\nB6=1\nB7=0\nB8=0\nB9=1\nC0=0\nC1=0\nC2=dd_;\nC3=0\nC4=1\nC5=0\nC6=0\nC7=0\n"
    "C8=1\nC9=0\nBI=-5\nD0=0\nD1=-1\nD2=-1\n"
    "D3=1\nD4=1\nD5=keepalives_idle=30\nD6=8\nD7=1\nD8=100\nD9=0\nDA=0\nCX=1b50bb\n";

static void carried_over(void)
{
    static const char *const forms[] = {long_names, short_names};
    static const struct {
        const char *column;
        SQLSMALLINT type;
        SQLULEN size;
    } columns[] = {{"true", SQL_WVARCHAR, 5}, {"'v'::varchar", SQL_WVARCHAR, 77}, {"'t'::text", SQL_WVARCHAR, 77},
                 {"1::numeric", SQL_DOUBLE, 53}, {"'b'::bytea", SQL_VARBINARY, 77}, {"8::int8", SQL_BIGINT, 19}};
    char folder[] = "/tmp/aldb-dsn-XXXXXX";
    char path[64];
    char *usual = strdup(getenv("ODBCINI"));
    if (mkdtemp(folder) == NULL || usual == NULL) {
        perror(folder);
        exit(EXIT_FAILURE);
    }
    snprintf(path, sizeof path, "%s/odbc.ini", folder);
    FILE *f = fopen(path, "w");
    for (size_t i = 0; i < COUNT(forms); i++) {
        fprintf(f, "[carried_over_%zu]\nDriver=AlloyDB\n", i);
        fprintf(f, i == 0 ? long_names : short_names, fact("HOST"), fact("PORT"), fact("DATABASE"), fact("USER"), fact("PASSWORD"));
    }
    fclose(f);
    setenv("ODBCINI", path, 1);
    for (size_t i = 0; i < COUNT(forms); i++) {
        struct link l = link_new(SQL_OV_ODBC3_80);
        char name[40];
        SQLUINTEGER answer = 0;
        snprintf(name, sizeof name, "carried_over_%zu", i);
        CHECK_RC(l.dbc, SQLConnect(l.dbc, T(name), SQL_NTS, NULL, 0, NULL, 0), SQL_SUCCESS);
        CHECK_TEXT(diag_state(l.dbc, 1), "");
        l.stmt = new_stmt(l.dbc);
        CHECK_TEXT(query_text(l.stmt, "select current_setting('application_name') || current_setting('extra_float_digits')"), "carried2");
        CHECK_TEXT(query_text(l.stmt, "select true"), "1");
        for (size_t j = 0; j < COUNT(columns); j++) {
            char sql[64];
            SQLSMALLINT type = 0;
            SQLULEN size = 0;
            snprintf(sql, sizeof sql, "select %s", columns[j].column);
            query(l.stmt, sql);
            CHECK_OK(l.stmt, SQLDescribeCol(l.stmt, 1, NULL, 0, NULL, &type, &size, NULL, NULL));
            check_int(type, columns[j].type, sql, __FILE__, __LINE__);
            check_int((int64_t)size, (int64_t)columns[j].size, sql, __FILE__, __LINE__);
            CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
        }
        CHECK_OK(l.dbc, SQLGetInfo(l.dbc, SQL_SCROLL_CONCURRENCY, &answer, sizeof answer, NULL));
        CHECK(answer & SQL_SCCO_OPT_ROWVER);
        /* UseDeclareFetch: more rows than it fetches at a time. */
        CHECK_INT(query_int(l.stmt, "select sum(g)::int from generate_series(1, 1000) g"), 500500);
        link_close(&l);
    }
    setenv("ODBCINI", usual, 1);
    free(usual);
    (void)unlink(path);
    (void)rmdir(folder);
}

int main(void)
{
    static const struct test tests[] = {
        {"completion", completion},
        {"the completed string", completed},
        {"room for it", room},
        {"lengths of the input", lengths_of_the_input},
        {"file data sources", files},
        {"data sources of psqlODBC", carried_over},
    };
    return run_tests("SQLDriverConnect", tests, COUNT(tests));
}
