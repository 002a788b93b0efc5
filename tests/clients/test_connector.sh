#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The connector through the driver manager, as a Python program uses it, against the emulator before the tests' PostgreSQL.
set -euo pipefail
. "$(dirname "$0")/../emulator/clients.sh"

need_server
/usr/bin/python3 -c 'import cryptography, pyodbc' 2>/dev/null || skip 'python3-cryptography and python3-pyodbc are needed'
[[ -n ${ALDB_TEST_CLIENT_INI:-} ]] || skip 'ALDB_TEST_CLIENT_INI is not set; tests/run sets it'
export ODBCSYSINI=$ALDB_TEST_CLIENT_INI ODBCINI=$ALDB_TEST_CLIENT_INI/odbc.ini
uri=projects/emulator/locations/us-central1/clusters/demo/instances
log=$WORK/connector.log
status=0
# As harness.alone() does it: one test at a time has the port where the name localhost leads.
exec 5>>"${TMPDIR:-/tmp}/alloydb-emulator-5433.$(id -u).lock"
flock 5
"$EMULATOR/alloydb-emulator" --listen auto --postgres "$ALDB_TEST_SOCKETDIR:$ALDB_TEST_PORT" --admin postgres \
    --instance "$uri/all?psc=localhost@127.0.0.1" --instance "$uri/private?public=none&psc=none" --instance "$uri/short?public=none&psc=none" \
    --run /usr/bin/python3 "$(dirname "$0")/connector_cases.py" >"$log" 2>&1 || status=$?
cat "$log"
! grep -q 'cannot listen on 127.0.0.1 port 5433' "$log" || skip 'another program listens on 127.0.0.1 port 5433, where the name localhost leads'
# What libpq finds odd it prints, whether the program wants that or not.
! grep -q WARNING "$log" || status=1
exit "$status"
