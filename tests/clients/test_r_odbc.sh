#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# R through DBI and the package odbc. Debian has no package of it: install.packages("odbc") of CRAN, in a library that R_LIBS or R's site names.
set -euo pipefail
skip() { echo "SKIP: $1"; exit 77; }
[[ -n ${ALDB_TEST_CLIENT_INI:-} ]] || skip 'ALDB_TEST_CLIENT_INI is not set; tests/run starts a server and sets it'
Rscript -e 'library(odbc)' >/dev/null 2>&1 || skip 'this system has no R with the package odbc (from CRAN)'
cd "$(dirname "$0")/../.."
ODBCSYSINI=$ALDB_TEST_CLIENT_INI ODBCINI=$ALDB_TEST_CLIENT_INI/odbc.ini TZ=UTC LC_ALL=C.UTF-8 Rscript --no-init-file tests/clients/r_odbc_cases.R
