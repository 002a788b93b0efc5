#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# unixODBC's own client on a DSN and on a string without one, with rows, errors and no rows.
set -euo pipefail

if [[ -z ${ALDB_TEST_CLIENT_INI:-} ]]; then
    echo 'SKIP: ALDB_TEST_CLIENT_INI is not set; tests/run starts a server and sets it'
    exit 77
fi
export ODBCSYSINI=$ALDB_TEST_CLIENT_INI ODBCINI=$ALDB_TEST_CLIENT_INI/odbc.ini
failures=0

# expect WHAT PATTERN TEXT: the text has a line that matches the extended regular expression.
expect() {
    if grep -Eq -- "$2" <<<"$3"; then
        printf 'ok      %s\n' "$1"
    else
        printf 'FAILED  %s: no line matches /%s/ in\n%s\n' "$1" "$2" "$3"
        failures=$((failures + 1))
    fi
}

on_dsn() { isql "$ALDB_TEST_DSN" -b -v "${@:2}" <<<"$1" 2>&1 || true; }
on_string() { isql -k "$1" -b -v <<<"$2" 2>&1 || true; }

expect 'a row on a DSN' '^\| 42 +\| x +\| +\|$' "$(on_dsn "select 42 as n, 'x'::text as t, null::text as z")"
expect 'column names' '^\| n +\| a +b +\|' "$(on_dsn 'select 1 as n, 2 as "a b"')"
expect 'the number of rows' '^1000 rows fetched' "$(on_dsn 'select * from generate_series(1, 1000)')"
expect 'no rows' '^0 rows fetched|^SQLRowCount returns 0' "$(on_dsn 'select 1 where false')"
expect 'delimited output' '^1,2$' "$(on_dsn 'select 1, 2' -d,)"
# isql is an ODBC 2 application: the driver manager makes 42S02 the S0002 of those days.
expect 'an error with its SQLSTATE and the server'\''s words' '^\[(42S02|S0002)\]\[AlloyDB\].*relation "nowhere" does not exist' "$(on_dsn 'select * from nowhere')"
expect 'a marker without a parameter, and what else it may have meant' '^\[07002\]\[AlloyDB\].*\?\?\|' "$(on_dsn "select '{}'::jsonb ? 'a'")"
expect 'the operator' '^\| 1 ' "$(on_dsn "select '{\"a\": 1}'::jsonb ?? 'a'")"
expect 'a notice' 'NOTICE: hello' "$(on_dsn "do \$\$ begin raise notice 'hello'; end \$\$")"
expect 'several results of one text' '^\| b +\|' "$(on_dsn "select 'a'::varchar(3); select 'b'::varchar(3)")"
expect 'a quoted semicolon' '^\| a;b +\|' "$(on_dsn "select 'a;b'::varchar(3)")"
expect 'an unterminated text' '^\[(42000|37000)\]\[AlloyDB\].*never ends' "$(on_dsn "select 'x")"
expect 'a string without a DSN' '^\| 7 +\|' "$(on_string "$ALDB_TEST_CONNSTR" 'select 7 as n')"
expect 'a refused string' '^\[28000\]\[AlloyDB\]' "$(on_string "UID=aldb_test;PWD=wrong;DSN=$ALDB_TEST_DSN" 'select 1')"
expect 'help lists tables' '^\| .*\| isql_table +\|' "$(isql "$ALDB_TEST_DSN" -b -v -m20 2>&1 <<'SQL' || true
create table isql_table (a int)
help
drop table isql_table
SQL
)"
exit $((failures > 0))
