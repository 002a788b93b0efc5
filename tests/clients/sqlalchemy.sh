# SPDX-License-Identifier: Apache-2.0
# SQLAlchemy with the dialect of packaging/sqlalchemy, over the driver that tests/run serves: 2.0 with pyodbc and aioodbc from PyPI, pinned with their checksums, where
# that is within reach; and the distribution's with its pyodbc, where they are. To be sourced by bash with `set -euo pipefail`.

CLIENTS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
DIALECT=$CLIENTS/../../packaging/sqlalchemy
. "$CLIENTS/../lib/fetch.sh"
[[ -n ${ALDB_TEST_CLIENT_INI:-} ]] || skip 'ALDB_TEST_CLIENT_INI is not set; tests/run starts a server and sets it'
SQLALCHEMY=$ALDB_TEST_WORK/sqlalchemy
export ODBCSYSINI=$ALDB_TEST_CLIENT_INI ODBCINI=$ALDB_TEST_CLIENT_INI/odbc.ini PYTHONDONTWRITEBYTECODE=1

# Into SQLALCHEMY/venv, what is not there yet. 77: PyPI is out of reach.
sqlalchemy_environment() {
    local wanted=$CLIENTS/sqlalchemy-requirements.txt source=("$DIALECT/pyproject.toml" "$DIALECT"/sqlalchemy_alloydb/*.*)
    exec 6>>"$SQLALCHEMY.lock" # tests run beside each other
    flock 6
    if ! cmp -s "$wanted" "$SQLALCHEMY/complete"; then
        rm -rf "$SQLALCHEMY"
        mkdir -p "$SQLALCHEMY"
        /usr/bin/python3 -m venv --system-site-packages "$SQLALCHEMY/venv"
        fetch "$SQLALCHEMY/pip.log" PyPI "$SQLALCHEMY/venv/bin/python" -m pip --disable-pip-version-check --no-cache-dir install -q --require-hashes \
            --only-binary :all: -r "$wanted"
        cp "$wanted" "$SQLALCHEMY/complete"
    fi
    if ! cat "${source[@]}" | cmp -s - "$SQLALCHEMY/dialect"; then
        install_package "$SQLALCHEMY/venv/bin/python" "$DIALECT" "$SQLALCHEMY/package"
        cat "${source[@]}" >"$SQLALCHEMY/dialect"
    fi
}

sqlalchemy_versions() {
    "$1" -c 'import pyodbc, sqlalchemy, sys; print("with Python", sys.version.split()[0], "SQLAlchemy", sqlalchemy.__version__, "pyodbc", pyodbc.version, "of", sqlalchemy.__file__.rsplit("/", 2)[0])'
}

# with_each_sqlalchemy INSTALLED UNINSTALLED: calls the function INSTALLED with the Python that has all, the dialect too; and UNINSTALLED with the distribution's, where
# PYTHONPATH leads to the dialect. Skips where there is neither. PYTHON_MODULES: what else the distribution's has to have.
with_each_sqlalchemy() {
    local status=0 ran=0
    if /usr/bin/python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
        # In a subshell, whose word is not this test's where PyPI is out of reach; and not before a ||, where no failure would end it.
        set +e
        (set -e && sqlalchemy_environment)
        status=$?
        set -e
        case $status in
        0)
            sqlalchemy_versions "$SQLALCHEMY/venv/bin/python"
            ALDB_TEST_SQLALCHEMY=2.0 "$1" "$SQLALCHEMY/venv/bin/python"
            ran=1
            ;;
        77) echo 'not with SQLAlchemy 2.0 of PyPI, then' ;;
        *) exit "$status" ;;
        esac
    else
        echo 'not with SQLAlchemy 2.0 of PyPI: this pyodbc needs Python 3.11 or later'
    fi
    if /usr/bin/python3 -c "import pyodbc, sqlalchemy${PYTHON_MODULES:+, $PYTHON_MODULES}" 2>/dev/null; then
        sqlalchemy_versions /usr/bin/python3
        PYTHONPATH=$DIALECT "$2" /usr/bin/python3
        ran=1
    else
        echo "not with the distribution's SQLAlchemy: no python3-sqlalchemy"
    fi
    [[ $ran == 1 ]] || skip 'neither PyPI nor python3-sqlalchemy'
}
