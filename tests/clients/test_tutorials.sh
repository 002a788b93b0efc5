#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The tutorials of the dialect, as a reader runs them: what they print, by host and by instance, with each SQLAlchemy. An emulator stands beside them.
set -euo pipefail
. "$(dirname "$0")/sqlalchemy.sh"

installed() { "$CLIENTS/../emulator/around" "$CLIENTS/tutorials/run" "$1"; }
uninstalled() { "$CLIENTS/../emulator/around" "$CLIENTS/tutorials/run" "$1" "$CLIENTS/tutorials/uninstalled.py"; }

with_each_sqlalchemy installed uninstalled
