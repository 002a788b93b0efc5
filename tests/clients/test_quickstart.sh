#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# setup/quickstart in a copy of the sources, in a folder whose name has a blank in it: started, started again, stopped, removed.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
. "$root/tests/lib/fetch.sh"
[[ -n ${ALDB_TEST_CLIENT_INI:-} ]] || skip 'ALDB_TEST_CLIENT_INI is not set; tests/run installs what this needs, and sets it'
# A user's machine knows nothing of the test server, nor of its driver manager's files.
unset "${!ALDB_TEST_@}" ODBCSYSINI ODBCINI ODBCINSTINI
work=$(mktemp -d '/tmp/aldb quickstart.XXXXXX')
copy=$work/alloydb-odbc
trap '"$copy/setup/quickstart" remove >/dev/null 2>&1 || true; rm -rf "$work"' EXIT
mkdir "$copy"
tar -C "$root" --exclude=./build --exclude=./.git -cf - . | tar -C "$copy" -xf -
chmod 755 "$work" "$copy"

# expect WHAT PATTERN FILE
expect() {
    grep -Eq -- "$2" "$3" && return
    echo "not there: $1"
    cat "$3"
    exit 1
}

for time in first second; do
    if ! "$copy/setup/quickstart" --no-install >"$work/$time" 2>&1; then
        cat "$work/$time"
        exit 1
    fi
    expect 'rows through isql' '^    8 rows fetched' "$work/$time"
    expect 'rows through pyodbc' 'Read all 440000 order items in blocks of 10000; they add up to 269206154\.19' "$work/$time"
    expect 'rows through the connector' '^    \| app@quickstart\.iam +\| 220000 ' "$work/$time"
    expect 'how to go on' '^Done in [0-9]+ s' "$work/$time"
done
# Connecting again, with the two exports that it prints.
eval "$(grep -E '^ +export ODBCSYSINI=' "$work/second")"
for dsn in alloydb_quickstart alloydb_quickstart_iam; do
    isql -b -v "$dsn" <<<'select 40 + 2 as n' >"$work/again" 2>&1 || true
    expect "a row of $dsn" '^\| 42 +\|' "$work/again"
done
"$copy/setup/quickstart" status >"$work/status"
"$copy/setup/quickstart" stop >/dev/null
status=0
"$copy/setup/quickstart" status >"$work/status" || status=$?
[[ $status == 3 ]] || { echo "stopped, and its status is $status"; exit 1; }
"$copy/setup/quickstart" remove >/dev/null
[[ ! -e $copy/build/quickstart ]] || { echo 'removed, and still there'; ls -la "$copy/build/quickstart"; exit 1; }
