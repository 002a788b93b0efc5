#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Google's own Python software, unmodified, against the emulator: google-cloud-alloydb-connector (pg8000, psycopg, asyncpg) and google-auth.
# From PyPI, pinned with checksums: emulator/google/requirements.txt.
set -euo pipefail
. "$(dirname "$0")/../emulator/clients.sh"

need_server
/usr/bin/python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' || skip 'these packages need Python 3.10 or later'

work=$WORK/google-python
requirements=$EMULATOR/google/requirements.txt
if [[ ! -f $work/complete ]] || ! cmp -s "$requirements" "$work/complete"; then
    rm -rf "$work"
    mkdir -p "$work"
    /usr/bin/python3 -m venv "$work/venv"
    fetch "$work/pip.log" PyPI "$work/venv/bin/python" -m pip --disable-pip-version-check --no-cache-dir install -q --require-hashes \
        --only-binary :all: -r "$requirements"
    cp "$requirements" "$work/complete"
fi
run_google "$work/venv/bin/python" -m pytest -p no:cacheprovider -q -ra --tb=short -W ignore::DeprecationWarning \
    "$EMULATOR/google/test_connector.py" "$EMULATOR/google/test_auth.py"
