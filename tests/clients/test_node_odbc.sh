#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Node's odbc, from the npm registry, pinned with checksums (node/package-lock.json), and compiled: there is no binary of it in the registry.
set -euo pipefail
. "$(dirname "$0")/../emulator/clients.sh"

need_server
[[ -n ${ALDB_TEST_CLIENT_INI:-} ]] || skip 'ALDB_TEST_CLIENT_INI is not set; tests/run sets it'
command -v npm >/dev/null && node -e 'process.exit(process.versions.node.split(".")[0] < 18 ? 1 : 0)' 2>/dev/null || skip 'this system has no Node 18 with npm'
prefix=$(node -p 'require("path").resolve(process.execPath, "../..")')
[[ -f $prefix/include/node/node_api.h ]] || skip "this system's Node has no header files"
command -v g++ >/dev/null || skip 'compiling odbc needs g++'
work=$WORK/node-odbc
source=$(dirname "$0")/node
if [[ ! -f $work/complete ]] || ! cmp -s "$source/package-lock.json" "$work/complete"; then
    rm -rf "$work"
    mkdir -p "$work"
    cp "$source/package.json" "$source/package-lock.json" "$work/"
    fetch "$work.log" 'the npm registry' env HOME="$(user_home)" npm_config_build_from_source=true npm_config_nodedir="$prefix" npm --prefix "$work" ci --foreground-scripts --no-audit --no-fund
    cp "$source/package-lock.json" "$work/complete"
fi
cp "$source/cases.mjs" "$work/"
ODBCSYSINI=$ALDB_TEST_CLIENT_INI ODBCINI=$ALDB_TEST_CLIENT_INI/odbc.ini node "$work/cases.mjs"
