#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Google's AlloyDB Auth Proxy, unmodified, against the emulator, with psql in front of it. Built from the Go module proxy.
set -euo pipefail
. "$(dirname "$0")/../emulator/clients.sh"

need_server
program=$(auth_proxy)
"$program" --version
export ALDB_AUTH_PROXY=$program
run_google /usr/bin/python3 -m pytest -p no:cacheprovider -q -ra --tb=short "$EMULATOR/google/test_auth_proxy.py"
