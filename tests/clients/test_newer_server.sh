#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What Debian 12's server does not have, through pyodbc (newer_server_cases.py): pgvector's types and PostgreSQL 17's infinite intervals. On the test server
# where it has both, else on the PostgreSQL 18 of a wheel that has them.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
if [[ -z ${ALDB_TEST_CLIENT_INI:-} ]]; then
    echo 'SKIP: ALDB_TEST_CLIENT_INI is not set; tests/run starts a server and sets it'
    exit 77
fi
. "$here/../../setup/lib.sh"
export ODBCSYSINI=$ALDB_TEST_CLIENT_INI ODBCINI=$ALDB_TEST_CLIENT_INI/odbc.ini PYTHONDONTWRITEBYTECODE=1

there=0
/usr/bin/python3 "$here/newer_server_cases.py" --there "DSN=$ALDB_TEST_DSN" || there=$?
case $there in
0) exec /usr/bin/python3 "$here/newer_server_cases.py" "DSN=$ALDB_TEST_DSN" ;;
3) ;; # not there
*) exit 1 ;;
esac

. "$here/newer_postgresql.sh"

trap newer_stop EXIT
trap 'exit 130' INT TERM HUP
newer_start 18
/usr/bin/python3 "$here/newer_server_cases.py" "DRIVER=AlloyDB;Server=$newer_socket;Port=$newer_port;Database=postgres;UID=postgres"
