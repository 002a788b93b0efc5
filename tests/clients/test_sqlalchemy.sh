#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The dialect package's own tests (packaging/sqlalchemy/tests): installed from the tree with SQLAlchemy 2.0 and pyodbc from PyPI, pinned with their checksums, where that is within reach;
# and from the tree itself with Debian's SQLAlchemy and pyodbc, where they are. pytest is Debian's. An emulator stands beside them.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd -P)
. "$here/../lib/fetch.sh"
if [[ -z ${ALDB_TEST_CLIENT_INI:-} ]]; then
    skip 'ALDB_TEST_CLIENT_INI is not set; tests/run starts a server and sets it'
fi

package=$here/../../packaging/sqlalchemy
work=$ALDB_TEST_WORK/sqlalchemy
requirements=$here/sqlalchemy-requirements.txt
ran=0
export ODBCSYSINI=$ALDB_TEST_CLIENT_INI ODBCINI=$ALDB_TEST_CLIENT_INI/odbc.ini PYTHONDONTWRITEBYTECODE=1

# run_tests PYTHON: and says which versions they are.
run_tests() {
    "$1" -c 'import pyodbc, sqlalchemy, sys; print("with Python", sys.version.split()[0], "SQLAlchemy", sqlalchemy.__version__, "pyodbc", pyodbc.version, "of", sqlalchemy.__file__.rsplit("/", 2)[0])'
    (cd "$package/tests" && "$here/../emulator/around" "$1" -m pytest -p no:cacheprovider -q -ra --tb=short .)
    ran=1
}

make_environment() {
    [[ ! -f $work/complete ]] || ! cmp -s "$requirements" "$work/complete" || return 0
    rm -rf "$work"
    mkdir -p "$work"
    /usr/bin/python3 -m venv --system-site-packages "$work/venv"
    fetch "$work/pip.log" PyPI "$work/venv/bin/python" -m pip --disable-pip-version-check --no-cache-dir install -q --require-hashes \
        --only-binary :all: -r "$requirements"
    cp "$requirements" "$work/complete"
}

# From a copy, because setuptools leaves folders in the one that it builds.
install_dialect() {
    rm -rf "$work/package"
    cp -r "$package" "$work/package"
    "$work/venv/bin/python" -m pip --disable-pip-version-check install -q --force-reinstall --no-deps --no-index --no-build-isolation "$work/package"
}

if /usr/bin/python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    # In a subshell, whose word is not this test's where PyPI is out of reach.
    status=0
    (make_environment) || status=$?
    case $status in
    0)
        install_dialect
        ALDB_TEST_SQLALCHEMY=2.0 run_tests "$work/venv/bin/python"
        ;;
    77) echo 'not with SQLAlchemy 2.0 of PyPI, then' ;;
    *) exit "$status" ;;
    esac
else
    echo 'not with SQLAlchemy 2.0 of PyPI: this pyodbc needs Python 3.11 or later'
fi

if /usr/bin/python3 -c 'import pyodbc, pytest, sqlalchemy' 2>/dev/null; then
    PYTHONPATH=$package run_tests /usr/bin/python3
else
    echo "not with the distribution's SQLAlchemy: no python3-sqlalchemy"
fi
[[ $ran == 1 ]] || skip 'neither PyPI nor python3-sqlalchemy'
