/* SPDX-License-Identifier: Apache-2.0 */
/* What tests of parameter arrays share. */
#ifndef ALDB_TEST_SETS_H
#define ALDB_TEST_SETS_H

#include "harness.h"

/* One set again, nothing bound, and no status wanted. */
static inline void unbind_sets(SQLHSTMT stmt)
{
    CHECK_OK(stmt, SQLFreeStmt(stmt, SQL_RESET_PARAMS));
    CHECK_OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)1, 0));
    CHECK_OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAM_STATUS_PTR, NULL, 0));
    CHECK_OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAM_OPERATION_PTR, NULL, 0));
    CHECK_OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAMS_PROCESSED_PTR, NULL, 0));
}

/* How many statements of arrays the session has prepared: did the last array go as one? */
static inline int64_t sent_at_once(SQLHSTMT stmt)
{
    return query_int(stmt, "select count(*) from pg_prepared_statements where statement like '% SELECT %pg_catalog.unnest($1)%'");
}

#endif
