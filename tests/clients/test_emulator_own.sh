#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The emulator's own tests: its wire formats byte by byte, and each of its fronts and faults.
set -euo pipefail
. "$(dirname "$0")/../emulator/clients.sh"

/usr/bin/python3 -c 'import sys, cryptography, pytest; sys.exit(sys.version_info < (3, 10))' 2>/dev/null ||
    skip 'the emulator needs Python 3.10 or later with the packages cryptography and pytest'
exec /usr/bin/python3 -m pytest -p no:cacheprovider -q -ra --tb=short "$EMULATOR" --ignore "$EMULATOR/google"
