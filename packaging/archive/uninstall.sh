#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Undoes what install.sh has done for the user who calls it. Data sources, in ~/.odbc.ini, stay.
set -eu
export LC_ALL=C

say() { printf '%s\n' "$*"; }

# One block, because the copy of this file that runs may be one of the files that it removes.
{
    case ${1:-} in
    '') ;;
    *)
        say "Usage: $0"
        say 'Takes the driver out of ~/.odbcinst.ini, which is then as install.sh found it, and removes the files that it copied.'
        case $1 in -h | --help) exit 0 ;; esac
        exit 2
        ;;
    esac
    state=${XDG_STATE_HOME:-$HOME/.local/state}/alloydb-odbc
    ini=$HOME/.odbcinst.ini
    if [ ! -e "$state/folder" ]; then
        say 'install.sh has registered nothing for you.'
        exit 0
    fi
    folder=$(cat "$state/folder")
    here=$(cd "$(dirname "$0")" && pwd -P)

    if [ -e "$state/left" ] && cmp -s "$ini" "$state/left"; then
        if [ -e "$state/found" ]; then
            cp -p "$state/found" "$ini.alloydb-odbc"
            mv -f "$ini.alloydb-odbc" "$(readlink -f "$ini")"
            say "$ini is what it was before"
        else
            rm -f "$ini"
            say "Removed $ini, which had nothing else in it"
        fi
    else
        # Somebody has written to it since: the driver's entry alone is taken out.
        for command in "$folder/bin/alloydb-odbc" "$here/bin/alloydb-odbc" ''; do
            [ ! -x "$command" ] || break
        done
        if [ -z "$command" ]; then
            say "uninstall.sh: $folder/bin/alloydb-odbc is gone: take the entry [AlloyDB] out of $ini by hand, then call this again" >&2
            grep -qi '^\[ *AlloyDB *\]' "$ini" 2>/dev/null && exit 1 || true
        else
            "$command" unregister --user
        fi
    fi

    # What is in a folder comes before the folder.
    made=$(sort -ur "$state/made")
    rm -rf "$state"
    printf '%s\n' "$made" | while read -r path; do
        if [ -d "$path" ]; then
            rmdir "$path" 2>/dev/null || true # others have files in it
        elif [ -n "$path" ]; then
            rm -f "$path"
        fi
    done
    exit 0
}
