#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A primary and its hot standby (streaming replication), small and without TLS, for the tests that need two kinds of server.
#   pair.sh start FOLDER                     makes and starts both; prints their ports: the primary's, the standby's
#   pair.sh stop FOLDER primary|standby      and start-again; the ports stay
#   pair.sh wait FOLDER                      until the standby has all that the primary has
#   pair.sh deaf|hears FOLDER                the standby lets nobody in (57P03), and again everybody
#   pair.sh promote FOLDER                   the standby becomes a primary
#   pair.sh remove FOLDER
# The role is aldb_pair with the password "pair", the database postgres; superuser on the socket in FOLDER: postgres.
set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/../../setup/lib.sh"

ACTION=$1
DIR=$2
BIN=$(pg_find_bin)
LIB_LOGS=$DIR

port_of() { sed -n 's/^port = //p' "$DIR/$1/postgresql.conf" | tail -n 1; }

psql_at() {
    local server=$1
    shift
    as_pg "$BIN/psql" -X -q -A -t -v ON_ERROR_STOP=1 -h "$DIR" -p "$(port_of "$server")" -U postgres -d postgres "$@"
}

configure() {
    as_pg tee -a "$DIR/$1/postgresql.conf" >/dev/null <<TEXT
listen_addresses = '127.0.0.1'
port = $2
unix_socket_directories = '$DIR'
max_connections = 20
max_wal_senders = 4
shared_buffers = 16MB
ssl = off
fsync = off
TEXT
}

start() {
    local try
    for try in 1 2 3; do
        configure "$1" "$(free_port)"
        pg_start "$BIN" "$DIR/$1" "$DIR/$1/server.log" >>"$DIR/pg_ctl.log" 2>&1 && return
    done
    tail -n 20 "$DIR/$1/server.log" >&2
    exit 1
}

# The standby has replayed what the primary has written.
caught_up() {
    local lsn try
    lsn=$(psql_at primary -c 'select pg_current_wal_lsn()')
    for try in {1..200}; do
        [[ $(psql_at standby -c "select pg_last_wal_replay_lsn() >= '$lsn'") == t ]] && return
        sleep 0.1
    done
    echo "the standby did not catch up" >&2
    exit 1
}

case $ACTION in
start)
    mkdir -p "$DIR"
    chmod 755 "$DIR"
    [[ $(id -u) != 0 ]] || chown "$(pg_user)" "$DIR"
    as_pg "$BIN/initdb" -D "$DIR/primary" -U postgres -A trust -N -E UTF8 --locale=C.UTF-8 >"$DIR/initdb.log" 2>&1
    as_pg tee "$DIR/primary/pg_hba.conf" >/dev/null <<'TEXT'
local  all          postgres                trust
local  replication  postgres                trust
host   all          all       127.0.0.1/32  scram-sha-256
TEXT
    start primary
    psql_at primary -c "create role aldb_pair login password 'pair'"
    as_pg "$BIN/pg_basebackup" -h "$DIR" -p "$(port_of primary)" -U postgres -D "$DIR/standby" -R -c fast >"$DIR/basebackup.log" 2>&1
    start standby
    caught_up
    printf '%s %s\n' "$(port_of primary)" "$(port_of standby)"
    ;;
stop) pg_stop "$BIN" "$DIR/$3" immediate >>"$DIR/pg_ctl.log" 2>&1 ;;
start-again) pg_start "$BIN" "$DIR/$3" "$DIR/$3/server.log" >>"$DIR/pg_ctl.log" 2>&1 ;;
wait) caught_up ;;
deaf | hears)
    echo "hot_standby = $([[ $ACTION == deaf ]] && echo off || echo on)" | as_pg tee -a "$DIR/standby/postgresql.conf" >/dev/null
    pg_stop "$BIN" "$DIR/standby" immediate >>"$DIR/pg_ctl.log" 2>&1
    pg_start "$BIN" "$DIR/standby" "$DIR/standby/server.log" >>"$DIR/pg_ctl.log" 2>&1
    [[ $ACTION == deaf ]] || caught_up
    ;;
promote) as_pg "$BIN/pg_ctl" -D "$DIR/standby" -w -t 60 promote >>"$DIR/pg_ctl.log" 2>&1 ;;
remove)
    for server in standby primary; do
        pg_stop "$BIN" "$DIR/$server" immediate >>"$DIR/pg_ctl.log" 2>&1 || true
    done
    rm -rf "$DIR"
    ;;
*)
    sed -n '3,10p' "${BASH_SOURCE[0]}" >&2
    exit 2
    ;;
esac
