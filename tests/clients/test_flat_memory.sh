#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The peak memory of programs with the driver as users get it: a million rows take less than 24 MB, and a value given in parts is held twice, by the driver
# and by libpq. (tests/bench measures the time as well.)
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
if [[ -z ${ALDB_TEST_CLIENT_INI:-} ]]; then
    echo 'SKIP: ALDB_TEST_CLIENT_INI is not set; tests/run starts a server and sets it'
    exit 77
fi
export ODBCSYSINI=$ALDB_TEST_CLIENT_INI ODBCINI=$ALDB_TEST_CLIENT_INI/odbc.ini
programs=$(mktemp -d /tmp/aldb-memory.XXXXXX)
trap 'rm -rf "$programs"' EXIT
for program in odbc_fetch put_parts; do
    cc -std=c17 -D_GNU_SOURCE -O2 -Wall -Wextra -o "$programs/$program" "$here/../bench/$program.c" -lodbc
done

# measure NAME MOST-KB COUNT SUM PROGRAM ARGUMENTS…: SUM "-" is not looked at.
measure() {
    local name=$1 most=$2 count=$3 sum=$4 counted summed kb
    shift 4
    read -r counted summed _ _ _ kb _ <<<"$("$@")"
    echo "$name: $kb kB, at most $most"
    [[ $counted == "$count" && ($sum == - || $summed == "$sum") ]] || { echo "wrong: $counted, $summed"; exit 1; }
    ((kb <= most)) || exit 1
}

rows=1000000
query="select i as id, (i * 7919 % 1000003)::integer as n, (i % 30000)::smallint as small, i * 0.73::float8 as ratio, (i % 100000000) / 100.0::numeric(12, 2) as amount,
    i % 3 = 0 as ok, 'customer number ' || i as name, md5(i::text)::varchar(40) as code, timestamp '2020-01-01' + i * interval '37.5 seconds' as at,
    date '2000-01-01' + (i % 9000)::integer as day from generate_series(1::bigint, $rows) as i"
for road in 'SSLMode=disable' 'SSLMode=require'; do
    measure "$rows rows, $road" $((24 * 1024)) "$rows" - "$programs/odbc_fetch" bound "$road;DSN=$ALDB_TEST_DSN" "$query"
done
measure "$rows rows of COPY TO STDOUT" $((24 * 1024)) "$rows" - "$programs/odbc_fetch" bound "DSN=$ALDB_TEST_DSN" "copy (select i, repeat('x', 40) from generate_series(1, $rows) i) to stdout"
megabytes=100
for type in text bytea; do
    measure "$megabytes MB of $type in parts" $((megabytes * 2200 + 24 * 1024)) 1 $((megabytes << 20)) "$programs/put_parts" "DSN=$ALDB_TEST_DSN" "$type" $((megabytes * 1024))
done
