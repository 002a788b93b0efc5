#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# turbodbc, unmodified, over the driver.
set -euo pipefail
. "$(dirname "$0")/columnar.sh"

[[ -n ${ALDB_TEST_CLIENT_INI:-} ]] || skip 'ALDB_TEST_CLIENT_INI is not set; tests/run starts a server and sets it'
columnar_turbodbc
export ODBCSYSINI=$ALDB_TEST_CLIENT_INI ODBCINI=$ALDB_TEST_CLIENT_INI/odbc.ini PYTHONDONTWRITEBYTECODE=1
exec "$COLUMNAR/bin/python" -m pytest -p no:cacheprovider -q -ra --tb=short "$CLIENTS/turbodbc_cases.py"
