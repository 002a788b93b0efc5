#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# R through RODBC, which Debian has. DBI's package odbc, which it has not, is test_r_odbc.sh.
set -euo pipefail
skip() { echo "SKIP: $1"; exit 77; }
[[ -n ${ALDB_TEST_CLIENT_INI:-} ]] || skip 'ALDB_TEST_CLIENT_INI is not set; tests/run starts a server and sets it'
Rscript -e 'library(RODBC)' >/dev/null 2>&1 || skip 'this system has no R with RODBC (Debian: r-cran-rodbc)'
cd "$(dirname "$0")/../.."
ODBCSYSINI=$ALDB_TEST_CLIENT_INI ODBCINI=$ALDB_TEST_CLIENT_INI/odbc.ini TZ=UTC LC_ALL=C.UTF-8 Rscript --vanilla tests/clients/r_rodbc_cases.R
