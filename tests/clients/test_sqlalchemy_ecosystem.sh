#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What stands on SQLAlchemy, over the dialect and over psycopg2 (packaging/sqlalchemy/tests/ecosystem): reflection, Alembic, pandas, and pgvector on a server that has it. From
# PyPI, pinned with checksums; pytest is Debian's.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd -P)
. "$here/../lib/fetch.sh"
. "$here/../../setup/lib.sh"
if [[ -z ${ALDB_TEST_CLIENT_INI:-} ]]; then
    skip 'ALDB_TEST_CLIENT_INI is not set; tests/run starts a server and sets it'
fi
if ! /usr/bin/python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    skip 'this pyodbc and this pandas need Python 3.11 or later'
fi

package=$here/../../packaging/sqlalchemy
environment=$ALDB_TEST_WORK/sqlalchemy-ecosystem
python=$environment/venv/bin/python
requirements=$here/sqlalchemy-ecosystem-requirements.txt
export ODBCSYSINI=$ALDB_TEST_CLIENT_INI ODBCINI=$ALDB_TEST_CLIENT_INI/odbc.ini PYTHONDONTWRITEBYTECODE=1 ALDB_TEST_ECOSYSTEM=1

wanted=$(cat "$requirements" "$here/sqlalchemy-requirements.txt")
if [[ ! -f $environment/complete || $(cat "$environment/complete") != "$wanted" ]]; then
    rm -rf "$environment"
    mkdir -p "$environment"
    /usr/bin/python3 -m venv --system-site-packages "$environment/venv"
    fetch "$environment/pip.log" PyPI "$python" -m pip --disable-pip-version-check --no-cache-dir install -q --require-hashes --only-binary :all: \
        -r "$requirements"
    printf '%s' "$wanted" >"$environment/complete"
fi
install_package "$python" "$package" "$environment/package"

run_tests() { (cd "$package/tests" && "$python" -m pytest -p no:cacheprovider -q -ra --tb=short --rootdir . "$@"); }

"$python" -c 'from importlib.metadata import version; print(*[f"{name} {version(name)}" for name in ("SQLAlchemy", "pyodbc", "alembic", "pandas", "pgvector")], sep=", ")'
run_tests --ignore ecosystem/test_pgvector.py ecosystem

there=$("$ALDB_TEST_PGBIN/psql" -X -A -t -d "$ALDB_TEST_SUPER_CONNINFO" -c "select count(*) from pg_available_extensions where name = 'vector'")
if [[ $there != 0 ]]; then
    ALDB_TEST_VECTOR=$ALDB_TEST_SOCKETDIR:$ALDB_TEST_PORT run_tests ecosystem/test_pgvector.py
    exit 0
fi
# In a subshell first, whose word is not this test's where there is no such server to be had.
status=0
(. "$here/newer_postgresql.sh") || status=$?
case $status in
0) ;;
77)
    echo 'not with pgvector, then'
    exit 0
    ;;
*) exit "$status" ;;
esac
. "$here/newer_postgresql.sh"
trap newer_stop EXIT
trap 'exit 130' INT TERM HUP
newer_start 18
ALDB_TEST_VECTOR=$newer_socket:$newer_port run_tests ecosystem/test_pgvector.py
