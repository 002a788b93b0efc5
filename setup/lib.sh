# SPDX-License-Identifier: Apache-2.0
# What setup/quickstart and tests/run share: steps that tell where they are, packages, a private PostgreSQL, ini files.
# To be sourced by bash with `set -euo pipefail`. The caller calls lib_open_logs before the first step.

LIB_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
LIB_PROGRAM=$(basename "$0")
LIB_STEP=''
LIB_STEPS=0
LIB_STEP_COUNT=0
LIB_STARTED=$SECONDS
LIB_LOGS=''
LIB_LOG=''
LIB_REMEDY=''

# isql up to unixODBC 2.3.12 crashes without it.
export HOME=${HOME:-/}

# ---- steps --------------------------------------------------------------------------------------------------------

say() { printf '%s\n' "$*"; }
note() { printf '    %s\n' "$*"; }

# step TITLE REMEDY: opens a step. REMEDY is what a person should do if it fails.
step() {
    LIB_STEP=$1
    LIB_REMEDY=$2
    LIB_LOG=''
    LIB_STEP_COUNT=$((LIB_STEP_COUNT + 1))
    printf '[%d/%d] %s\n' "$LIB_STEP_COUNT" "$LIB_STEPS" "$1"
}

# What fail ends with, so that lib_unexpected knows that all has been said when it happened in a $(…).
readonly LIB_FAILED=125

# What the log or the disks say of the cause goes before the step's own remedy.
lib_cause() {
    local dir
    for dir in "$LIB_ROOT" /var/tmp /tmp; do
        if (($(df --output=avail -k "$dir" 2>/dev/null | tail -n 1) < 100000)); then
            printf 'make room: less than 100 MB are free in %s; or ' "$dir"
        fi
    done
    if [[ -n $LIB_LOG ]] && grep -q -- '-Werror' "$LIB_LOG" 2>/dev/null; then
        printf 'if it is a warning of a compiler newer than those tried: run this again with ALLOYDB_WERROR=OFF in the environment; or '
    fi
}

# fail MESSAGE [REMEDY]: names the step, the log and the remedy, and ends the program.
fail() {
    {
        if ((LIB_STEP_COUNT > 0)); then
            printf '\n%s: step %d (%s) failed: %s\n' "$LIB_PROGRAM" "$LIB_STEP_COUNT" "$LIB_STEP" "$1"
        else
            printf '%s: %s\n' "$LIB_PROGRAM" "$1"
        fi
        if [[ -n $LIB_LOG && -s $LIB_LOG ]]; then
            # A parallel build goes on for a while behind its first error.
            head -n -15 "$LIB_LOG" | grep -m 3 -E '(^|[ :])(fatal )?error: ' | sed 's/^/    | /' || true
            printf 'The last lines of %s:\n' "$LIB_LOG"
            tail -n 15 "$LIB_LOG" | sed 's/^/    | /'
        fi
        printf 'What to do: %s%s\n' "$(lib_cause)" "${2:-$LIB_REMEDY}"
    } >&2
    exit "$LIB_FAILED"
}

# Whatever nobody expected to fail gets the same words.
lib_unexpected() {
    local status=$1
    ((BASH_SUBSHELL == 0)) || exit "$status"
    ((status != LIB_FAILED)) || exit 1
    trap - ERR
    fail "\"$2\" ended with status $status"
}
set -E
trap 'lib_unexpected $? "$BASH_COMMAND"' ERR
trap '(($? != LIB_FAILED)) || exit 1' EXIT

# lib_open_logs FOLDER: makes it, and everything else that is written lies under build/ too.
lib_open_logs() {
    LIB_LOGS=$1
    mkdir -p "$LIB_LOGS" 2>/dev/null && (: >"$LIB_LOGS/.writable") 2>/dev/null && return
    local dir=$LIB_LOGS
    while [[ ! -e $dir ]]; do dir=$(dirname "$dir"); done
    fail "$(id -un) cannot write in $dir, which belongs to $(stat -c %U "$dir")" \
        'run this as the owner of the checkout, or in a checkout of your own; if you are the owner, see whether the disk is full'
}

# A terminal gets a line that shows how long a command has run and what it last said.
lib_ticker() {
    local width started=$SECONDS
    width=$(tput cols 2>/dev/null || echo 80)
    while sleep 1 && kill -0 $$ 2>/dev/null; do
        printf '\r\033[K    %3d s  %.*s' $((SECONDS - started)) $((width - 12)) \
            "$(tail -c 400 "$LIB_LOG" 2>/dev/null | tr '\r\t' '\n ' | grep -a . | tail -n 1 | tr -cd '[:print:]')"
    done
}

# run_logged NAME COMMAND…: runs it with its output in LIB_LOGS/NAME.log; a failure ends the program.
run_logged() {
    local name=$1 ticker='' status=0
    shift
    LIB_LOG=$LIB_LOGS/$name.log
    : >"$LIB_LOG"
    if [[ -t 1 ]]; then
        lib_ticker &
        ticker=$!
    fi
    "$@" >"$LIB_LOG" 2>&1 </dev/null || status=$?
    if [[ -n $ticker ]]; then
        kill "$ticker" 2>/dev/null || true
        wait "$ticker" 2>/dev/null || true
        printf '\r\033[K'
    fi
    ((status == 0)) || fail "$name ended with status $status"
}

# ---- packages -----------------------------------------------------------------------------------------------------

# The package name with @clang@ filled in, or as it is while apt's lists do not know clang.
lib_clang_name() {
    local version=''
    [[ $1 != *@clang@* ]] || version=$(apt-cache depends clang 2>/dev/null | sed -n 's/.*Depends: clang-\([0-9][0-9]*\)$/\1/p' | head -n 1)
    printf '%s\n' "${1//@clang@/${version:-@clang@}}"
}

# Is this package one that a distribution may be without (marked with "?"), and is this such a distribution? Not known before apt has lists.
lib_unavailable() {
    local marked
    compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null || return 1
    while read -r marked; do
        marked=$(lib_clang_name "$marked")
        [[ $(lib_clang_name "$1") == "$marked" ]] || continue
        [[ -z $(apt-cache show "$marked" 2>/dev/null) ]] # a name that others mention is no error to it
        return
    done < <(sed -n 's/^\([^# ]*\)? .*/\1/p' "$LIB_ROOT/setup/packages")
    return 1
}

# packages_missing WHO…: the packages that these need and that are not there, one a line.
packages_missing() {
    local name who present
    while read -r name who present; do
        [[ -z $name || $name == \#* ]] && continue
        name=${name%\?}
        local wanted='' tag
        for tag in "$@"; do
            [[ ,$who, == *,$tag,* ]] && wanted=1
        done
        [[ -n $wanted ]] || continue
        if [[ $present == - ]]; then
            [[ $(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null) == installed ]] && continue
        else
            compgen -G "$present" >/dev/null && continue
        fi
        ! lib_unavailable "$name" || continue
        lib_clang_name "$name"
    done <"$LIB_ROOT/setup/packages"
}

as_root() {
    if [[ $(id -u) == 0 ]]; then
        "$@"
    elif [[ -n ${http_proxy:-}${https_proxy:-} ]]; then
        # By name: on the command line a proxy's password would be seen by others.
        sudo --preserve-env=http_proxy,https_proxy,no_proxy "$@"
    else
        sudo "$@"
    fi
}

# Debian's postgresql packages create and start a system-wide "main" cluster when they are first installed. Their installation script
# asks pg_conftool whether it may; for this one run of apt a pg_conftool that answers "off" stands in front of the
# real one. In the same way the services that the packages of PgBouncer, Kerberos, OpenLDAP and FreeRADIUS would start, now and at each boot, are left out.
# Nothing of it stays behind, and nothing under /etc is written for it.
lib_apt_install() {
    local front name packages=()
    front=$(mktemp -d /tmp/alloydb-odbc-apt.XXXXXX)
    chmod 755 "$front"
    cat >"$front/pg_conftool" <<'SHIM'
#!/bin/sh
case "$*" in
*create_main_cluster*) echo off ;;
*) exec /usr/bin/pg_conftool "$@" ;;
esac
SHIM
    for name in invoke-rc.d update-rc.d deb-systemd-invoke deb-systemd-helper; do
        cat >"$front/$name" <<'SHIM'
#!/bin/sh
case "$*" in
*was-enabled*pgbouncer* | *was-enabled*krb5-* | *was-enabled*slapd* | *was-enabled*freeradius*) exit 1 ;;
*pgbouncer* | *krb5-* | *slapd* | *freeradius*) exit 0 ;;
*) PATH=/usr/sbin:/usr/bin:/sbin:/bin exec "$(basename "$0")" "$@" ;;
esac
SHIM
    done
    chmod 755 "$front"/*
    for name in "$@"; do
        lib_unavailable "$name" || packages+=("$(lib_clang_name "$name")")
    done
    local status=0
    as_root env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 \
        apt-get -y --no-install-recommends -o Dpkg::Use-Pty=0 \
        -o "DPkg::Path=$front:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" \
        install "${packages[@]}" || status=$?
    rm -rf "$front"
    return "$status"
}

lib_apt_update() {
    # One unreachable third-party source must not stop the installation from the others.
    as_root apt-get -o Dpkg::Use-Pty=0 update || echo 'apt-get update had errors; going on with the lists that are there'
}

# packages_install MAY_INSTALL WHO…: sees to it that all packages are there. With MAY_INSTALL empty it only checks.
packages_install() {
    local may=$1 missing=()
    shift
    [[ -x /usr/bin/apt-get && -x /usr/bin/dpkg-query ]] || fail 'this system has no apt-get' \
        "on systems other than Debian and Ubuntu install the equivalents of the packages in $LIB_ROOT/setup/packages by hand and build with: cmake -B build && cmake --build build"
    mapfile -t missing < <(packages_missing "$@")
    if [[ ${#missing[@]} == 0 ]]; then
        note 'all there'
        return
    fi
    note "missing: ${missing[*]}"
    local by_hand="apt-get update && apt-get install --no-install-recommends ${missing[*]}"
    [[ -n $may ]] || fail 'packages are missing, and --no-install forbids to install them' \
        "run this without --no-install; or as root: $by_hand; then run this again"
    if [[ $(id -u) != 0 ]] && ! command -v sudo >/dev/null; then
        fail 'installing packages needs root, and there is no sudo' "as root: $by_hand; then run this again"
    fi
    if [[ $(id -u) != 0 ]]; then
        note 'installing them needs root: sudo may ask for your password'
        sudo -v || fail 'sudo refused' "as root: $by_hand; then run this again"
    fi
    note 'installing (the system gets these packages, and no PostgreSQL cluster) …'
    run_logged apt-update lib_apt_update
    run_logged apt-install lib_apt_install "${missing[@]}"
    mapfile -t missing < <(packages_missing "$@")
    [[ ${#missing[@]} == 0 ]] || fail "still missing after the installation: ${missing[*]}"
    note "installed (log: $LIB_LOG)"
}

# ---- building -----------------------------------------------------------------------------------------------------

# How many processes work at once: one a processor, at most ALLOYDB_JOBS.
jobs() {
    local here most=${ALLOYDB_JOBS:-64}
    here=$(nproc)
    printf '%s\n' "$((here < most ? here : most))"
}

# build PRESET [CMAKE OPTION…]: configures and builds that preset.
build() {
    local preset=$1
    shift
    cd "$LIB_ROOT"
    local tree=$LIB_ROOT/build fresh=()
    [[ $preset == release ]] || tree=$tree/$preset
    if [[ -f $tree/CMakeCache.txt ]] && ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$LIB_ROOT" "$tree/CMakeCache.txt"; then
        note "$tree was configured for another folder; configuring it anew"
        fresh=(--fresh)
    fi
    run_logged "configure-$preset" cmake ${fresh[@]+"${fresh[@]}"} --preset "$preset" "$@"
    run_logged "build-$preset" cmake --build --preset "$preset" -j "$(jobs)"
}

# ---- a private PostgreSQL -----------------------------------------------------------------------------------------

# The folder with the newest server programs, 14 or later.
pg_find_bin() {
    local best='' best_version=13 dir version
    for dir in /usr/lib/postgresql/*/bin; do
        version=${dir#/usr/lib/postgresql/}
        version=${version%/bin}
        if [[ $version =~ ^[0-9]+$ && -x $dir/initdb ]] && ((version > best_version)); then
            best=$dir
            best_version=$version
        fi
    done
    [[ -n $best ]] || fail 'no PostgreSQL server of version 14 or later under /usr/lib/postgresql' \
        'apt-get install postgresql'
    printf '%s\n' "$best"
}

# The user that runs the server: PostgreSQL refuses to run as root.
pg_user() {
    if [[ $(id -u) != 0 ]]; then
        id -un
    elif id postgres >/dev/null 2>&1; then
        echo postgres
    else
        echo nobody
    fi
}

# as_pg COMMAND…: runs it as that user, in a folder which that user may enter.
as_pg() {
    local user
    user=$(pg_user)
    if [[ $(id -u) == 0 ]]; then
        (cd / && exec setpriv --reuid="$user" --regid="$(id -g "$user")" --init-groups \
            env -i PATH="$PATH" HOME=/ LC_ALL=C.UTF-8 "$@")
    else
        (cd / && exec env LC_ALL=C.UTF-8 "$@")
    fi
}

random_password() { od -An -N18 -tx1 /dev/urandom | tr -d ' \n'; }

# free_port [FIRST COUNT]: a TCP port on which nobody listens now, below those that the kernel gives to clients.
free_port() {
    local first=${1:-20000} count=${2:-12000} port tries
    for tries in {1..200}; do
        port=$((first + RANDOM % count))
        if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            printf '%s\n' "$port"
            return
        fi
    done
    fail "no free TCP port among $tries tried between $first and $((first + count))"
}

pg_running() { as_pg "$1/pg_ctl" -D "$2" status >/dev/null 2>&1; }

# pg_start BIN DATA LOG: starts the server and waits until it answers.
pg_start() { as_pg "$1/pg_ctl" -D "$2" -l "$3" -w -t 60 start; }

# pg_stop BIN DATA MODE: stops it; a server that is down already is no error.
pg_stop() { ! pg_running "$1" "$2" || as_pg "$1/pg_ctl" -D "$2" -m "$3" -w -t 60 stop; }

# ---- ini files ----------------------------------------------------------------------------------------------------

# write_odbcinst FILE LIBRARY: the set-up library stands in the same build.
write_odbcinst() {
    local text
    text=$(<"$LIB_ROOT/packaging/odbcinst.ini.in")
    text=${text//@DRIVER@/"$2"}
    printf '%s\n' "${text//@SETUP@/"${2%/driver/*}/setup/liballoydbodbcS.so"}" >"$1"
}

# write_dsn FILE DSN SERVER PORT DATABASE USER PASSWORD SSLMODE: appends a data source; the file is the owner's alone.
write_dsn() {
    local text
    text=$(<"$LIB_ROOT/packaging/odbc.ini.in")
    text=${text//@DSN@/"$2"}
    text=${text//@SERVER@/"$3"}
    text=${text//@PORT@/"$4"}
    text=${text//@DATABASE@/"$5"}
    text=${text//@USER@/"$6"}
    text=${text//@PASSWORD@/"$7"}
    text=${text//@SSLMODE@/"$8"}
    (umask 077 && printf '%s\n\n' "$text" >>"$1")
}
