#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# pyodbc's own test module for PostgreSQL (tests/postgresql_test.py of its source archive) against the driver.
# pyodbc and the module come from PyPI, pinned with their checksums; pytest is Debian's. Known deviations: pyodbc-deviations.list.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib/fetch.sh"
if [[ -z ${ALDB_TEST_CLIENT_INI:-} ]]; then
    skip 'ALDB_TEST_CLIENT_INI is not set; tests/run starts a server and sets it'
fi
if ! /usr/bin/python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    skip 'this pyodbc needs Python 3.11 or later'
fi

work=$ALDB_TEST_WORK/pyodbc-5.5.0
requirements=$here/pyodbc-requirements.txt
if [[ ! -f $work/complete ]] || ! cmp -s "$requirements" "$work/complete"; then
    rm -rf "$work"
    mkdir -p "$work"
    /usr/bin/python3 -m venv --system-site-packages "$work/venv"
    pip() { "$work/venv/bin/python" -m pip --disable-pip-version-check --no-cache-dir "$@" -q --require-hashes -r "$requirements"; }
    fetch "$work/pip.log" PyPI pip install --only-binary :all:
    fetch "$work/pip.log" PyPI pip download --no-deps --no-binary pyodbc -d "$work"
    tar -xzf "$work"/pyodbc-*.tar.gz -C "$work" --strip-components=1 --wildcards '*/tests'
    # The module tests numbers under a locale with a decimal comma.
    mkdir "$work/locale"
    localedef -i de_DE -f UTF-8 "$work/locale/de_DE.UTF-8"
    cp "$requirements" "$work/complete"
fi

export ODBCSYSINI=$ALDB_TEST_CLIENT_INI ODBCINI=$ALDB_TEST_CLIENT_INI/odbc.ini
export LOCPATH=$work/locale LC_ALL=C.UTF-8 PYODBC_POSTGRESQL="DSN=$ALDB_TEST_DSN" PYTHONDONTWRITEBYTECODE=1
cd "$work/tests"
PYTHONPATH=$here exec "$work/venv/bin/python" -m pytest -p pyodbc_deviations -p no:cacheprovider -q -ra --tb=short postgresql_test.py
