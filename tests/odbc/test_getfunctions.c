/* SPDX-License-Identifier: Apache-2.0 */
/* SQLGetFunctions: its three forms, against what the library exports. */
#include "direct.h"

static const struct {
    SQLUSMALLINT id;
    const char *name;
    bool strings; /* has a wide twin */
} functions[] = {
    {SQL_API_SQLALLOCHANDLE, "SQLAllocHandle", false},       {SQL_API_SQLBINDCOL, "SQLBindCol", false},
    {SQL_API_SQLBINDPARAMETER, "SQLBindParameter", false},   {SQL_API_SQLBROWSECONNECT, "SQLBrowseConnect", true},
    {SQL_API_SQLBULKOPERATIONS, "SQLBulkOperations", false}, {SQL_API_SQLCANCEL, "SQLCancel", false},
    {SQL_API_SQLCLOSECURSOR, "SQLCloseCursor", false},       {SQL_API_SQLCOLATTRIBUTE, "SQLColAttribute", true},
    {SQL_API_SQLCOLUMNPRIVILEGES, "SQLColumnPrivileges", true}, {SQL_API_SQLCOLUMNS, "SQLColumns", true},
    {SQL_API_SQLCONNECT, "SQLConnect", true},                {SQL_API_SQLCOPYDESC, "SQLCopyDesc", false},
    {SQL_API_SQLDESCRIBECOL, "SQLDescribeCol", true},        {SQL_API_SQLDESCRIBEPARAM, "SQLDescribeParam", false},
    {SQL_API_SQLDISCONNECT, "SQLDisconnect", false},         {SQL_API_SQLDRIVERCONNECT, "SQLDriverConnect", true},
    {SQL_API_SQLENDTRAN, "SQLEndTran", false},               {SQL_API_SQLEXECDIRECT, "SQLExecDirect", true},
    {SQL_API_SQLEXECUTE, "SQLExecute", false},               {SQL_API_SQLEXTENDEDFETCH, "SQLExtendedFetch", false},
    {SQL_API_SQLFETCH, "SQLFetch", false},                   {SQL_API_SQLFETCHSCROLL, "SQLFetchScroll", false},
    {SQL_API_SQLFOREIGNKEYS, "SQLForeignKeys", true},        {SQL_API_SQLFREEHANDLE, "SQLFreeHandle", false},
    {SQL_API_SQLFREESTMT, "SQLFreeStmt", false},             {SQL_API_SQLGETCONNECTATTR, "SQLGetConnectAttr", true},
    {SQL_API_SQLGETCURSORNAME, "SQLGetCursorName", true},    {SQL_API_SQLGETDATA, "SQLGetData", false},
    {SQL_API_SQLGETDESCFIELD, "SQLGetDescField", true},      {SQL_API_SQLGETDESCREC, "SQLGetDescRec", true},
    {SQL_API_SQLGETDIAGFIELD, "SQLGetDiagField", true},      {SQL_API_SQLGETDIAGREC, "SQLGetDiagRec", true},
    {SQL_API_SQLGETENVATTR, "SQLGetEnvAttr", false},         {SQL_API_SQLGETFUNCTIONS, "SQLGetFunctions", false},
    {SQL_API_SQLGETINFO, "SQLGetInfo", true},                {SQL_API_SQLGETSTMTATTR, "SQLGetStmtAttr", true},
    {SQL_API_SQLGETTYPEINFO, "SQLGetTypeInfo", true},        {SQL_API_SQLMORERESULTS, "SQLMoreResults", false},
    {SQL_API_SQLNATIVESQL, "SQLNativeSql", true},            {SQL_API_SQLNUMPARAMS, "SQLNumParams", false},
    {SQL_API_SQLNUMRESULTCOLS, "SQLNumResultCols", false},   {SQL_API_SQLPARAMDATA, "SQLParamData", false},
    {SQL_API_SQLPREPARE, "SQLPrepare", true},                {SQL_API_SQLPRIMARYKEYS, "SQLPrimaryKeys", true},
    {SQL_API_SQLPROCEDURECOLUMNS, "SQLProcedureColumns", true}, {SQL_API_SQLPROCEDURES, "SQLProcedures", true},
    {SQL_API_SQLPUTDATA, "SQLPutData", false},               {SQL_API_SQLROWCOUNT, "SQLRowCount", false},
    {SQL_API_SQLSETCONNECTATTR, "SQLSetConnectAttr", true},  {SQL_API_SQLSETCURSORNAME, "SQLSetCursorName", true},
    {SQL_API_SQLSETDESCFIELD, "SQLSetDescField", false},     {SQL_API_SQLSETDESCREC, "SQLSetDescRec", false},
    {SQL_API_SQLSETENVATTR, "SQLSetEnvAttr", false},         {SQL_API_SQLSETPOS, "SQLSetPos", false},
    {SQL_API_SQLSETSTMTATTR, "SQLSetStmtAttr", true},        {SQL_API_SQLSPECIALCOLUMNS, "SQLSpecialColumns", true},
    {SQL_API_SQLSTATISTICS, "SQLStatistics", true},          {SQL_API_SQLTABLEPRIVILEGES, "SQLTablePrivileges", true},
    {SQL_API_SQLTABLES, "SQLTables", true},                  {1550, "SQLCancelHandle", false},
};

/* What a driver must leave to the driver manager. */
static const struct {
    SQLUSMALLINT id;
    const char *name;
} not_ours[] = {
    {SQL_API_SQLALLOCENV, "SQLAllocEnv"},     {SQL_API_SQLALLOCCONNECT, "SQLAllocConnect"}, {SQL_API_SQLALLOCSTMT, "SQLAllocStmt"},
    {SQL_API_SQLERROR, "SQLError"},           {SQL_API_SQLFREEENV, "SQLFreeEnv"},           {SQL_API_SQLFREECONNECT, "SQLFreeConnect"},
    {SQL_API_SQLTRANSACT, "SQLTransact"},     {SQL_API_SQLDATASOURCES, "SQLDataSources"},   {SQL_API_SQLDRIVERS, "SQLDrivers"},
    {SQL_API_SQLSETPARAM, "SQLSetParam"},     {SQL_API_SQLPARAMOPTIONS, "SQLParamOptions"}, {SQL_API_SQLSETSCROLLOPTIONS, "SQLSetScrollOptions"},
    {SQL_API_SQLGETSTMTOPTION, "SQLGetStmtOption"}, {SQL_API_SQLSETSTMTOPTION, "SQLSetStmtOption"},
    {SQL_API_SQLGETCONNECTOPTION, "SQLGetConnectOption"}, {SQL_API_SQLSETCONNECTOPTION, "SQLSetConnectOption"},
};

static void functions_of_odbc(void)
{
    struct link l = link_open("");
    struct link d = direct_open(SQL_OV_ODBC3_80, true);
    SQLUSMALLINT guarded[SQL_API_ODBC3_ALL_FUNCTIONS_SIZE + 2];
    SQLUSMALLINT ours[SQL_API_ODBC3_ALL_FUNCTIONS_SIZE];
    SQLUSMALLINT array[102];
    memset(guarded, 0xAA, sizeof guarded);
    memset(array, 0xAA, sizeof array);
    CHECK_OK(l.dbc, SQLGetFunctions(l.dbc, SQL_API_ODBC3_ALL_FUNCTIONS, guarded));
    CHECK_INT(DIRECT(SQLGetFunctions)(d.dbc, SQL_API_ODBC3_ALL_FUNCTIONS, guarded + 1), SQL_SUCCESS);
    CHECK_INT(guarded[SQL_API_ODBC3_ALL_FUNCTIONS_SIZE + 1], 0xAAAA);
    memcpy(ours, guarded + 1, sizeof ours);
    CHECK_INT(DIRECT(SQLGetFunctions)(d.dbc, SQL_API_ALL_FUNCTIONS, array), SQL_SUCCESS);
    CHECK_INT(array[100], 0xAAAA);
    CHECK_OK(l.dbc, SQLGetFunctions(l.dbc, SQL_API_ODBC3_ALL_FUNCTIONS, guarded));
    for (size_t i = 0; i < COUNT(functions); i++) {
        SQLUSMALLINT id = functions[i].id;
        SQLUSMALLINT one = 99;
        bool exported = driver_symbol(functions[i].name) != NULL;
        CHECK_INT(DIRECT(SQLGetFunctions)(d.dbc, id, &one), SQL_SUCCESS);
        check_int(one, exported, functions[i].name, __FILE__, __LINE__);
        check_int(SQL_FUNC_EXISTS(ours, id) != 0, exported, functions[i].name, __FILE__, __LINE__);
        if (id < 100) {
            check_int(array[id], exported, functions[i].name, __FILE__, __LINE__);
        }
        if (exported && id < 1021) { /* unixODBC refuses higher numbers */
            check_true(SQL_FUNC_EXISTS(guarded, id), functions[i].name, __FILE__, __LINE__);
            CHECK_OK(l.dbc, SQLGetFunctions(l.dbc, id, &one));
            check_int(one, SQL_TRUE, functions[i].name, __FILE__, __LINE__);
        }
        char twin[64];
        snprintf(twin, sizeof twin, "%sW", functions[i].name);
        check_int(driver_symbol(twin) != NULL, exported && functions[i].strings ? 1 : driver_symbol(twin) != NULL, twin, __FILE__, __LINE__);
    }
    for (size_t i = 0; i < COUNT(not_ours); i++) {
        SQLUSMALLINT one = 99;
        check_true(driver_symbol(not_ours[i].name) == NULL, not_ours[i].name, __FILE__, __LINE__);
        CHECK_INT(DIRECT(SQLGetFunctions)(d.dbc, not_ours[i].id, &one), SQL_SUCCESS);
        check_int(one, SQL_FALSE, not_ours[i].name, __FILE__, __LINE__);
    }
    /* What no function is called is not there; the driver manager alone calls the question wrong. */
    SQLUSMALLINT none = 99;
    CHECK_INT(DIRECT(SQLGetFunctions)(d.dbc, 5000, &none), SQL_SUCCESS);
    CHECK_INT(none, SQL_FALSE);
    CHECK_STATE(l.dbc, SQLGetFunctions(l.dbc, 5000, &none), "HY095");
    direct_close(&d);
    link_close(&l);
}

int main(void)
{
    static const struct test tests[] = {{"functions", functions_of_odbc}};
    return run_tests("SQLGetFunctions", tests, COUNT(tests));
}
