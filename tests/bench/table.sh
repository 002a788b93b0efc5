# SPDX-License-Identifier: Apache-2.0
# What the measuring commands share. To be sourced after setup/lib.sh and tests/lib/server.sh, in this folder.

BENCH_QUERY='select id, n, small, ratio, amount, ok, name, code, at, day from bench'
export BENCH_QUERY

# bench_build NAME LIBRARY…: the program of NAME.c, in build/bench.
bench_build() {
    local name=$1
    shift
    run_logged "$name" cc -std=c17 -D_GNU_SOURCE -O2 -Wall -Wextra -pthread -I"$(pkg-config --variable=includedir libpq)" \
        -o "$LIB_ROOT/build/bench/$name" "$name.c" "$@"
}

# bench_build_direct NAME: the same program as NAME_direct, linked against the driver itself instead of the driver manager.
bench_build_direct() {
    run_logged "$1_direct" cc -std=c17 -D_GNU_SOURCE -O2 -Wall -Wextra -pthread -o "$LIB_ROOT/build/bench/$1_direct" "$1.c" \
        -L"$LIB_ROOT/build/driver" -l:liballoydbodbc.so -Wl,-rpath,"$LIB_ROOT/build/driver"
}

# bench_client NAME COMMAND: runs it; false, and a note, where it cannot be had.
bench_client() {
    local status=0
    ("$2") >"$LIB_LOGS/client.log" 2>&1 || status=$?
    ((status != 0)) || return 0
    note "without $1: $(sed -n 's/^SKIP: //p' "$LIB_LOGS/client.log" | tail -n 1)"
    ((status == 77)) || cat "$LIB_LOGS/client.log"
    return 1
}

# bench_table ROWS: ten columns of mixed types, with a primary key.
bench_table() {
    # A part of the table is to be the same part each time: scans are not to begin where others are.
    run_logged table test_psql -d aldb_test -c 'alter database aldb_test set synchronize_seqscans = off' -c "
create table bench as
select i as id, (i * 7919 % 1000003)::integer as n, (i % 30000)::smallint as small, i * 0.7310585786300049 as ratio,
       (i % 100000000) / 100.0::numeric(12, 2) as amount, i % 3 = 0 as ok, 'customer number ' || i as name,
       md5(i::text)::varchar(40) as code, timestamp '2020-01-01' + i * interval '37.5 seconds' as at, date '2000-01-01' + (i % 9000)::integer as day
from generate_series(1::bigint, $1) as i" -c 'alter table bench add primary key (id)' -c 'vacuum analyze bench' \
        -c 'grant select on bench to aldb_test, aldb_trust' -c checkpoint
}
