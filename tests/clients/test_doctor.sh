#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# alloydb-odbc doctor before set-ups that are broken on purpose, each in its own way: it names the stage and the remedy.
set -euo pipefail
. "$(dirname "$0")/../emulator/clients.sh"

need_server
/usr/bin/python3 -c 'import cryptography' 2>/dev/null || skip 'python3-cryptography is needed'
export ALDB_TEST_COMMAND=$ALDB_TEST_PROGRAMS/../setup/alloydb-odbc
beside_emulator doctor "$(dirname "$0")/doctor_cases.py"
