# SPDX-License-Identifier: Apache-2.0
# Python with the libraries that read and write many rows at once: pyodbc, arrow-odbc, turbodbc, and for comparison ADBC and psycopg. To be sourced by bash with
# `set -euo pipefail`. Everything lies in ALDB_TEST_WORK and is made once; a status of 77 means that a registry is out of reach.

CLIENTS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$CLIENTS/../lib/fetch.sh"
WORK=${ALDB_TEST_WORK:-$CLIENTS/../../build/tests}
COLUMNAR=$WORK/columnar
mkdir -p "$WORK"

columnar_pip() { env HOME="$(user_home)" "$COLUMNAR/bin/python" -m pip --disable-pip-version-check --no-cache-dir "$@"; }

# columnar: sees to it that COLUMNAR is a Python environment with all of columnar-requirements.txt.
columnar() {
    local wanted=$CLIENTS/columnar-requirements.txt
    /usr/bin/python3 -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || skip 'these libraries have wheels for Python 3.11 to 3.13'
    exec 6>>"$WORK/columnar.lock" # tests run beside each other
    flock 6
    if [[ ! -f $COLUMNAR/complete ]] || ! cmp -s "$wanted" "$COLUMNAR/complete"; then
        rm -rf "$COLUMNAR"
        /usr/bin/python3 -m venv --system-site-packages "$COLUMNAR"
        fetch "$WORK/columnar.log" PyPI columnar_pip install -q --ignore-installed --require-hashes --only-binary :all: -r "$wanted"
        cp "$wanted" "$COLUMNAR/complete"
    fi
    flock -u 6
}

# columnar_cases FILE [MAKER]: its tests, over the driver that tests/run serves, in the environment that MAKER (columnar) sees to.
columnar_cases() {
    [[ -n ${ALDB_TEST_CLIENT_INI:-} ]] || skip 'ALDB_TEST_CLIENT_INI is not set; tests/run starts a server and sets it'
    "${2:-columnar}"
    export ODBCSYSINI=$ALDB_TEST_CLIENT_INI ODBCINI=$ALDB_TEST_CLIENT_INI/odbc.ini PYTHONDONTWRITEBYTECODE=1
    exec "$COLUMNAR/bin/python" -m pytest -p no:cacheprovider -q -ra --tb=short "$CLIENTS/$1"
}

# columnar_turbodbc: the same, and turbodbc in it. PyPI has its source only: what was built once is kept in the user's cache. 77: it cannot be built here.
columnar_turbodbc() {
    local key kept
    columnar
    exec 6>>"$WORK/columnar.lock"
    flock 6
    if ! "$COLUMNAR/bin/python" -c 'import turbodbc' 2>/dev/null; then
        key=$(cat "$CLIENTS"/*requirements.txt "$CLIENTS/simdutf/Cargo.lock" | sha256sum | cut -c1-16)
        kept=$(user_home)/.cache/alloydb-odbc-tests/turbodbc-$key
        if ! compgen -G "$kept/*.whl" >/dev/null; then
            turbodbc_build "$kept"
        fi
        columnar_pip install -q --no-deps --no-index "$kept"/*.whl
    fi
    flock -u 6
}

# turbodbc_build FOLDER: its wheel, made with the environment's own pyarrow, there.
turbodbc_build() {
    local build=$WORK/turbodbc site name
    command -v c++ >/dev/null || skip 'turbodbc is built with a C++ compiler (package g++)'
    [[ -e /usr/include/boost/variant.hpp ]] || skip 'turbodbc is built with Boost (package libboost-dev)'
    [[ -e $(/usr/bin/python3 -c 'import sysconfig; print(sysconfig.get_path("include"))')/Python.h ]] || skip 'turbodbc is built with the headers of Python (package python3-dev)'
    command -v cargo >/dev/null || skip 'turbodbc is built with simdutf, which comes by cargo'
    rm -rf "$build"
    mkdir -p "$build/simdutf" "$build/lib"
    fetch "$WORK/turbodbc.log" PyPI columnar_pip install -q --require-hashes --only-binary :all: -r "$CLIENTS/turbodbc-build-requirements.txt"
    cp "$CLIENTS/simdutf/"* "$build/simdutf/"
    : >"$build/simdutf/none.rs"
    (cd "$build/simdutf" && fetch "$WORK/turbodbc.log" crates.io env HOME="$(user_home)" cargo vendor -q --locked)
    site=$("$COLUMNAR/bin/python" -c 'import pyarrow, os; print(os.path.dirname(pyarrow.__file__))')
    for name in libarrow libarrow_python; do
        [[ -e $site/$name.so ]] || ln -s "$(cd "$site" && compgen -G "$name.so.*" | head -n 1)" "$site/$name.so"
    done
    cp "$build/simdutf/vendor/simdutf/cpp/simdutf.h" "$build/lib/"
    c++ -std=c++17 -O2 -fPIC -c "$build/simdutf/vendor/simdutf/cpp/simdutf.cpp" -o "$build/lib/simdutf.o"
    ar rcs "$build/lib/libsimdutf.a" "$build/lib/simdutf.o"
    printf 'Name: simdutf\nDescription: -\nVersion: 7\nLibs: -L%s -lsimdutf\nCflags: -I%s\n' "$build/lib" "$build/lib" >"$build/lib/simdutf.pc"
    printf 'Name: arrow\nDescription: -\nVersion: 24\nLibs: -L%s -larrow\nCflags: -I%s\n' "$site" "$site/include" >"$build/lib/arrow.pc"
    (
        # Its meson.build does not name all that its parts include.
        CPLUS_INCLUDE_PATH=$build/lib:$("$COLUMNAR/bin/python" -c 'import pybind11; print(pybind11.get_include())')
        export CPLUS_INCLUDE_PATH PKG_CONFIG_PATH=$build/lib PATH=$COLUMNAR/bin:$PATH NINJAFLAGS=-j${ALLOYDB_JOBS:-2}
        fetch "$WORK/turbodbc.log" PyPI columnar_pip wheel -q --no-deps --require-hashes --no-binary turbodbc --no-build-isolation -w "$build/wheel" -r "$CLIENTS/turbodbc-requirements.txt"
    )
    mkdir -p "$1"
    cp "$build"/wheel/*.whl "$1/"
    rm -rf "$build"
}
