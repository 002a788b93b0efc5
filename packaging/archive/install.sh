#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Registers the driver in this folder, or a copy of it, for the user who calls it. Needs no root; uninstall.sh undoes it.
set -eu
export LC_ALL=C

usage() {
    cat <<TEXT
Usage: $0 [--prefix DIR]

Registers the AlloyDB ODBC driver in ~/.odbcinst.ini, for you alone, from the folder that it is in now. With --prefix it is copied first:
to DIR/lib/odbc, DIR/bin, DIR/include and DIR/share. Called again, it registers this one in place of the last one.
Nothing else is changed; uninstall.sh undoes it. For all users, as root: bin/alloydb-odbc register --system
TEXT
}

say() { printf '%s\n' "$*"; }
fail() {
    printf 'install.sh: %s\n' "$*" >&2
    exit 1
}

prefix=''
while [ $# -gt 0 ]; do
    case $1 in
    --prefix)
        [ $# -gt 1 ] && [ -n "$2" ] || { usage >&2; exit 2; }
        prefix=$2
        shift
        ;;
    --prefix=?*) prefix=${1#--prefix=} ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
    esac
    shift
done

here=$(cd "$(dirname "$0")" && pwd -P)
driver=$here/lib/odbc/liballoydbodbc.so
[ -f "$driver" ] && [ -f "$here/bin/alloydb-odbc" ] || fail "$here is not the unpacked archive, or not all of it"
[ -n "${HOME:-}" ] && [ -d "$HOME" ] || fail 'HOME names no folder: it is where ~/.odbcinst.ini lies'

# ---- what it needs ------------------------------------------------------------------------------------------------

needs=$(ldd "$driver" "$here/bin/alloydb-odbc" 2>&1) || true
case $needs in
*'=>'*) ;;
*) fail "this build, $(basename "$here"), does not fit this system, $(uname -s) $(uname -m): $needs" ;;
esac
# A library, or a version in it, that is missing: "libpq.so.5 => not found", "…/libc.so.6: version `GLIBC_2.34' not found (required by …)".
missing=$(printf '%s\n' "$needs" | sed -n 's/^[ \t]*\([^ ]*\) => not found.*/\1/p' | sort -u)
versions=$(printf '%s\n' "$needs" | sed -n "s/.*[ /]\([^/ :]*\): version .\([^ ']*\)' not found.*/\1 without \2/p" | sort -u)
if [ -n "$missing$versions" ]; then
    {
        say 'install.sh: libraries that the driver needs are missing, so nothing was done. Install these packages, then call it again:'
        say
        printf '  %-20s %-28s %-20s %s\n' library 'Debian, Ubuntu' 'Fedora, RHEL' SUSE
        for library in $missing; do
            case $library in
            libpq.so.*) set -- libpq5 libpq libpq5 ;;
            libssl.so.3 | libcrypto.so.3) set -- 'libssl3 or libssl3t64' openssl-libs libopenssl3 ;;
            libcurl.so.*) set -- 'libcurl4 or libcurl4t64' libcurl libcurl4 ;;
            libjansson.so.*) set -- libjansson4 jansson libjansson4 ;;
            libiniparser.so.*) set -- "libiniparser${library##*.}" iniparser "libiniparser${library##*.}" ;;
            libodbc.so.* | libodbcinst.so.*) set -- 'unixodbc' unixODBC unixODBC ;;
            *) set -- '?' '?' '?' ;;
            esac
            printf '  %-20s %-28s %-20s %s\n' "$library" "$@"
        done
        [ -z "$versions" ] || printf '%s\n' "$versions" | sed 's/^/  /'
        say
        say 'Where a distribution has another version of one only, build the driver from its sources there: packaging/doc/packages.md says how.'
    } >&2
    exit 1
fi

# ---- copying ------------------------------------------------------------------------------------------------------

# For uninstall.sh: folder (where the registered driver is), found (the file as it was; missing if there was none), left (as it is since), and made (files and folders).
state=${XDG_STATE_HOME:-$HOME/.local/state}/alloydb-odbc
made=$(mktemp)
trap 'rm -f "$made"' EXIT

# folder PATH: makes it, and those that it is in; what was there before is not uninstall.sh's to remove.
folder() {
    [ ! -d "$1" ] || return 0
    folder "$(dirname "$1")"
    mkdir "$1"
    printf '%s\n' "$1" >>"$made"
}

to=$here
if [ -n "$prefix" ]; then
    case $prefix in /*) ;; *) prefix=$PWD/$prefix ;; esac
    folder "$prefix"
    to=$(cd "$prefix" && pwd -P)
    [ "$to" != "$here" ] || fail "$to is where it is unpacked: leave --prefix out to use it from there"
    files=$(cd "$here" && find bin include lib share uninstall.sh -type f)
    for name in $files; do
        copy=$to/$name
        [ "$name" != uninstall.sh ] || copy=$to/share/alloydb-odbc/$name
        folder "$(dirname "$copy")"
        cp -p "$here/$name" "$copy.alloydb-odbc"
        mv -f "$copy.alloydb-odbc" "$copy" # a program that has the old one loaded keeps it
        printf '%s\n' "$copy" >>"$made"
    done
fi

# ---- registering --------------------------------------------------------------------------------------------------

ini=$HOME/.odbcinst.ini
folder "$state"
if [ ! -e "$state/left" ]; then
    rm -f "$state/found"
    [ ! -e "$ini" ] || cp -p "$ini" "$state/found"
    untouched=1
else
    cmp -s "$ini" "$state/left" && untouched=1 || untouched=''
fi
printf '%s\n' "$to" >"$state/folder"
cat "$made" >>"$state/made"
said=$("$to/bin/alloydb-odbc" register --user) || exit 1
[ -z "$untouched" ] || cp -p "$ini" "$state/left"

[ -z "$prefix" ] || say "Copied to $to: bin, lib/odbc, include, share"
say "$said"
say
case :${PATH:-}: in
*":$to/bin:"*) say 'Next:    alloydb-odbc dsn add NAME' ;;
*) say "Next:    $to/bin/alloydb-odbc dsn add NAME" ;;
esac
if [ -n "$prefix" ]; then
    say "Undo it: $to/share/alloydb-odbc/uninstall.sh"
else
    say "Undo it: $here/uninstall.sh (until then this folder must stay where it is)"
fi
