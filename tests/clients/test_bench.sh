#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The benchmark in a short form: its programs work, and whatever they read and write is the same through libpq and through the driver (and through psqlODBC, if that is there).
set -euo pipefail

exec "$(dirname "$0")/../bench/run" 5000 1
