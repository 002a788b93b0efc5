# SPDX-License-Identifier: Apache-2.0
# The PostgreSQL server of the tests, made new for each run: TLS, every way to log in, TCP and Unix socket.
# To be sourced after setup/lib.sh. Everything lies in one folder directly under /tmp, because the path of a Unix socket may have 107 bytes only.

TEST_DIR=''
TEST_BIN=''

# ---- certificates -------------------------------------------------------------------------------------------------

# sign NAME SUBJECT EXTENSION: NAME.key and NAME.crt, signed by the test authority.
test_sign() {
    openssl req -newkey rsa:2048 -nodes -keyout "$1.key" -out "$1.csr" -subj "$2"
    openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -out "$1.crt" \
        -extfile <(printf '%s\n' "$3")
    rm "$1.csr"
}

# test_make_crl NAME [CERTIFICATE]: NAME.crl, the authority's list with that certificate revoked, or with none; NAME.crls is a directory with the same.
test_make_crl() {
    : >index.txt
    printf '[ca]\ndefault_ca = test\n[test]\ndatabase = index.txt\ndefault_md = sha256\ndefault_crl_days = 2\n' >crl.cnf
    [[ $# == 1 ]] || openssl ca -config crl.cnf -cert ca.crt -keyfile ca.key -revoke "$2"
    openssl ca -config crl.cnf -cert ca.crt -keyfile ca.key -gencrl -out "$1.crl"
    mkdir -m 755 "$1.crls"
    cp "$1.crl" "$1.crls/"
    openssl rehash "$1.crls"
    rm index.txt* crl.cnf
}

test_make_certificates() {
    (
        cd "$TEST_DIR/tls"
        umask 077
        local name
        for name in ca stranger; do
            openssl req -x509 -newkey rsa:2048 -nodes -keyout "$name.key" -out "$name.crt" -days 2 \
                -subj "/CN=AlloyDB ODBC test $name" -addext basicConstraints=critical,CA:TRUE
        done
        # Valid for "localhost" and not for 127.0.0.1: that is how verify-full and verify-ca are told apart.
        test_sign server /CN=localhost subjectAltName=DNS:localhost
        test_sign client /CN=aldb_cert extendedKeyUsage=clientAuth
        openssl rsa -aes256 -passout pass:key-secret -in client.key -out client-encrypted.key
        test_make_crl none
        test_make_crl revoked server.crt
        chmod 644 ./*.crt ./*.crl
    )
}

# ---- the server ---------------------------------------------------------------------------------------------------

test_write_configuration() {
    as_pg tee -a "$TEST_DIR/data/postgresql.conf" >/dev/null <<TEXT
listen_addresses = '127.0.0.1, ::1'
port = $1
unix_socket_directories = '$TEST_DIR/socket'
max_connections = ${TEST_MAX_CONNECTIONS:-500}
max_prepared_transactions = 5
ssl = on
ssl_cert_file = '$TEST_DIR/data/server.crt'
ssl_key_file = '$TEST_DIR/data/server.key'
ssl_ca_file = '$TEST_DIR/data/ca.crt'
password_encryption = 'scram-sha-256'
wal_level = minimal
max_wal_senders = 0
fsync = off
synchronous_commit = off
full_page_writes = off
shared_buffers = 256MB
log_connections = off
TEXT
    as_pg tee "$TEST_DIR/data/pg_hba.conf" >/dev/null <<'TEXT'
# type    database  user         address       method
local     all       postgres                   trust
local     all       aldb_trust                 trust
local     all       all                        scram-sha-256
host      all       aldb_trust   samehost      trust
host      all       aldb_md5     samehost      md5
host      all       aldb_clear   samehost      password
hostssl   all       aldb_cert    samehost      cert
hostssl   all       aldb_tls     samehost      scram-sha-256
hostnossl all       aldb_plain   samehost      scram-sha-256
host      all       aldb_tls,aldb_plain,aldb_cert,aldb_reject  samehost      reject
host      all       all          samehost      scram-sha-256
TEXT
}

test_psql() { as_pg "$TEST_BIN/psql" -X -q -v ON_ERROR_STOP=1 -h "$TEST_DIR/socket" -p "$ALDB_TEST_PORT" -U postgres "$@"; }

# Roles are named after the way they log in. aldb_test owns its database and is no superuser.
test_create_roles() {
    test_psql -d postgres -v password="$ALDB_TEST_PASSWORD" -v odd="$ALDB_TEST_ODD_PASSWORD" <<'SQL'
create role aldb_test login createdb password :'password';
grant pg_signal_backend, pg_monitor to aldb_test;
create role aldb_tls login password :'password';
create role aldb_plain login password :'password';
create role aldb_clear login password :'password';
create role aldb_odd login password :'odd';
create role aldb_reject login password :'password';
create role aldb_trust login;
create role aldb_cert login;
create role aldb_readonly login password :'password';
alter role aldb_readonly set default_transaction_read_only = on;
set password_encryption = 'md5';
create role aldb_md5 login password :'password';
create database aldb_test owner aldb_test template template0 encoding 'UTF8' locale 'C.UTF-8';
create database aldb_latin1 owner aldb_test template template0 encoding 'LATIN1' locale 'C';
SQL
    test_psql -d aldb_test <<'SQL'
create extension citext;
create extension hstore;
create extension ltree;
create extension isn;
create extension seg;
do $$ begin
    if exists (select from pg_available_extensions where name = 'vector') then
        create extension vector;
    end if;
end $$;
grant all on schema public to public;
SQL
}

# ---- a pooler in front of it --------------------------------------------------------------------------------------

# PgBouncer: pool_one and pool_two pool transactions over one and two server connections, pool_session pools sessions. Where it is not installed the
# facts are missing, and the tests that need them are skipped.
test_pooler_start() {
    local port database pgbouncer try
    pgbouncer=$(PATH=$PATH:/usr/sbin command -v pgbouncer) || return 0
    port=$(free_port)
    mkdir "$TEST_DIR/pooler"
    printf '"%s" "%s"\n' aldb_test "$ALDB_TEST_PASSWORD" >"$TEST_DIR/pooler/users"
    {
        printf '[databases]\n'
        for database in 'pool_one transaction 1' 'pool_two transaction 2' 'pool_session session 20'; do
            # shellcheck disable=SC2086 # three words
            printf '%s = host=127.0.0.1 port=%s dbname=aldb_test pool_mode=%s pool_size=%s\n' ${database/ / $ALDB_TEST_PORT }
        done
        cat <<TEXT
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $port
unix_socket_dir =
auth_type = scram-sha-256
auth_file = $TEST_DIR/pooler/users
logfile = $TEST_DIR/pooler/log
pidfile = $TEST_DIR/pooler/pid
max_client_conn = 200
TEXT
    } >"$TEST_DIR/pooler/ini"
    [[ $(id -u) != 0 ]] || chown -R "$(pg_user)" "$TEST_DIR/pooler"
    run_logged pgbouncer as_pg "$pgbouncer" -q -d "$TEST_DIR/pooler/ini"
    # It listens a moment after its first process has ended.
    for try in {1..600}; do
        ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
        [[ $try != 600 ]] || fail 'the pooler does not listen'
        sleep 0.1
    done
    export ALDB_TEST_POOLER_PORT=$port
}

test_pooler_stop() {
    local pid
    pid=$(cat "$TEST_DIR/pooler/pid" 2>/dev/null) || return 0
    cp "$TEST_DIR/pooler/log" "$LIB_LOGS/pgbouncer.log" 2>/dev/null || true
    kill -INT "$pid" 2>/dev/null || true
}

# test_server_start: makes and starts the server, and exports the facts that tests read (tests/odbc/harness.h lists them).
test_server_start() {
    local port try
    TEST_BIN=$(pg_find_bin)
    TEST_DIR=$(mktemp -d /tmp/aldb-test.XXXXXX)
    chmod 755 "$TEST_DIR"
    mkdir "$TEST_DIR/socket" "$TEST_DIR/tls" "$TEST_DIR/data"
    run_logged certificates test_make_certificates
    if [[ $(id -u) == 0 ]]; then
        chown "$(pg_user)" "$TEST_DIR/socket" "$TEST_DIR/data"
    fi
    run_logged initdb as_pg "$TEST_BIN/initdb" -D "$TEST_DIR/data" -U postgres -A trust -N -E UTF8 --locale=C.UTF-8
    cp "$TEST_DIR/tls/"{server.crt,server.key,ca.crt} "$TEST_DIR/data/"
    [[ $(id -u) != 0 ]] || chown "$(pg_user)" "$TEST_DIR/data/"{server.crt,server.key,ca.crt}

    LIB_LOG=$TEST_DIR/data/server.log
    for try in 1 2 3; do
        port=$(free_port)
        test_write_configuration "$port"
        pg_start "$TEST_BIN" "$TEST_DIR/data" "$TEST_DIR/data/server.log" >"$LIB_LOGS/pg_ctl.log" 2>&1 && break
        [[ $try != 3 ]] || fail 'the server did not start'
    done

    export ALDB_TEST_HOST=127.0.0.1 ALDB_TEST_PORT=$port ALDB_TEST_SOCKETDIR=$TEST_DIR/socket
    export ALDB_TEST_PGDATA=$TEST_DIR/data ALDB_TEST_PGBIN=$TEST_BIN
    export ALDB_TEST_DATABASE=aldb_test ALDB_TEST_USER=aldb_test
    ALDB_TEST_PASSWORD=$(random_password)
    # Every character that means something in a connection string.
    ALDB_TEST_ODD_PASSWORD="p;w=}{ '\"é?@(x)"
    export ALDB_TEST_PASSWORD ALDB_TEST_ODD_PASSWORD
    export ALDB_TEST_CA=$TEST_DIR/tls/ca.crt ALDB_TEST_WRONG_CA=$TEST_DIR/tls/stranger.crt
    export ALDB_TEST_CERT=$TEST_DIR/tls/client.crt ALDB_TEST_KEY=$TEST_DIR/tls/client.key
    export ALDB_TEST_ENCRYPTED_KEY=$TEST_DIR/tls/client-encrypted.key ALDB_TEST_KEY_PASSWORD=key-secret
    export ALDB_TEST_CRLS=$TEST_DIR/tls
    # Where no server of a test will listen later, and no client's end will be.
    ALDB_TEST_DEAD_PORT=$(free_port 32001 700)
    export ALDB_TEST_DEAD_PORT
    export ALDB_TEST_CONNINFO="host=127.0.0.1 port=$port dbname=aldb_test user=aldb_test password=$ALDB_TEST_PASSWORD"
    export ALDB_TEST_SUPER_CONNINFO="host=$TEST_DIR/socket port=$port dbname=aldb_test user=postgres"
    run_logged roles test_create_roles
    test_pooler_start
}

# test_write_ini FOLDER LIBRARY: a private odbcinst.ini and odbc.ini there, with the driver AlloyDB and the DSN alloydb_test.
test_write_ini() {
    mkdir -p "$1"
    write_odbcinst "$1/odbcinst.ini" "$2"
    rm -f "$1/odbc.ini"
    write_dsn "$1/odbc.ini" alloydb_test "$ALDB_TEST_HOST" "$ALDB_TEST_PORT" "$ALDB_TEST_DATABASE" "$ALDB_TEST_USER" \
        "$ALDB_TEST_PASSWORD" prefer
}

test_server_stop() {
    [[ -n $TEST_DIR ]] || return 0
    test_pooler_stop
    if [[ -d $TEST_DIR/data ]]; then
        cp "$TEST_DIR/data/server.log" "$LIB_LOGS/server.log" 2>/dev/null || true
        pg_stop "$TEST_BIN" "$TEST_DIR/data" immediate >/dev/null 2>&1 || true
    fi
    rm -rf "$TEST_DIR"
    TEST_DIR=''
}
