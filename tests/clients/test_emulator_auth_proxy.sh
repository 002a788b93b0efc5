#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Google's AlloyDB Auth Proxy, unmodified, against the emulator, with psql in front of it. Built from the Go module proxy.
set -euo pipefail
. "$(dirname "$0")/../emulator/clients.sh"

need_server
command -v go >/dev/null || skip 'there is no Go to build the AlloyDB Auth Proxy with'

# The newest first; each needs the Go that its go.mod names.
versions=(v1.17.2 v1.17.1 v1.15.1)
program=''
for version in "${versions[@]}"; do
    folder=$WORK/auth-proxy-$version
    if [[ -x $folder/alloydb-auth-proxy ]]; then
        program=$folder/alloydb-auth-proxy
        break
    fi
    mkdir -p "$folder"
    module=github.com/GoogleCloudPlatform/alloydb-auth-proxy@$version
    install=(env HOME="$(user_home)" GOTOOLCHAIN=local GOFLAGS=-buildvcs=false GOBIN="$folder" go install "$module")
    if ! "${install[@]}" >"$folder/go.log" 2>&1; then
        ! grep -q 'requires go' "$folder/go.log" || continue
        fetch "$folder/go.log" 'the Go module proxy' "${install[@]}"
    fi
    program=$folder/alloydb-auth-proxy
    break
done
[[ -n $program ]] || skip "none of ${versions[*]} builds with $(go version)"
"$program" --version
export ALDB_AUTH_PROXY=$program
run_google /usr/bin/python3 -m pytest -p no:cacheprovider -q -ra --tb=short "$EMULATOR/google/test_auth_proxy.py"
