#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Something that logs users in for PostgreSQL, and a PostgreSQL that asks it, for one test program:
#
#   ways.sh kerberos|ldap|radius FOLDER PID
#
# FOLDER is empty and directly under /tmp; everything lies in it. All of it ends, and FOLDER with it, when the process PID has ended.
# Prints facts as NAME=VALUE, for tests to read as ALDB_TEST_NAME; or a line that begins with SKIP, and ends with 77, where a program is not installed.
set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/../../setup/lib.sh"

WAY=$1
DIR=$2
OWNER=$3
BIN=$(pg_find_bin)
LIB_LOGS=$DIR
HERE=127.0.0.1
DAEMON=''
PATH=$PATH:/usr/sbin

# need PROGRAM PACKAGE…
need() {
    command -v "$1" >/dev/null || { echo "SKIP: $1 is not installed; Debian has it in ${*:2}"; exit 77; }
}

psql_here() { as_pg "$BIN/psql" -X -q -A -t -v ON_ERROR_STOP=1 -h "$DIR" -p "$PORT" -U postgres -d postgres "$@"; }

# await WHAT LOG COMMAND…: until it succeeds.
await() {
    local what=$1 log=$2 try
    shift 2
    for try in {1..300}; do
        "$@" >/dev/null 2>&1 && return
        sleep 0.1
    done
    printf '%s does not answer\n' "$what" >&2
    tail -n 20 "$log" >&2
    exit 1
}

# daemon LOG COMMAND…: beside us, with nothing of ours open.
daemon() {
    local log=$1
    shift
    setsid "$@" </dev/null >>"$log" 2>&1 &
    DAEMON=$!
}

remove() {
    local pid
    for pid in $DAEMON; do
        kill "$pid" 2>/dev/null || true
    done
    pg_stop "$BIN" "$DIR/data" immediate >/dev/null 2>&1 || true
    rm -rf "$DIR"
}

# server ROLES SETTING…: the lines of pg_hba.conf come on the standard input.
server() {
    local roles=$1 try
    shift
    as_pg "$BIN/initdb" -D "$DIR/data" -U postgres -A trust -N -E UTF8 --locale=C.UTF-8 >"$DIR/initdb.log" 2>&1
    as_pg tee "$DIR/data/pg_hba.conf" >/dev/null <<<"local all postgres trust
$(cat)"
    install -m 600 "$ALDB_TEST_PGDATA/server.key" "$ALDB_TEST_PGDATA/server.crt" "$DIR/data"
    [[ $(id -u) != 0 ]] || chown "$(pg_user)" "$DIR/data/"server.{key,crt}
    for try in 1 2 3; do
        PORT=$(free_port)
        printf '%s\n' "listen_addresses = '$HERE'" "port = $PORT" "unix_socket_directories = '$DIR'" 'ssl = on' 'max_connections = 30' \
            'shared_buffers = 16MB' 'fsync = off' "$@" | as_pg tee "$DIR/data/postgresql.auto.conf" >/dev/null
        pg_start "$BIN" "$DIR/data" "$DIR/server.log" >>"$DIR/pg_ctl.log" 2>&1 && break
        [[ $try != 3 ]] || { tail -n 20 "$DIR/server.log" >&2; exit 1; }
    done
    psql_here -c "$roles"
    echo "WAY_PORT=$PORT"
}

# ---- Kerberos -----------------------------------------------------------------------------------------------------

# krb5_conf FILE PORT: what clients and the server know of the realm.
krb5_conf() {
    cat >"$1" <<TEXT
[libdefaults]
default_realm = ALDB.TEST
dns_lookup_kdc = false
dns_lookup_realm = false
dns_canonicalize_hostname = false
rdns = false
forwardable = true
[realms]
ALDB.TEST = {
    kdc = $HERE:$2
}
[domain_realm]
localhost = ALDB.TEST
TEXT
}

kadmin_here() { kadmin.local -r ALDB.TEST -q "$1" >>"$DIR/kadmin.log" 2>&1; }

# The tickets are app's; stranger is nobody in the database. The server goes by two names of service.
kerberos() {
    need krb5kdc krb5-kdc
    need kadmin.local krb5-admin-server
    need kinit krb5-user
    local port
    port=$(free_port)
    krb5_conf "$DIR/krb5.conf" "$port"
    krb5_conf "$DIR/dead.conf" "$ALDB_TEST_DEAD_PORT"
    cat >"$DIR/kdc.conf" <<TEXT
[kdcdefaults]
kdc_listen = $HERE:$port
kdc_tcp_listen = $HERE:$port
[realms]
ALDB.TEST = {
    database_name = $DIR/principal
    key_stash_file = $DIR/stash
    acl_file = $DIR/acl
    max_life = 1h
}
[logging]
kdc = FILE:$DIR/kdc.log
TEXT
    export KRB5_CONFIG=$DIR/krb5.conf KRB5_KDC_PROFILE=$DIR/kdc.conf
    kdb5_util -r ALDB.TEST create -s -P "$(random_password)" >>"$DIR/kadmin.log" 2>&1
    local name
    for name in app stranger postgres/localhost alloy/localhost; do
        kadmin_here "addprinc -randkey $name"
    done
    for name in app stranger; do
        kadmin_here "ktadd -k $DIR/$name.keytab $name"
    done
    kadmin_here "ktadd -k $DIR/server.keytab postgres/localhost alloy/localhost"
    [[ $(id -u) != 0 ]] || chown "$(pg_user)" "$DIR/server.keytab"
    daemon "$DIR/kdc.log" krb5kdc -n -r ALDB.TEST
    await 'the KDC' "$DIR/kdc.log" kinit -k -t "$DIR/app.keytab" -c "FILE:$DIR/app.ccache" app
    kinit -k -t "$DIR/app.keytab" -c "FILE:$DIR/expired.ccache" -l 1s app
    cp "$DIR/expired.ccache" "$DIR/expired-keytab.ccache"
    kinit -k -t "$DIR/stranger.keytab" -c "FILE:$DIR/stranger.ccache" stranger
    local settings=("krb_server_keyfile = '$DIR/server.keytab'")
    (($("$BIN/postgres" --version | sed 's/[^0-9]*\([0-9]*\).*/\1/') < 16)) || settings+=('gss_accept_delegation = on')
    server 'create role krb_any login; create role krb_sealed login; create role krb_open login' "${settings[@]}" <<'TEXT'
hostgssenc   all krb_open   samehost reject
hostnogssenc all krb_sealed samehost reject
host         all all        samehost gss include_realm=0 map=app
TEXT
    while klist -s -c "FILE:$DIR/expired.ccache"; do
        sleep 0.1
    done
    as_pg tee "$DIR/data/pg_ident.conf" >/dev/null <<<"$(printf 'app app %s\n' krb_any krb_sealed krb_open)"
    psql_here -c 'select pg_reload_conf()' >/dev/null
    printf '%s\n' "KRB5_CONFIG=$DIR/krb5.conf" "KRB5_DEAD=$DIR/dead.conf" "KRB5_DIR=$DIR"
}

# ---- LDAP ---------------------------------------------------------------------------------------------------------

# Everybody's password is $ALDB_TEST_PASSWORD, odd's is the one with odd characters. People may be searched for by "searcher" alone. Those named ldap_tls_… the
# directory lets in over TLS alone. Its certificate is its own authority, and is for the address: libldap calls localhost by the machine's name.
ldap() {
    need slapd slapd
    local port tls base=dc=aldb,dc=test name
    local people=(ldap_bind ldap_search ldap_nowhere ldap_odd ldap_tls_start ldap_tls_ldaps ldap_tls_search ldap_tls_none ldap_tls_misnamed)
    port=$(free_port)
    tls=$(free_port)
    mkdir "$DIR/ldap"
    openssl req -x509 -newkey rsa:2048 -nodes -keyout "$DIR/directory.key" -out "$DIR/directory.crt" -days 2 -subj /CN=directory \
        -addext "subjectAltName=IP:$HERE" 2>"$DIR/openssl.log"
    cat >"$DIR/slapd.conf" <<TEXT
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile $DIR/slapd.pid
TLSCertificateFile $DIR/directory.crt
TLSCertificateKeyFile $DIR/directory.key
database mdb
suffix "$base"
rootdn "cn=admin,$base"
directory $DIR/ldap
access to dn.regex="^uid=ldap_tls_" attrs=userPassword by anonymous ssf=128 auth by * none
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="cn=searcher,$base" read by * none
TEXT
    {
        printf 'dn: %s\nobjectClass: domain\ndc: aldb\n\ndn: ou=people,%s\nobjectClass: organizationalUnit\nou: people\n\n' "$base" "$base"
        printf 'dn: cn=searcher,%s\nobjectClass: person\ncn: searcher\nsn: s\nuserPassword: searching\n\n' "$base"
        for name in "${people[@]}"; do
            printf 'dn: uid=%s,ou=people,%s\nobjectClass: inetOrgPerson\nuid: %s\ncn: %s\nsn: s\nuserPassword:: %s\n\n' "$name" "$base" "$name" "$name" \
                "$([[ $name == ldap_odd ]] && printf %s "$ALDB_TEST_ODD_PASSWORD" | base64 -w 0 || printf %s "$ALDB_TEST_PASSWORD" | base64 -w 0)"
        done
    } >"$DIR/people.ldif"
    # A copy: where AppArmor confines the installed one it may read no folder of ours.
    cp "$(command -v slapd)" "$DIR/slapd"
    "$DIR/slapd" -Tadd -f "$DIR/slapd.conf" -l "$DIR/people.ldif" >"$DIR/slapd.log" 2>&1
    daemon "$DIR/slapd.log" "$DIR/slapd" -f "$DIR/slapd.conf" -h "ldap://$HERE:$port ldaps://$HERE:$tls" -d 0
    await slapd "$DIR/slapd.log" bash -c "exec 3<>/dev/tcp/$HERE/$port"
    server "$(printf 'create role %s login; ' "${people[@]}" ldap_unknown)" <<TEXT
host all ldap_tls_start      samehost ldap ldapserver=$HERE ldapport=$port ldaptls=1 ldapprefix="uid=" ldapsuffix=",ou=people,$base"
host all ldap_tls_ldaps      samehost ldap ldapserver=$HERE ldapport=$tls ldapscheme=ldaps ldapprefix="uid=" ldapsuffix=",ou=people,$base"
host all ldap_tls_search     samehost ldap ldapurl="ldaps://$HERE:$tls/$base?uid?sub" ldapbinddn="cn=searcher,$base" ldapbindpasswd=searching
host all ldap_tls_none       samehost ldap ldapserver=$HERE ldapport=$port ldapprefix="uid=" ldapsuffix=",ou=people,$base"
host all ldap_tls_misnamed   samehost ldap ldapserver=localhost ldapport=$port ldaptls=1 ldapprefix="uid=" ldapsuffix=",ou=people,$base"
host all ldap_bind,ldap_odd samehost ldap ldapserver=$HERE ldapport=$port ldapprefix="uid=" ldapsuffix=",ou=people,$base"
host all ldap_nowhere       samehost ldap ldapserver=$HERE ldapport=$ALDB_TEST_DEAD_PORT ldapprefix="uid=" ldapsuffix=",ou=people,$base"
host all all                samehost ldap ldapserver=$HERE ldapport=$port ldapbasedn="$base" ldapbinddn="cn=searcher,$base" ldapbindpasswd=searching ldapsearchattribute=uid
TEXT
    # libldap reads it where the server's processes are, behind /etc/ldap/ldap.conf.
    as_pg tee "$DIR/data/ldaprc" >/dev/null <<<"TLS_CACERT $DIR/data/directory.crt
TLS_REQCERT demand"
    install -m 644 "$DIR/directory.crt" "$DIR/data/directory.crt"
    printf '%s\n' "WAY_TRUST=$DIR/data/directory.crt"
}

# ---- RADIUS -------------------------------------------------------------------------------------------------------

radius() {
    need freeradius freeradius
    local port name
    port=$(free_port)
    mkdir "$DIR/radius"
    cat >"$DIR/radius/radiusd.conf" <<TEXT
name = radius
prefix = $DIR
localstatedir = $DIR
libdir = /usr/lib/freeradius
logdir = $DIR
run_dir = $DIR
pidfile = $DIR/radius.pid
log {
    destination = files
    file = $DIR/radius.log
}
client here {
    ipaddr = $HERE
    secret = between-the-two
    require_message_authenticator = no
}
modules {
    files {
        filename = $DIR/radius/users
    }
    pap {
    }
}
server here {
    listen {
        type = auth
        ipaddr = $HERE
        port = $port
    }
    authorize {
        files
        pap
    }
    authenticate {
        pap
    }
}
TEXT
    for name in radius_user radius_nowhere radius_other; do
        printf '%s Cleartext-Password := "%s"\n' "$name" "$ALDB_TEST_PASSWORD"
    done >"$DIR/radius/users"
    : >"$DIR/radius/dictionary"
    daemon "$DIR/radius.log" freeradius -f -d "$DIR/radius" -n radiusd
    await freeradius "$DIR/radius.log" grep -q 'Ready to process requests' "$DIR/radius.log"
    server 'create role radius_user login; create role radius_nowhere login; create role radius_other login' <<TEXT
host all radius_nowhere samehost radius radiusservers=$HERE radiussecrets=between-the-two radiusports=$ALDB_TEST_DEAD_PORT
host all radius_other   samehost radius radiusservers=$HERE radiussecrets=another-secret  radiusports=$port
host all all            samehost radius radiusservers=$HERE radiussecrets=between-the-two radiusports=$port
TEXT
}

chmod 755 "$DIR"
[[ $(id -u) != 0 ]] || chown "$(pg_user)" "$DIR"
trap 'status=$?; remove; exit $((status == LIB_FAILED ? 1 : status))' EXIT
"$WAY"
trap - EXIT
(
    trap '' INT TERM HUP
    tail --pid="$OWNER" -f /dev/null || true
    remove
) </dev/null >/dev/null 2>&1 &
