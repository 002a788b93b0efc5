/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What SQLGetInfo promises, done: each bit of a mask with a statement that needs it. The statement works exactly when the bit is set, and no bit is
 * set for which there is no statement here. (Conversions and scalar functions: test_info.c. What is told of the driver: test_promises_driver.c.)
 */
#include "harness.h"

#include <stdlib.h>

#define SCHEMA "odbc_promises"

struct promise {
    SQLUSMALLINT type;
    SQLUINTEGER bit;
    const char *sql; /* NULL: the server takes it for something else, so that it tells nothing */
};

static const struct promise promises[] = {
    {SQL_AGGREGATE_FUNCTIONS, SQL_AF_AVG, "select avg(a) from t"},
    {SQL_AGGREGATE_FUNCTIONS, SQL_AF_COUNT, "select count(*) from t"},
    {SQL_AGGREGATE_FUNCTIONS, SQL_AF_MAX, "select max(a) from t"},
    {SQL_AGGREGATE_FUNCTIONS, SQL_AF_MIN, "select min(a) from t"},
    {SQL_AGGREGATE_FUNCTIONS, SQL_AF_SUM, "select sum(a) from t"},
    {SQL_AGGREGATE_FUNCTIONS, SQL_AF_DISTINCT, "select count(distinct a) from t"},
    {SQL_AGGREGATE_FUNCTIONS, SQL_AF_ALL, "select count(all a) from t"},

    {SQL_ALTER_DOMAIN, SQL_AD_CONSTRAINT_NAME_DEFINITION, "alter domain d add constraint named check (value < 9)"},
    {SQL_ALTER_DOMAIN, SQL_AD_ADD_DOMAIN_CONSTRAINT, "alter domain d add check (value < 9)"},
    {SQL_ALTER_DOMAIN, SQL_AD_DROP_DOMAIN_CONSTRAINT, "alter domain d drop constraint positive"},
    {SQL_ALTER_DOMAIN, SQL_AD_ADD_DOMAIN_DEFAULT, "alter domain d set default 1"},
    {SQL_ALTER_DOMAIN, SQL_AD_DROP_DOMAIN_DEFAULT, "alter domain d drop default"},
    {SQL_ALTER_DOMAIN, SQL_AD_ADD_CONSTRAINT_INITIALLY_DEFERRED, "alter domain d add check (value < 9) initially deferred"},
    {SQL_ALTER_DOMAIN, SQL_AD_ADD_CONSTRAINT_INITIALLY_IMMEDIATE, "alter domain d add check (value < 9) initially immediate"},
    {SQL_ALTER_DOMAIN, SQL_AD_ADD_CONSTRAINT_DEFERRABLE, "alter domain d add check (value < 9) deferrable"},
    {SQL_ALTER_DOMAIN, SQL_AD_ADD_CONSTRAINT_NON_DEFERRABLE, "alter domain d add check (value < 9) not deferrable"},

    {SQL_ALTER_TABLE, SQL_AT_ADD_COLUMN, "alter table t add c int"},
    {SQL_ALTER_TABLE, SQL_AT_DROP_COLUMN, "alter table t drop b"},
    {SQL_ALTER_TABLE, SQL_AT_ADD_CONSTRAINT, "alter table t add check (a < 9)"},
    {SQL_ALTER_TABLE, SQL_AT_ADD_COLUMN_SINGLE, "alter table t add column c int"},
    {SQL_ALTER_TABLE, SQL_AT_ADD_COLUMN_DEFAULT, "alter table t add column c int default 5"},
    {SQL_ALTER_TABLE, SQL_AT_ADD_COLUMN_COLLATION, "alter table t add column c text collate \"C\""},
    {SQL_ALTER_TABLE, SQL_AT_SET_COLUMN_DEFAULT, "alter table t alter b set default 'x'"},
    {SQL_ALTER_TABLE, SQL_AT_DROP_COLUMN_DEFAULT, "alter table t alter b drop default"},
    {SQL_ALTER_TABLE, SQL_AT_DROP_COLUMN_CASCADE, "alter table t drop column b cascade"},
    {SQL_ALTER_TABLE, SQL_AT_DROP_COLUMN_RESTRICT, "alter table t drop column b restrict"},
    {SQL_ALTER_TABLE, SQL_AT_ADD_TABLE_CONSTRAINT, "alter table t add unique (a, b)"},
    {SQL_ALTER_TABLE, SQL_AT_DROP_TABLE_CONSTRAINT_CASCADE, "alter table t drop constraint t_pkey cascade"},
    {SQL_ALTER_TABLE, SQL_AT_DROP_TABLE_CONSTRAINT_RESTRICT, "alter table u drop constraint u_a_fkey restrict"},
    {SQL_ALTER_TABLE, SQL_AT_CONSTRAINT_NAME_DEFINITION, "alter table t add constraint named unique (b)"},
    {SQL_ALTER_TABLE, SQL_AT_CONSTRAINT_INITIALLY_DEFERRED, "alter table t add unique (b) deferrable initially deferred"},
    {SQL_ALTER_TABLE, SQL_AT_CONSTRAINT_INITIALLY_IMMEDIATE, "alter table t add unique (b) deferrable initially immediate"},
    {SQL_ALTER_TABLE, SQL_AT_CONSTRAINT_DEFERRABLE, "alter table t add unique (b) deferrable"},
    {SQL_ALTER_TABLE, SQL_AT_CONSTRAINT_NON_DEFERRABLE, "alter table t add unique (b) not deferrable"},

    {SQL_CATALOG_USAGE, SQL_CU_DML_STATEMENTS, "insert into $DATABASE." SCHEMA ".t values (2, 'y')"},
    {SQL_CATALOG_USAGE, SQL_CU_PROCEDURE_INVOCATION, "{call $DATABASE." SCHEMA ".f(1)}"},
    {SQL_CATALOG_USAGE, SQL_CU_TABLE_DEFINITION, "create table $DATABASE." SCHEMA ".n (a int)"},
    {SQL_CATALOG_USAGE, SQL_CU_INDEX_DEFINITION, "create index n on $DATABASE." SCHEMA ".t (b)"},
    {SQL_CATALOG_USAGE, SQL_CU_PRIVILEGE_DEFINITION, "grant select on $DATABASE." SCHEMA ".t to public"},

    {SQL_CREATE_ASSERTION, SQL_CA_CREATE_ASSERTION, "create assertion n check (1 = 1)"},
    {SQL_CREATE_CHARACTER_SET, SQL_CCS_CREATE_CHARACTER_SET, "create character set n get utf8"},
    {SQL_CREATE_COLLATION, SQL_CCOL_CREATE_COLLATION, "create collation n from \"C\""},
    {SQL_CREATE_DOMAIN, SQL_CDO_CREATE_DOMAIN, "create domain n as int"},
    {SQL_CREATE_DOMAIN, SQL_CDO_DEFAULT, "create domain n as int default 1"},
    {SQL_CREATE_DOMAIN, SQL_CDO_CONSTRAINT, "create domain n as int check (value > 0)"},
    {SQL_CREATE_DOMAIN, SQL_CDO_COLLATION, "create domain n as text collate \"C\""},
    {SQL_CREATE_DOMAIN, SQL_CDO_CONSTRAINT_NAME_DEFINITION, "create domain n as int constraint named check (value > 0)"},
    {SQL_CREATE_DOMAIN, SQL_CDO_CONSTRAINT_INITIALLY_DEFERRED, "create domain n as int check (value > 0) initially deferred"},
    {SQL_CREATE_DOMAIN, SQL_CDO_CONSTRAINT_INITIALLY_IMMEDIATE, "create domain n as int check (value > 0) initially immediate"},
    {SQL_CREATE_DOMAIN, SQL_CDO_CONSTRAINT_DEFERRABLE, "create domain n as int check (value > 0) deferrable"},
    {SQL_CREATE_DOMAIN, SQL_CDO_CONSTRAINT_NON_DEFERRABLE, "create domain n as int check (value > 0) not deferrable"},
    {SQL_CREATE_SCHEMA, SQL_CS_CREATE_SCHEMA, "create schema odbc_promises_n"},
    {SQL_CREATE_SCHEMA, SQL_CS_AUTHORIZATION, "create schema odbc_promises_n authorization current_user"},
    {SQL_CREATE_SCHEMA, SQL_CS_DEFAULT_CHARACTER_SET, "create schema odbc_promises_n default character set utf8"},
    {SQL_CREATE_TABLE, SQL_CT_CREATE_TABLE, "create table n (a int)"},
    {SQL_CREATE_TABLE, SQL_CT_COMMIT_PRESERVE, "create temporary table n (a int) on commit preserve rows"},
    {SQL_CREATE_TABLE, SQL_CT_COMMIT_DELETE, "create temporary table n (a int) on commit delete rows"},
    {SQL_CREATE_TABLE, SQL_CT_GLOBAL_TEMPORARY, NULL}, /* makes a local one */
    {SQL_CREATE_TABLE, SQL_CT_LOCAL_TEMPORARY, "create local temporary table n (a int)"},
    {SQL_CREATE_TABLE, SQL_CT_CONSTRAINT_INITIALLY_DEFERRED, "create table n (a int unique initially deferred)"},
    {SQL_CREATE_TABLE, SQL_CT_CONSTRAINT_INITIALLY_IMMEDIATE, "create table n (a int unique initially immediate)"},
    {SQL_CREATE_TABLE, SQL_CT_CONSTRAINT_DEFERRABLE, "create table n (a int unique deferrable)"},
    {SQL_CREATE_TABLE, SQL_CT_CONSTRAINT_NON_DEFERRABLE, "create table n (a int unique not deferrable)"},
    {SQL_CREATE_TABLE, SQL_CT_COLUMN_CONSTRAINT, "create table n (a int check (a > 0))"},
    {SQL_CREATE_TABLE, SQL_CT_COLUMN_DEFAULT, "create table n (a int default 1)"},
    {SQL_CREATE_TABLE, SQL_CT_COLUMN_COLLATION, "create table n (a text collate \"C\")"},
    {SQL_CREATE_TABLE, SQL_CT_TABLE_CONSTRAINT, "create table n (a int, b int, primary key (a, b))"},
    {SQL_CREATE_TABLE, SQL_CT_CONSTRAINT_NAME_DEFINITION, "create table n (a int constraint named unique)"},
    {SQL_CREATE_TRANSLATION, SQL_CTR_CREATE_TRANSLATION, "create translation n for utf8 to latin1 from x"},
    {SQL_CREATE_VIEW, SQL_CV_CREATE_VIEW, "create view n as select * from t"},
    {SQL_CREATE_VIEW, SQL_CV_CHECK_OPTION, "create view n as select * from t where a > 0 with check option"},
    {SQL_CREATE_VIEW, SQL_CV_CASCADED, "create view n as select * from t where a > 0 with cascaded check option"},
    {SQL_CREATE_VIEW, SQL_CV_LOCAL, "create view n as select * from t where a > 0 with local check option"},

    {SQL_DATETIME_LITERALS, SQL_DL_SQL92_DATE, "select date '2024-02-29'"},
    {SQL_DATETIME_LITERALS, SQL_DL_SQL92_TIME, "select time '01:02:03'"},
    {SQL_DATETIME_LITERALS, SQL_DL_SQL92_TIMESTAMP, "select timestamp '2024-02-29 01:02:03'"},
    {SQL_DATETIME_LITERALS, SQL_DL_SQL92_INTERVAL_YEAR, "select interval '1' year"},
    {SQL_DATETIME_LITERALS, SQL_DL_SQL92_INTERVAL_MONTH, "select interval '1' month"},
    {SQL_DATETIME_LITERALS, SQL_DL_SQL92_INTERVAL_DAY, "select interval '1' day"},
    {SQL_DATETIME_LITERALS, SQL_DL_SQL92_INTERVAL_HOUR, "select interval '1' hour"},
    {SQL_DATETIME_LITERALS, SQL_DL_SQL92_INTERVAL_MINUTE, "select interval '1' minute"},
    {SQL_DATETIME_LITERALS, SQL_DL_SQL92_INTERVAL_SECOND, "select interval '1.5' second"},
    {SQL_DATETIME_LITERALS, SQL_DL_SQL92_INTERVAL_YEAR_TO_MONTH, "select interval '1-2' year to month"},
    {SQL_DATETIME_LITERALS, SQL_DL_SQL92_INTERVAL_DAY_TO_HOUR, "select interval '1 2' day to hour"},
    {SQL_DATETIME_LITERALS, SQL_DL_SQL92_INTERVAL_DAY_TO_MINUTE, "select interval '1 2:3' day to minute"},
    {SQL_DATETIME_LITERALS, SQL_DL_SQL92_INTERVAL_DAY_TO_SECOND, "select interval '1 2:3:4' day to second"},
    {SQL_DATETIME_LITERALS, SQL_DL_SQL92_INTERVAL_HOUR_TO_MINUTE, "select interval '2:3' hour to minute"},
    {SQL_DATETIME_LITERALS, SQL_DL_SQL92_INTERVAL_HOUR_TO_SECOND, "select interval '2:3:4' hour to second"},
    {SQL_DATETIME_LITERALS, SQL_DL_SQL92_INTERVAL_MINUTE_TO_SECOND, "select interval '3:4' minute to second"},

    {SQL_DDL_INDEX, SQL_DI_CREATE_INDEX, "create index n on t (b)"},
    {SQL_DDL_INDEX, SQL_DI_DROP_INDEX, "drop index t_b"},
    {SQL_INDEX_KEYWORDS, SQL_IK_ASC, "create index n on t (b asc)"},
    {SQL_INDEX_KEYWORDS, SQL_IK_DESC, "create index n on t (b desc)"},
    {SQL_DROP_ASSERTION, SQL_DA_DROP_ASSERTION, "drop assertion n"},
    {SQL_DROP_CHARACTER_SET, SQL_DCS_DROP_CHARACTER_SET, "drop character set n"},
    {SQL_DROP_COLLATION, SQL_DC_DROP_COLLATION, "drop collation c"},
    {SQL_DROP_DOMAIN, SQL_DD_DROP_DOMAIN, "drop domain d"},
    {SQL_DROP_DOMAIN, SQL_DD_RESTRICT, "drop domain d restrict"},
    {SQL_DROP_DOMAIN, SQL_DD_CASCADE, "drop domain d cascade"},
    {SQL_DROP_SCHEMA, SQL_DS_DROP_SCHEMA, "drop schema " SCHEMA "_empty"},
    {SQL_DROP_SCHEMA, SQL_DS_RESTRICT, "drop schema " SCHEMA "_empty restrict"},
    {SQL_DROP_SCHEMA, SQL_DS_CASCADE, "drop schema " SCHEMA " cascade"},
    {SQL_DROP_TABLE, SQL_DT_DROP_TABLE, "drop table u"},
    {SQL_DROP_TABLE, SQL_DT_RESTRICT, "drop table u restrict"},
    {SQL_DROP_TABLE, SQL_DT_CASCADE, "drop table t cascade"},
    {SQL_DROP_TRANSLATION, SQL_DTR_DROP_TRANSLATION, "drop translation n"},
    {SQL_DROP_VIEW, SQL_DV_DROP_VIEW, "drop view v"},
    {SQL_DROP_VIEW, SQL_DV_RESTRICT, "drop view v restrict"},
    {SQL_DROP_VIEW, SQL_DV_CASCADE, "drop view v cascade"},

    {SQL_INSERT_STATEMENT, SQL_IS_INSERT_LITERALS, "insert into t values (2, 'y')"},
    {SQL_INSERT_STATEMENT, SQL_IS_INSERT_SEARCHED, "insert into t select a + 1, b from t"},
    {SQL_INSERT_STATEMENT, SQL_IS_SELECT_INTO, NULL}, /* SELECT INTO makes a table */

    {SQL_OJ_CAPABILITIES, SQL_OJ_LEFT, "select * from {oj t left outer join u on t.a = u.a}"},
    {SQL_OJ_CAPABILITIES, SQL_OJ_RIGHT, "select * from {oj t right outer join u on t.a = u.a}"},
    {SQL_OJ_CAPABILITIES, SQL_OJ_FULL, "select * from {oj t full outer join u on t.a = u.a}"},
    {SQL_OJ_CAPABILITIES, SQL_OJ_NESTED, "select * from {oj t left outer join u left outer join t w on u.a = w.a on t.a = u.a}"},
    {SQL_OJ_CAPABILITIES, SQL_OJ_NOT_ORDERED, "select * from {oj t left outer join u on u.a = t.a}"},
    {SQL_OJ_CAPABILITIES, SQL_OJ_INNER, "select * from {oj t left outer join u on t.a = u.a} inner join t w on u.a = w.a"},
    {SQL_OJ_CAPABILITIES, SQL_OJ_ALL_COMPARISON_OPS, "select * from {oj t left outer join u on t.a < u.a}"},

    {SQL_SCHEMA_USAGE, SQL_SU_DML_STATEMENTS, "delete from " SCHEMA ".u"},
    {SQL_SCHEMA_USAGE, SQL_SU_PROCEDURE_INVOCATION, "{call " SCHEMA ".f(1)}"},
    {SQL_SCHEMA_USAGE, SQL_SU_TABLE_DEFINITION, "create table " SCHEMA ".n (a int)"},
    {SQL_SCHEMA_USAGE, SQL_SU_INDEX_DEFINITION, "drop index " SCHEMA ".t_b"},
    {SQL_SCHEMA_USAGE, SQL_SU_PRIVILEGE_DEFINITION, "grant select on " SCHEMA ".t to public"},

    {SQL_SQL92_DATETIME_FUNCTIONS, SQL_SDF_CURRENT_DATE, "select current_date"},
    {SQL_SQL92_DATETIME_FUNCTIONS, SQL_SDF_CURRENT_TIME, "select current_time"},
    {SQL_SQL92_DATETIME_FUNCTIONS, SQL_SDF_CURRENT_TIMESTAMP, "select current_timestamp"},
    {SQL_SQL92_FOREIGN_KEY_DELETE_RULE, SQL_SFKD_CASCADE, "create table n (a int references t on delete cascade)"},
    {SQL_SQL92_FOREIGN_KEY_DELETE_RULE, SQL_SFKD_NO_ACTION, "create table n (a int references t on delete no action)"},
    {SQL_SQL92_FOREIGN_KEY_DELETE_RULE, SQL_SFKD_SET_DEFAULT, "create table n (a int references t on delete set default)"},
    {SQL_SQL92_FOREIGN_KEY_DELETE_RULE, SQL_SFKD_SET_NULL, "create table n (a int references t on delete set null)"},
    {SQL_SQL92_FOREIGN_KEY_UPDATE_RULE, SQL_SFKU_CASCADE, "create table n (a int references t on update cascade)"},
    {SQL_SQL92_FOREIGN_KEY_UPDATE_RULE, SQL_SFKU_NO_ACTION, "create table n (a int references t on update no action)"},
    {SQL_SQL92_FOREIGN_KEY_UPDATE_RULE, SQL_SFKU_SET_DEFAULT, "create table n (a int references t on update set default)"},
    {SQL_SQL92_FOREIGN_KEY_UPDATE_RULE, SQL_SFKU_SET_NULL, "create table n (a int references t on update set null)"},

    {SQL_SQL92_GRANT, SQL_SG_USAGE_ON_DOMAIN, "grant usage on domain d to public"},
    {SQL_SQL92_GRANT, SQL_SG_USAGE_ON_CHARACTER_SET, "grant usage on character set utf8 to public"},
    {SQL_SQL92_GRANT, SQL_SG_USAGE_ON_COLLATION, "grant usage on collation c to public"},
    {SQL_SQL92_GRANT, SQL_SG_USAGE_ON_TRANSLATION, "grant usage on translation n to public"},
    {SQL_SQL92_GRANT, SQL_SG_WITH_GRANT_OPTION, "grant select on t to aldb_trust with grant option"},
    {SQL_SQL92_GRANT, SQL_SG_DELETE_TABLE, "grant delete on table t to public"},
    {SQL_SQL92_GRANT, SQL_SG_INSERT_TABLE, "grant insert on table t to public"},
    {SQL_SQL92_GRANT, SQL_SG_INSERT_COLUMN, "grant insert (b) on table t to public"},
    {SQL_SQL92_GRANT, SQL_SG_REFERENCES_TABLE, "grant references on table t to public"},
    {SQL_SQL92_GRANT, SQL_SG_REFERENCES_COLUMN, "grant references (a) on table t to public"},
    {SQL_SQL92_GRANT, SQL_SG_SELECT_TABLE, "grant select on table t to public"},
    {SQL_SQL92_GRANT, SQL_SG_UPDATE_TABLE, "grant update on table t to public"},
    {SQL_SQL92_GRANT, SQL_SG_UPDATE_COLUMN, "grant update (b) on table t to public"},
    {SQL_SQL92_REVOKE, SQL_SR_USAGE_ON_DOMAIN, "revoke usage on domain d from public"},
    {SQL_SQL92_REVOKE, SQL_SR_USAGE_ON_CHARACTER_SET, "revoke usage on character set utf8 from public"},
    {SQL_SQL92_REVOKE, SQL_SR_USAGE_ON_COLLATION, "revoke usage on collation c from public"},
    {SQL_SQL92_REVOKE, SQL_SR_USAGE_ON_TRANSLATION, "revoke usage on translation n from public"},
    {SQL_SQL92_REVOKE, SQL_SR_GRANT_OPTION_FOR, "revoke grant option for select on t from aldb_trust"},
    {SQL_SQL92_REVOKE, SQL_SR_CASCADE, "revoke select on t from public cascade"},
    {SQL_SQL92_REVOKE, SQL_SR_RESTRICT, "revoke select on t from public restrict"},
    {SQL_SQL92_REVOKE, SQL_SR_DELETE_TABLE, "revoke delete on table t from public"},
    {SQL_SQL92_REVOKE, SQL_SR_INSERT_TABLE, "revoke insert on table t from public"},
    {SQL_SQL92_REVOKE, SQL_SR_INSERT_COLUMN, "revoke insert (b) on table t from public"},
    {SQL_SQL92_REVOKE, SQL_SR_REFERENCES_TABLE, "revoke references on table t from public"},
    {SQL_SQL92_REVOKE, SQL_SR_REFERENCES_COLUMN, "revoke references (a) on table t from public"},
    {SQL_SQL92_REVOKE, SQL_SR_SELECT_TABLE, "revoke select on table t from public"},
    {SQL_SQL92_REVOKE, SQL_SR_UPDATE_TABLE, "revoke update on table t from public"},
    {SQL_SQL92_REVOKE, SQL_SR_UPDATE_COLUMN, "revoke update (b) on table t from public"},

    {SQL_SQL92_NUMERIC_VALUE_FUNCTIONS, SQL_SNVF_BIT_LENGTH, "select bit_length('a')"},
    {SQL_SQL92_NUMERIC_VALUE_FUNCTIONS, SQL_SNVF_CHAR_LENGTH, "select char_length('a')"},
    {SQL_SQL92_NUMERIC_VALUE_FUNCTIONS, SQL_SNVF_CHARACTER_LENGTH, "select character_length('a')"},
    {SQL_SQL92_NUMERIC_VALUE_FUNCTIONS, SQL_SNVF_EXTRACT, "select extract(year from current_date)"},
    {SQL_SQL92_NUMERIC_VALUE_FUNCTIONS, SQL_SNVF_OCTET_LENGTH, "select octet_length('a')"},
    {SQL_SQL92_NUMERIC_VALUE_FUNCTIONS, SQL_SNVF_POSITION, "select position('a' in 'ba')"},
    {SQL_SQL92_PREDICATES, SQL_SP_EXISTS, "select 1 where exists (select 1)"},
    {SQL_SQL92_PREDICATES, SQL_SP_ISNOTNULL, "select 1 where 1 is not null"},
    {SQL_SQL92_PREDICATES, SQL_SP_ISNULL, "select 1 where 1 is null"},
    {SQL_SQL92_PREDICATES, SQL_SP_MATCH_FULL, "select 1 where (1, 2) match full (select 1, 2)"},
    {SQL_SQL92_PREDICATES, SQL_SP_MATCH_PARTIAL, "select 1 where (1, 2) match partial (select 1, 2)"},
    {SQL_SQL92_PREDICATES, SQL_SP_MATCH_UNIQUE_FULL, "select 1 where (1, 2) match unique full (select 1, 2)"},
    {SQL_SQL92_PREDICATES, SQL_SP_MATCH_UNIQUE_PARTIAL, "select 1 where (1, 2) match unique partial (select 1, 2)"},
    {SQL_SQL92_PREDICATES, SQL_SP_OVERLAPS, "select 1 where (date '2024-01-01', date '2024-02-01') overlaps (date '2024-01-15', date '2024-03-01')"},
    {SQL_SQL92_PREDICATES, SQL_SP_UNIQUE, "select 1 where unique (select 1)"},
    {SQL_SQL92_PREDICATES, SQL_SP_LIKE, "select 1 where 'a' like 'a%'"},
    {SQL_SQL92_PREDICATES, SQL_SP_IN, "select 1 where 1 in (1, 2)"},
    {SQL_SQL92_PREDICATES, SQL_SP_BETWEEN, "select 1 where 1 between 0 and 2"},
    {SQL_SQL92_PREDICATES, SQL_SP_COMPARISON, "select 1 where 1 <> 2"},
    {SQL_SQL92_PREDICATES, SQL_SP_QUANTIFIED_COMPARISON, "select 1 where 1 >= all (select 1)"},
    {SQL_SQL92_RELATIONAL_JOIN_OPERATORS, SQL_SRJO_CORRESPONDING_CLAUSE, "select a from t union corresponding select a from u"},
    {SQL_SQL92_RELATIONAL_JOIN_OPERATORS, SQL_SRJO_CROSS_JOIN, "select * from t cross join u"},
    {SQL_SQL92_RELATIONAL_JOIN_OPERATORS, SQL_SRJO_EXCEPT_JOIN, "select a from t except select a from u"},
    {SQL_SQL92_RELATIONAL_JOIN_OPERATORS, SQL_SRJO_FULL_OUTER_JOIN, "select * from t full outer join u on t.a = u.a"},
    {SQL_SQL92_RELATIONAL_JOIN_OPERATORS, SQL_SRJO_INNER_JOIN, "select * from t inner join u on t.a = u.a"},
    {SQL_SQL92_RELATIONAL_JOIN_OPERATORS, SQL_SRJO_INTERSECT_JOIN, "select a from t intersect select a from u"},
    {SQL_SQL92_RELATIONAL_JOIN_OPERATORS, SQL_SRJO_LEFT_OUTER_JOIN, "select * from t left outer join u on t.a = u.a"},
    {SQL_SQL92_RELATIONAL_JOIN_OPERATORS, SQL_SRJO_NATURAL_JOIN, "select * from t natural join u"},
    {SQL_SQL92_RELATIONAL_JOIN_OPERATORS, SQL_SRJO_RIGHT_OUTER_JOIN, "select * from t right outer join u on t.a = u.a"},
    {SQL_SQL92_RELATIONAL_JOIN_OPERATORS, SQL_SRJO_UNION_JOIN, "select * from t union join u"},
    {SQL_SQL92_ROW_VALUE_CONSTRUCTOR, SQL_SRVC_VALUE_EXPRESSION, "select 1 where (1 + 1, 2) = (2, 2)"},
    {SQL_SQL92_ROW_VALUE_CONSTRUCTOR, SQL_SRVC_NULL, "select 1 where (null, 2) = (2, 2)"},
    {SQL_SQL92_ROW_VALUE_CONSTRUCTOR, SQL_SRVC_DEFAULT, "insert into t values (2, default)"},
    {SQL_SQL92_ROW_VALUE_CONSTRUCTOR, SQL_SRVC_ROW_SUBQUERY, "select 1 where (1, 2) = (select 1, 2)"},
    {SQL_SQL92_STRING_FUNCTIONS, SQL_SSF_CONVERT, "select convert('a' using utf8_to_iso_8859_1)"},
    {SQL_SQL92_STRING_FUNCTIONS, SQL_SSF_LOWER, "select lower('A')"},
    {SQL_SQL92_STRING_FUNCTIONS, SQL_SSF_UPPER, "select upper('a')"},
    {SQL_SQL92_STRING_FUNCTIONS, SQL_SSF_SUBSTRING, "select substring('abc' from 2 for 1)"},
    {SQL_SQL92_STRING_FUNCTIONS, SQL_SSF_TRANSLATE, "select translate('a' using n)"},
    {SQL_SQL92_STRING_FUNCTIONS, SQL_SSF_TRIM_BOTH, "select trim(both ' ' from ' a ')"},
    {SQL_SQL92_STRING_FUNCTIONS, SQL_SSF_TRIM_LEADING, "select trim(leading ' ' from ' a ')"},
    {SQL_SQL92_STRING_FUNCTIONS, SQL_SSF_TRIM_TRAILING, "select trim(trailing ' ' from ' a ')"},
    {SQL_SQL92_VALUE_EXPRESSIONS, SQL_SVE_CASE, "select case when 1 = 1 then 2 else 3 end"},
    {SQL_SQL92_VALUE_EXPRESSIONS, SQL_SVE_CAST, "select cast('1' as int)"},
    {SQL_SQL92_VALUE_EXPRESSIONS, SQL_SVE_COALESCE, "select coalesce(null, 1)"},
    {SQL_SQL92_VALUE_EXPRESSIONS, SQL_SVE_NULLIF, "select nullif(1, 1)"},
    {SQL_SUBQUERIES, SQL_SQ_COMPARISON, "select * from t where a = (select 1)"},
    {SQL_SUBQUERIES, SQL_SQ_EXISTS, "select * from t where exists (select 1)"},
    {SQL_SUBQUERIES, SQL_SQ_IN, "select * from t where a in (select a from u)"},
    {SQL_SUBQUERIES, SQL_SQ_QUANTIFIED, "select * from t where a > any (select a from u)"},
    {SQL_SUBQUERIES, SQL_SQ_CORRELATED_SUBQUERIES, "select * from t where exists (select 1 from u where u.a = t.a)"},
    {SQL_UNION, SQL_U_UNION, "select a from t union select a from u"},
    {SQL_UNION, SQL_U_UNION_ALL, "select a from t union all select a from u"},

#define VIEW(bit, name) {SQL_INFO_SCHEMA_VIEWS, bit, "select * from information_schema." name " limit 1"}
    VIEW(SQL_ISV_ASSERTIONS, "assertions"),
    VIEW(SQL_ISV_CHARACTER_SETS, "character_sets"),
    VIEW(SQL_ISV_CHECK_CONSTRAINTS, "check_constraints"),
    VIEW(SQL_ISV_COLLATIONS, "collations"),
    VIEW(SQL_ISV_COLUMN_DOMAIN_USAGE, "column_domain_usage"),
    VIEW(SQL_ISV_COLUMN_PRIVILEGES, "column_privileges"),
    VIEW(SQL_ISV_COLUMNS, "columns"),
    VIEW(SQL_ISV_CONSTRAINT_COLUMN_USAGE, "constraint_column_usage"),
    VIEW(SQL_ISV_CONSTRAINT_TABLE_USAGE, "constraint_table_usage"),
    VIEW(SQL_ISV_DOMAIN_CONSTRAINTS, "domain_constraints"),
    VIEW(SQL_ISV_DOMAINS, "domains"),
    VIEW(SQL_ISV_KEY_COLUMN_USAGE, "key_column_usage"),
    VIEW(SQL_ISV_REFERENTIAL_CONSTRAINTS, "referential_constraints"),
    VIEW(SQL_ISV_SCHEMATA, "schemata"),
    VIEW(SQL_ISV_SQL_LANGUAGES, "sql_languages"),
    VIEW(SQL_ISV_TABLE_CONSTRAINTS, "table_constraints"),
    VIEW(SQL_ISV_TABLE_PRIVILEGES, "table_privileges"),
    VIEW(SQL_ISV_TABLES, "tables"),
    VIEW(SQL_ISV_TRANSLATIONS, "translations"),
    VIEW(SQL_ISV_USAGE_PRIVILEGES, "usage_privileges"),
    VIEW(SQL_ISV_VIEW_COLUMN_USAGE, "view_column_usage"),
    VIEW(SQL_ISV_VIEW_TABLE_USAGE, "view_table_usage"),
    VIEW(SQL_ISV_VIEWS, "views"),
};

static SQLUINTEGER mask_of(SQLHDBC dbc, SQLUSMALLINT type)
{
    SQLUINTEGER mask = 0;
    CHECK_OK(dbc, SQLGetInfo(dbc, type, &mask, sizeof mask, NULL));
    return mask;
}

static SQLUSMALLINT number_of(SQLHDBC dbc, SQLUSMALLINT type)
{
    SQLUSMALLINT number = 0;
    CHECK_OK(dbc, SQLGetInfo(dbc, type, &number, sizeof number, NULL));
    return number;
}

static bool yes(SQLHDBC dbc, SQLUSMALLINT type)
{
    char text[8] = "";
    CHECK_OK(dbc, SQLGetInfo(dbc, type, text, sizeof text, NULL));
    CHECK(strcmp(text, "Y") == 0 || strcmp(text, "N") == 0);
    return text[0] == 'Y';
}

static void masks(void)
{
    struct link l = link_open("");
    run(l.stmt, "drop schema if exists " SCHEMA " cascade; drop schema if exists " SCHEMA "_empty; create schema " SCHEMA "; create schema " SCHEMA "_empty");
    run(l.stmt, "set search_path = " SCHEMA);
    run(l.stmt, "create table t (a int primary key, b text); create index t_b on t (b); create table u (a int references t); create view v as select 1 as one;"
                " insert into t values (1, 'x'); insert into u values (1); create domain d as int constraint positive check (value > 0);"
                " create collation c from \"C\"; create function f(int) returns int language sql as 'select $1'; grant select on t to aldb_trust");
    CHECK_OK(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0));
    for (size_t i = 0; i < COUNT(promises); i++) {
        const struct promise *p = &promises[i];
        SQLUINTEGER mask = mask_of(l.dbc, p->type);
        SQLUINTEGER known = 0;
        char sql[256];
        for (size_t k = 0; k < COUNT(promises); k++) {
            known |= promises[k].type == p->type && promises[k].sql != NULL ? promises[k].bit : 0;
        }
        snprintf(sql, sizeof sql, "type %u promises what nothing here needs: %#x", p->type, mask & ~known);
        check_true((mask & ~known) == 0, sql, __FILE__, __LINE__);
        if (p->sql == NULL) {
            continue;
        }
        const char *database = strstr(p->sql, "$DATABASE");
        int before = database ? (int)(database - p->sql) : 0;
        snprintf(sql, sizeof sql, "%.*s%s%s", before, p->sql, database ? fact("DATABASE") : "", database ? database + 9 : p->sql);
        SQLRETURN rc = SQLExecDirect(l.stmt, T(sql), SQL_NTS);
        check_int(SQL_SUCCEEDED(rc) || rc == SQL_NO_DATA, (mask & p->bit) != 0, sql, __FILE__, __LINE__);
        CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
        CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_ROLLBACK));
    }
    CHECK_OK(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_ON, 0));
    run(l.stmt, "drop schema " SCHEMA " cascade; drop schema " SCHEMA "_empty");
    link_close(&l);
}

/* ---- transactions -------------------------------------------------------------------------------------------------- */

static void transactions(void)
{
    static const struct {
        SQLUINTEGER bit;
        const char *name;
    } levels[] = {
        {SQL_TXN_READ_UNCOMMITTED, "read uncommitted"},
        {SQL_TXN_READ_COMMITTED, "read committed"},
        {SQL_TXN_REPEATABLE_READ, "repeatable read"},
        {SQL_TXN_SERIALIZABLE, "serializable"},
    };
    struct link l = link_open("");
    struct link other = link_open("");
    SQLUINTEGER mask = mask_of(l.dbc, SQL_TXN_ISOLATION_OPTION);
    for (size_t i = 0; i < COUNT(levels); i++) {
        CHECK(mask & levels[i].bit);
        CHECK_OK(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_TXN_ISOLATION, (SQLPOINTER)(uintptr_t)levels[i].bit, 0));
        CHECK_TEXT(query_text(l.stmt, "show transaction_isolation"), levels[i].name);
    }
    /* DDL in transactions, and two of them at once. */
    CHECK_INT(number_of(l.dbc, SQL_TXN_CAPABLE), SQL_TC_ALL);
    CHECK(yes(l.dbc, SQL_MULTIPLE_ACTIVE_TXN));
    CHECK_OK(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0));
    CHECK_OK(other.dbc, SQLSetConnectAttr(other.dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0));
    run(l.stmt, "create table odbc_promises_ddl (a int)");
    run(l.stmt, "insert into odbc_promises_ddl values (1)");
    CHECK_INT(query_int(other.stmt, "select 1"), 1);
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_ROLLBACK));
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("select * from odbc_promises_ddl"), SQL_NTS), "42S02");
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_ROLLBACK));
    CHECK_OK(other.dbc, SQLEndTran(SQL_HANDLE_DBC, other.dbc, SQL_ROLLBACK));
    link_close(&other);
    link_close(&l);
}

/* ---- statements and cursors ---------------------------------------------------------------------------------------- */

static void results(void)
{
    struct link l = link_open("");
    enum { MANY = 20 };
    SQLHSTMT stmts[MANY];
    SQLINTEGER value = 0;
    SQLLEN rows = 0;

    /* Several statements at once, none of them finished. */
    CHECK_INT(number_of(l.dbc, SQL_MAX_CONCURRENT_ACTIVITIES), 0);
    for (int i = 0; i < MANY; i++) {
        stmts[i] = new_stmt(l.dbc);
        query(stmts[i], "select generate_series(1, 20000)");
        CHECK_OK(stmts[i], SQLFetch(stmts[i]));
    }
    for (int i = 0; i < MANY; i++) {
        CHECK_OK(stmts[i], SQLFetch(stmts[i]));
        CHECK_OK(stmts[i], SQLGetData(stmts[i], 1, SQL_C_SLONG, &value, 0, NULL));
        CHECK_INT(value, 2);
        free_stmt(stmts[i]);
    }

    /* Several results of one text. */
    CHECK(yes(l.dbc, SQL_MULT_RESULT_SETS));
    CHECK_INT(mask_of(l.dbc, SQL_BATCH_SUPPORT), SQL_BS_SELECT_EXPLICIT | SQL_BS_ROW_COUNT_EXPLICIT);
    CHECK_INT(mask_of(l.dbc, SQL_BATCH_ROW_COUNT), SQL_BRC_EXPLICIT);
    run(l.stmt, "create temp table t (a int)");
    CHECK_OK(l.stmt, SQLExecDirect(l.stmt, T("insert into t values (1), (2); select 7; insert into t values (3)"), SQL_NTS));
    CHECK_OK(l.stmt, SQLRowCount(l.stmt, &rows));
    CHECK_INT(rows, 2); /* each its own count, none rolled up */
    CHECK_OK(l.stmt, SQLMoreResults(l.stmt));
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_OK(l.stmt, SQLMoreResults(l.stmt));
    CHECK_OK(l.stmt, SQLRowCount(l.stmt, &rows));
    CHECK_INT(rows, 1);
    CHECK_RC(l.stmt, SQLMoreResults(l.stmt), SQL_NO_DATA);

    /* Sets of parameters: one count for all, a result set for each. */
    SQLINTEGER values[] = {10, 20, 30};
    CHECK_INT(mask_of(l.dbc, SQL_PARAM_ARRAY_ROW_COUNTS), SQL_PARC_NO_BATCH);
    CHECK_INT(mask_of(l.dbc, SQL_PARAM_ARRAY_SELECTS), SQL_PAS_BATCH);
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)3, 0));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, values, 0, NULL));
    CHECK_OK(l.stmt, SQLExecDirect(l.stmt, T("insert into t values (?)"), SQL_NTS));
    CHECK_OK(l.stmt, SQLRowCount(l.stmt, &rows));
    CHECK_INT(rows, 3);
    CHECK_RC(l.stmt, SQLMoreResults(l.stmt), SQL_NO_DATA);
    CHECK_OK(l.stmt, SQLExecDirect(l.stmt, T("select ?::int"), SQL_NTS));
    for (int i = 0; i < 3; i++) {
        CHECK_OK(l.stmt, SQLFetch(l.stmt));
        CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_SLONG, &value, 0, NULL));
        CHECK_INT(value, values[i]);
        CHECK_RC(l.stmt, SQLFetch(l.stmt), SQL_NO_DATA);
        CHECK_RC(l.stmt, SQLMoreResults(l.stmt), i < 2 ? SQL_SUCCESS : SQL_NO_DATA);
    }
    link_close(&l);
}

static void cursors(void)
{
    static const struct {
        SQLUSMALLINT info;
        SQLUINTEGER mask;
        SQLINTEGER attribute;
        SQLULEN value; /* more than the mask promises */
        SQLRETURN rc;
        const char *state;
    } beyond[] = {
        {SQL_SCROLL_OPTIONS, SQL_SO_FORWARD_ONLY | SQL_SO_STATIC | SQL_SO_KEYSET_DRIVEN, SQL_ATTR_CURSOR_TYPE, SQL_CURSOR_DYNAMIC, SQL_SUCCESS_WITH_INFO, "01S02"},
        {SQL_DYNAMIC_CURSOR_ATTRIBUTES1, 0, SQL_ATTR_CURSOR_TYPE, SQL_CURSOR_DYNAMIC, SQL_SUCCESS_WITH_INFO, "01S02"},
        {SQL_SCROLL_CONCURRENCY, SQL_SCCO_READ_ONLY | SQL_SCCO_OPT_ROWVER, SQL_ATTR_CONCURRENCY, SQL_CONCUR_LOCK, SQL_SUCCESS_WITH_INFO, "01S02"},
        {SQL_ASYNC_NOTIFICATION, SQL_ASYNC_NOTIFICATION_NOT_CAPABLE, SQL_ATTR_ASYNC_STMT_EVENT, 1, SQL_ERROR, "S1118"},
        {SQL_CURSOR_SENSITIVITY, SQL_UNSPECIFIED, SQL_ATTR_CURSOR_SENSITIVITY, SQL_SENSITIVE, SQL_ERROR, "HYC00"},
    };
    static const struct {
        SQLUSMALLINT operation, lock;
    } refused[] = {{SQL_POSITION, SQL_LOCK_EXCLUSIVE}, {SQL_REFRESH, SQL_LOCK_NO_CHANGE}, {SQL_UPDATE, SQL_LOCK_NO_CHANGE}, {SQL_DELETE, SQL_LOCK_NO_CHANGE}};
    struct link l = link_open("");
    SQLHSTMT s = l.stmt;
    SQLINTEGER bound = 0;
    SQLINTEGER rows[3] = {0};
    char text[8] = "";

    /* What is not promised is refused or replaced, and said. */
    for (size_t i = 0; i < COUNT(beyond); i++) {
        char what[64];
        snprintf(what, sizeof what, "info %u and attribute %d", beyond[i].info, (int)beyond[i].attribute);
        check_int(mask_of(l.dbc, beyond[i].info), beyond[i].mask, what, __FILE__, __LINE__);
        check_state(s, SQLSetStmtAttr(s, beyond[i].attribute, (SQLPOINTER)beyond[i].value, 0), beyond[i].rc, beyond[i].state, what, __FILE__, __LINE__);
    }

    CHECK_OK(s, SQLSetStmtAttr(s, SQL_ATTR_CURSOR_TYPE, (SQLPOINTER)SQL_CURSOR_FORWARD_ONLY, 0));
    CHECK_OK(s, SQLSetStmtAttr(s, SQL_ATTR_CONCURRENCY, (SQLPOINTER)SQL_CONCUR_READ_ONLY, 0));

    /* SQLGetData: any column in any order, bound ones too. */
    CHECK_INT(mask_of(l.dbc, SQL_GETDATA_EXTENSIONS), SQL_GD_ANY_COLUMN | SQL_GD_ANY_ORDER | SQL_GD_BLOCK | SQL_GD_BOUND | SQL_GD_OUTPUT_PARAMS);
    CHECK_OK(s, SQLBindCol(s, 2, SQL_C_SLONG, &bound, 0, NULL));
    query(s, "select 1, 2, 3");
    CHECK_OK(s, SQLFetch(s));
    CHECK_INT(bound, 2);
    static const SQLUSMALLINT order[] = {3, 1, 2, 2, 1};
    for (size_t i = 0; i < COUNT(order); i++) {
        SQLINTEGER value = 0;
        CHECK_OK(s, SQLGetData(s, order[i], SQL_C_SLONG, &value, 0, NULL));
        CHECK_INT(value, order[i]);
        CHECK_OK(s, SQLGetData(s, (SQLUSMALLINT)(order[i] % 3 + 1), SQL_C_CHAR, text, sizeof text, NULL));
    }
    CHECK_OK(s, SQLFreeStmt(s, SQL_CLOSE));
    CHECK_OK(s, SQLFreeStmt(s, SQL_UNBIND));

    /* And streamed output parameters. */
    SQLPOINTER token = NULL;
    CHECK_OK(s, SQLBindParameter(s, 1, SQL_PARAM_OUTPUT_STREAM, SQL_C_CHAR, SQL_VARCHAR, 0, 0, (SQLPOINTER)1, 0, NULL));
    CHECK_RC(s, exec_direct(s, "{? = call pg_catalog.upper('abc')}"), SQL_PARAM_DATA_AVAILABLE);
    CHECK_RC(s, SQLParamData(s, &token), SQL_PARAM_DATA_AVAILABLE);
    CHECK_OK(s, SQLGetData(s, 1, SQL_C_CHAR, text, sizeof text, NULL));
    CHECK_TEXT(text, "ABC");
    CHECK_OK(s, SQLParamData(s, &token));
    CHECK_OK(s, SQLFreeStmt(s, SQL_CLOSE));
    CHECK_OK(s, SQLFreeStmt(s, SQL_RESET_PARAMS));

    /* And any row of a block; SQLSetPos chooses it, and can nothing else. */
    CHECK_INT(mask_of(l.dbc, SQL_POS_OPERATIONS), SQL_POS_POSITION | SQL_POS_REFRESH | SQL_POS_UPDATE | SQL_POS_DELETE | SQL_POS_ADD);
    CHECK_INT(mask_of(l.dbc, SQL_LOCK_TYPES), SQL_LCK_NO_CHANGE);
    CHECK_OK(s, SQLSetStmtAttr(s, SQL_ATTR_ROW_ARRAY_SIZE, (SQLPOINTER)3, 0));
    CHECK_OK(s, SQLBindCol(s, 1, SQL_C_SLONG, rows, 0, NULL));
    query(s, "select g, g * 10 from generate_series(1, 3) g");
    CHECK_OK(s, SQLFetch(s));
    for (SQLSETPOSIROW row = 3; row >= 1; row--) {
        SQLINTEGER value = 0;
        CHECK_OK(s, SQLSetPos(s, row, SQL_POSITION, SQL_LOCK_NO_CHANGE));
        CHECK_OK(s, SQLGetData(s, 2, SQL_C_SLONG, &value, 0, NULL));
        CHECK_INT(value, row * 10);
    }
    for (size_t i = 0; i < COUNT(refused); i++) {
        CHECK_INT(SQLSetPos(s, 1, refused[i].operation, refused[i].lock), SQL_ERROR);
    }
    CHECK_OK(s, SQLFreeStmt(s, SQL_CLOSE));
    CHECK_OK(s, SQLFreeStmt(s, SQL_UNBIND));
    CHECK_OK(s, SQLSetStmtAttr(s, SQL_ATTR_ROW_ARRAY_SIZE, (SQLPOINTER)1, 0));

    /* SQL_ATTR_MAX_ROWS, of queries and of the catalog. */
    SQLUINTEGER attributes = mask_of(l.dbc, SQL_FORWARD_ONLY_CURSOR_ATTRIBUTES2);
    CHECK_INT(attributes, SQL_CA2_READ_ONLY_CONCURRENCY | SQL_CA2_OPT_ROWVER_CONCURRENCY | SQL_CA2_MAX_ROWS_SELECT | SQL_CA2_MAX_ROWS_CATALOG);
    CHECK_OK(s, SQLSetStmtAttr(s, SQL_ATTR_MAX_ROWS, (SQLPOINTER)2, 0));
    for (int i = 0; i < 3; i++) {
        SQLRETURN rc = i == 0 ? SQLExecDirect(s, T("select generate_series(1, 9)"), SQL_NTS) : i == 1 ? SQLTables(s, NULL, 0, T("pg_catalog"), SQL_NTS, NULL, 0, NULL, 0)
                                                                                                    : SQLGetTypeInfo(s, SQL_ALL_TYPES);
        CHECK_RC(s, rc, SQL_SUCCESS);
        CHECK_OK(s, SQLFetch(s));
        CHECK_OK(s, SQLFetch(s));
        CHECK_RC(s, SQLFetch(s), SQL_NO_DATA);
        CHECK_OK(s, SQLFreeStmt(s, SQL_CLOSE));
    }
    link_close(&l);
}

/* ---- the language -------------------------------------------------------------------------------------------------- */

static void language(void)
{
    struct link l = link_open("");
    char text[128] = "";
    CHECK(yes(l.dbc, SQL_COLUMN_ALIAS));
    CHECK_INT(query_int(l.stmt, "select x.y from (select 1 as y) as x"), 1);
    CHECK_INT(number_of(l.dbc, SQL_CORRELATION_NAME), SQL_CN_ANY);
    CHECK(query_int(l.stmt, "select count(*) from pg_class pg_class, pg_class x") > 0);
    CHECK_INT(number_of(l.dbc, SQL_NON_NULLABLE_COLUMNS), SQL_NNC_NON_NULL);
    run(l.stmt, "create temp table required (a int not null)");
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("insert into required values (null)"), SQL_NTS), "23000");
    CHECK(yes(l.dbc, SQL_LIKE_ESCAPE_CLAUSE));
    CHECK_INT(query_int(l.stmt, "select count(*) from (values ('a_b'), ('axb')) v(t) where t like 'a!_b' {escape '!'}"), 1);
    CHECK(yes(l.dbc, SQL_OUTER_JOINS));
    CHECK(yes(l.dbc, SQL_INTEGRITY));
    CHECK(yes(l.dbc, SQL_PROCEDURES));
    run(l.stmt, "create procedure pg_temp.p() language sql as 'select 1'");
    run(l.stmt, "{call pg_temp.p()}");
    CHECK(!yes(l.dbc, SQL_NEED_LONG_DATA_LEN)); /* test_putdata.c gives data without saying how long */
    CHECK(!yes(l.dbc, SQL_ROW_UPDATES));
    CHECK(!yes(l.dbc, SQL_ACCESSIBLE_TABLES)); /* tables of others are listed, readable or not */
    CHECK_OK(l.stmt, SQLTables(l.stmt, NULL, 0, T("pg_catalog"), SQL_NTS, T("pg_authid"), SQL_NTS, NULL, 0));
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("select * from pg_authid"), SQL_NTS), "42000");
    CHECK(!yes(l.dbc, SQL_ACCESSIBLE_PROCEDURES)); /* not all that are there may be called */
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("{call pg_catalog.pg_read_file('x')}"), SQL_NTS), "42000");
    /* Identifiers fold to lower case, quoted ones are as they are. */
    CHECK_INT(number_of(l.dbc, SQL_IDENTIFIER_CASE), SQL_IC_LOWER);
    CHECK_INT(number_of(l.dbc, SQL_QUOTED_IDENTIFIER_CASE), SQL_IC_SENSITIVE);
    query(l.stmt, "select 1 as MiXed, 2 as \"MiXed\"");
    CHECK_OK(l.stmt, SQLDescribeCol(l.stmt, 1, T(text), sizeof text, NULL, NULL, NULL, NULL, NULL));
    CHECK_TEXT(text, "mixed");
    CHECK_OK(l.stmt, SQLDescribeCol(l.stmt, 2, T(text), sizeof text, NULL, NULL, NULL, NULL, NULL));
    CHECK_TEXT(text, "MiXed");
    link_close(&l);
}

/* ---- limits -------------------------------------------------------------------------------------------------------- */

/* "head" and n times "item%d", with commas, and "tail". Static buffer of the latest call. */
static const char *list(const char *head, const char *item, int n, const char *tail)
{
    static char sql[1 << 16];
    size_t used = (size_t)snprintf(sql, sizeof sql, "%s", head);
    for (int i = 0; i < n; i++) {
        used += (size_t)snprintf(sql + used, sizeof sql - used, i ? ", %s%d" : "%s%d", item, i);
    }
    snprintf(sql + used, sizeof sql - used, "%s", tail);
    return sql;
}

static const char *columns(int n)
{
    static char text[1 << 16];
    size_t used = 0;
    for (int i = 0; i < n; i++) {
        used += (size_t)snprintf(text + used, sizeof text - used, i ? ", c%d bool" : "c%d bool", i);
    }
    return text;
}

static void create(struct link *l, const char *name, int n, bool works)
{
    static char sql[1 << 16];
    snprintf(sql, sizeof sql, "create temp table %s (%s)", name, columns(n));
    CHECK_INT(SQLExecDirect(l->stmt, T(sql), SQL_NTS), works ? SQL_SUCCESS : SQL_ERROR);
}

static void limits(void)
{
    struct link l = link_open("");
    int in_select = number_of(l.dbc, SQL_MAX_COLUMNS_IN_SELECT);
    int in_table = number_of(l.dbc, SQL_MAX_COLUMNS_IN_TABLE);
    int in_index = number_of(l.dbc, SQL_MAX_COLUMNS_IN_INDEX);
    SQLSMALLINT count = 0;
    CHECK_OK(l.stmt, SQLExecDirect(l.stmt, T(list("select ", "", in_select, "")), SQL_NTS));
    CHECK_OK(l.stmt, SQLNumResultCols(l.stmt, &count));
    CHECK_INT(count, in_select);
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    CHECK_INT(SQLExecDirect(l.stmt, T(list("select ", "", in_select + 1, "")), SQL_NTS), SQL_ERROR);
    create(&l, "wide", in_table, true);
    create(&l, "wider", in_table + 1, false);
    CHECK_OK(l.stmt, SQLExecDirect(l.stmt, T(list("create index on wide (", "c", in_index, ")")), SQL_NTS));
    CHECK_INT(SQLExecDirect(l.stmt, T(list("create index on wide (", "c", in_index + 1, ")")), SQL_NTS), SQL_ERROR);

    /* No limit is told where there is none to be reached by what people write. */
    static const SQLUSMALLINT none[] = {SQL_MAX_COLUMNS_IN_GROUP_BY, SQL_MAX_COLUMNS_IN_ORDER_BY, SQL_MAX_TABLES_IN_SELECT};
    for (size_t i = 0; i < COUNT(none); i++) {
        CHECK_INT(number_of(l.dbc, none[i]), 0);
    }
    run(l.stmt, list("select 1 from wide group by ", "c", in_table, ""));
    run(l.stmt, list("select 1 from wide order by ", "c", in_table, ""));
    run(l.stmt, "create temp table one (a int)");
    run(l.stmt, list("select 1 from ", "one t", 100, ""));

    /* Names: as long as told, and cut beyond; a cursor's is refused instead. */
    char name[80];
    char told[80] = "";
    char sql[128];
    int longest = number_of(l.dbc, SQL_MAX_COLUMN_NAME_LEN);
    memset(name, 'n', sizeof name);
    for (int n = longest; n <= longest + 1; n++) {
        name[n] = '\0';
        snprintf(sql, sizeof sql, "select 1 as %s", name);
        SQLRETURN rc = SQLExecDirect(l.stmt, T(sql), SQL_NTS);
        CHECK_INT(rc, n == longest ? SQL_SUCCESS : SQL_SUCCESS_WITH_INFO); /* the server warns that it cuts */
        CHECK_OK(l.stmt, SQLDescribeCol(l.stmt, 1, T(told), sizeof told, NULL, NULL, NULL, NULL, NULL));
        CHECK_INT(strlen(told), longest);
        CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
        name[n] = 'n';
    }
    longest = number_of(l.dbc, SQL_MAX_CURSOR_NAME_LEN);
    SQLHSTMT fresh = new_stmt(l.dbc);
    CHECK_OK(fresh, SQLSetCursorName(fresh, T(name), (SQLSMALLINT)longest));
    CHECK_STATE(fresh, SQLSetCursorName(fresh, T(name), (SQLSMALLINT)(longest + 1)), "34000");
    free_stmt(fresh);
    link_close(&l);
}

int main(void)
{
    static const struct test tests[] = {
        {"masks", masks}, {"transactions", transactions}, {"results", results}, {"cursors", cursors}, {"the language", language}, {"limits", limits},
    };
    return run_tests("what SQLGetInfo promises", tests, COUNT(tests));
}
