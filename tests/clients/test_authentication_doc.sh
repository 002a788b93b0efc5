#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The data sources of packaging/doc/authentication.md, with the tests' PostgreSQL as the server and an emulator before it as AlloyDB.
set -euo pipefail
. "$(dirname "$0")/../emulator/clients.sh"

need_server
/usr/bin/python3 -c 'import cryptography, pyodbc' 2>/dev/null || skip 'python3-cryptography and python3-pyodbc are needed'
[[ -n ${ALDB_TEST_CLIENT_INI:-} ]] || skip 'ALDB_TEST_CLIENT_INI is not set; tests/run sets it'
exec "$EMULATOR/around" /usr/bin/python3 "$(cd "$(dirname "$0")" && pwd)/authentication_doc_cases.py"
