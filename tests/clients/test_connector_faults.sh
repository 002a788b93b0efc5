#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Each fault on the way to an instance, and the message that an application is shown through the driver manager.
set -euo pipefail
. "$(dirname "$0")/../emulator/clients.sh"

need_server
/usr/bin/python3 -c 'import cryptography, pyodbc' 2>/dev/null || skip 'python3-cryptography and python3-pyodbc are needed'
[[ -n ${ALDB_TEST_CLIENT_INI:-} ]] || skip 'ALDB_TEST_CLIENT_INI is not set; tests/run sets it'
export ODBCSYSINI=$ALDB_TEST_CLIENT_INI ODBCINI=$ALDB_TEST_CLIENT_INI/odbc.ini
beside_emulator faults "$(dirname "$0")/connector_faults.py"
