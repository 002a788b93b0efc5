#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The dialect package's own tests (packaging/sqlalchemy/tests), installed and as it lies in the tree. pytest is Debian's. An emulator stands beside them.
set -euo pipefail
. "$(dirname "$0")/sqlalchemy.sh"

run_tests() { (cd "$DIALECT/tests" && "$CLIENTS/../emulator/around" "$1" -m pytest -p no:cacheprovider -q -ra --tb=short .); }

PYTHON_MODULES=pytest with_each_sqlalchemy run_tests run_tests
