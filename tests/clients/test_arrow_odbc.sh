#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# arrow-odbc, unmodified, over the driver.
set -euo pipefail
. "$(dirname "$0")/columnar.sh"

columnar_cases arrow_odbc_cases.py
