#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The connection strings of Tableau's connector, run by Node in Tableau's place: for a server, for an instance, with a password and by IAM; and rows by one of them.
set -euo pipefail
skip() { echo "SKIP: $1"; exit 77; }
[[ -n ${ALDB_TEST_CLIENT_INI:-} ]] || skip 'ALDB_TEST_CLIENT_INI is not set; tests/run starts a server and sets it'
command -v node >/dev/null || skip 'this system has no Node'
folder=$(dirname "$0")
failures=0

# same WHAT GOT EXPECTED
same() {
    if [[ $2 == "$3" ]]; then
        printf 'ok      %s\n' "$1"
    else
        printf 'FAILED  %s: %s instead of %s\n' "$1" "$2" "$3"
        failures=$((failures + 1))
    fi
}

# built PAIRS: of the dialog's values, "name":"value", the common ones left out.
built() { node "$folder/tableau_builder.js" "{\"dbname\":\"sales\",\"port\":\"5432\",\"v-ip-type\":\"PUBLIC\",$1}"; }

person='"authentication":"auth-user-pass","username":"reader","password":"a;b}c"'
iam='"authentication":"auth-none"'
instance='"server":"projects/p/locations/r/clusters/c/instances/i"'
same 'a server, verified' "$(built "\"server\":\"h\",\"sslmode\":\"require\",$person")" \
    'DRIVER=AlloyDB;Server=h;Database=sales;Port=5432;SSLMode=verify-full;SSLRootCert=system;UID=reader;PWD={a;b}}c};ApplicationName=Tableau'
same 'a server' "$(built "\"server\":\"h\",\"sslmode\":\"\",$person")" 'DRIVER=AlloyDB;Server=h;Database=sales;Port=5432;UID=reader;PWD={a;b}}c};ApplicationName=Tableau'
same 'a server by IAM, verified in any case' "$(built "\"server\":\"h\",\"sslmode\":\"\",$iam")" \
    'DRIVER=AlloyDB;Server=h;Database=sales;Port=5432;SSLMode=verify-full;SSLRootCert=system;EnableIamAuth=yes;ApplicationName=Tableau'
same 'an instance by IAM' "$(built "$instance,\"sslmode\":\"require\",$iam")" \
    'DRIVER=AlloyDB;Server=projects/p/locations/r/clusters/c/instances/i;Database=sales;IpType=PUBLIC;EnableIamAuth=yes;ApplicationName=Tableau'
same 'an instance with a password' "$(built "$instance,$person")" \
    'DRIVER=AlloyDB;Server=projects/p/locations/r/clusters/c/instances/i;Database=sales;IpType=PUBLIC;UID=reader;PWD={a;b}}c};ApplicationName=Tableau'
same 'what else the workbook says wins' "$(built "$instance,$iam,\"odbc-connect-string-extras\":\"IpType=PSC;QueryTimeout=60\"")" \
    'DRIVER=AlloyDB;Server=projects/p/locations/r/clusters/c/instances/i;Database=sales;IpType=PSC;EnableIamAuth=yes;ApplicationName=Tableau;QueryTimeout=60'

string=$(built "\"server\":\"$ALDB_TEST_HOST\",\"sslmode\":\"\",\"authentication\":\"auth-user-pass\",\"username\":\"$ALDB_TEST_USER\",\"password\":\"$ALDB_TEST_PASSWORD\"")
string=${string/Database=sales;Port=5432/Database=$ALDB_TEST_DATABASE;Port=$ALDB_TEST_PORT}
rows=$(ODBCSYSINI=$ALDB_TEST_CLIENT_INI ODBCINI=$ALDB_TEST_CLIENT_INI/odbc.ini isql -k "$string" -b -v -d, <<<"select current_setting('application_name'), current_user" 2>&1) || true
same 'rows' "$rows" "Tableau,$ALDB_TEST_USER"
exit $((failures > 0))
