#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Superset's engine spec (packaging/superset): with Superset's own classes and SQL parser out of its wheel, and stand-ins for the application around them, which is most of a
# gigabyte; SQLAlchemy 1.4, which Superset wants, and pyodbc are Debian's. packaging/superset/README.md tells how to run it, and more, with the whole of Superset.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd -P)
. "$here/../lib/fetch.sh"
if [[ -z ${ALDB_TEST_CLIENT_INI:-} ]]; then
    skip 'ALDB_TEST_CLIENT_INI is not set; tests/run starts a server and sets it'
fi
if ! /usr/bin/python3 -c 'import sys, pyodbc, pytest, sqlalchemy; sys.exit(sys.version_info < (3, 10) or not sqlalchemy.__version__.startswith("1.4."))' 2>/dev/null; then
    skip 'Superset is for Python 3.10 and SQLAlchemy 1.4: no python3-sqlalchemy 1.4, python3-pyodbc or python3-pytest'
fi

package=$here/../../packaging/superset
environment=$ALDB_TEST_WORK/superset
requirements=$here/superset-requirements.txt
python=$environment/venv/bin/python
export ODBCSYSINI=$ALDB_TEST_CLIENT_INI ODBCINI=$ALDB_TEST_CLIENT_INI/odbc.ini PYTHONDONTWRITEBYTECODE=1

if ! cmp -s "$requirements" "$environment/complete"; then
    rm -rf "$environment"
    mkdir -p "$environment"
    /usr/bin/python3 -m venv --system-site-packages "$environment/venv"
    fetch "$environment/pip.log" PyPI "$python" -m pip --disable-pip-version-check --no-cache-dir download -q --require-hashes --no-deps --only-binary :all: \
        -r "$requirements" -d "$environment/wheels"
    "$python" -m pip --disable-pip-version-check install -q --no-deps --no-index "$environment"/wheels/sqlglot-*.whl
    /usr/bin/python3 - "$environment"/wheels/apache_superset-*.whl "$environment/modules" <<'PY'
import sys
import zipfile

WANTED = ("constants.py", "errors.py", "exceptions.py", "sql/", "utils/backports.py", *(f"db_engine_specs/{name}.py" for name in ("__init__", "base", "exceptions", "postgres")))
with zipfile.ZipFile(sys.argv[1]) as wheel:
    for name in wheel.namelist():
        if name.removeprefix("superset/").startswith(WANTED) and name.startswith("superset/") and name.endswith(".py"):
            wheel.extract(name, sys.argv[2])
PY
    rm -r "$environment/wheels"
    cp "$requirements" "$environment/complete"
fi
for name in sqlalchemy superset; do
    install_package "$python" "$here/../../packaging/$name" "$environment/package"
done
cd "$package/tests"
ALDB_TEST_SUPERSET=$environment/modules/superset "$python" -m pytest -p no:cacheprovider -q -ra --tb=short .
