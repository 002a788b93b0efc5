#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# turbodbc, unmodified, over the driver.
set -euo pipefail
. "$(dirname "$0")/columnar.sh"

columnar_cases turbodbc_cases.py columnar_turbodbc
