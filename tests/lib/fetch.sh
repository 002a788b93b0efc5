# SPDX-License-Identifier: Apache-2.0
# What comes from a package registry while tests run. To be sourced by bash with `set -euo pipefail`.

skip() {
    echo "SKIP: $1"
    exit 77
}

# fetch LOG WHAT COMMAND…: runs it twice if need be: registries and the way to them have their moments. The last word counts: a wrong checksum or a missing version is a
# failure, and only a registry out of reach is a reason to skip (npm has no better words for it than "Exit handler never called").
fetch() {
    local log=$1 what=$2
    shift 2
    if ! "$@" >"$log" 2>&1 && ! "$@" >"$log" 2>&1; then
        cat "$log"
        if ! grep -Eqi 'do not match the hashes|EINTEGRITY|checksum mismatch|SECURITY ERROR' "$log" && grep -Eqi 'NewConnectionError|Name or service not known|Temporary failure in name resolution|ConnectTimeout|Network is unreachable|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|no such host|i/o timeout|dial tcp|Temporary failure resolving|Could not connect to|Connection timed out|Exit handler never called' "$log"; then
            skip "$what is out of reach"
        fi
        exit 1
    fi
}

# install_package PYTHON FOLDER COPY: the Python package of that folder, from a copy of it, because setuptools leaves folders in the one that it builds. Everything it needs is there.
install_package() {
    rm -rf "$3"
    cp -r "$2" "$3"
    "$1" -m pip --disable-pip-version-check install -q --force-reinstall --no-deps --no-index --no-build-isolation "$3"
}

# The home that the user has outside of the tests, where the tools keep what they have fetched and built before.
user_home() {
    local home
    home=$(getent passwd "$(id -u)" | cut -d: -f6)
    [[ -n $home && -w $home ]] && printf '%s\n' "$home" || printf '%s\n' "$WORK"
}
