#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A program with the set-user-ID bit: who starts it does not choose by the environment, or by a file in what HOME says is home, where its log is and how it connects.
set -euo pipefail
. "$(dirname "$0")/../lib/fetch.sh"

[[ -n ${ALDB_TEST_LIBRARY:-} ]] || skip 'ALDB_TEST_LIBRARY is not set; tests/run sets it'
command -v isql >/dev/null || skip 'isql is needed'
[[ $(id -u) == 0 ]] || skip 'only root can make such a program of another user'
folder=$(mktemp -d /tmp/aldb-suid.XXXXXX)
trap 'rm -rf "$folder"' EXIT
chmod 755 "$folder"
mkdir "$folder/home"
mkdir -m 1777 "$folder/log"
install -m 755 "$ALDB_TEST_LIBRARY" "$folder/driver.so"
for program in isql id; do
    install -m 755 "$(command -v "$program")" "$folder/$program"
    install -m 755 "$(command -v "$program")" "$folder/$program-suid"
    chown nobody "$folder/$program-suid"
    chmod 4755 "$folder/$program-suid"
done
printf '[Defaults]\nReadOnly = yes\n' >"$folder/home/.alloydb-odbc.ini"
printf '[AlloyDB]\nDriver = %s\n' "$folder/driver.so" >"$folder/odbcinst.ini"
printf '[here]\nDriver = AlloyDB\nServer = %s\nPort = %s\nDatabase = %s\nUID = %s\nPWD = %s\n' \
    "$ALDB_TEST_HOST" "$ALDB_TEST_PORT" "$ALDB_TEST_DATABASE" "$ALDB_TEST_USER" "$ALDB_TEST_PASSWORD" >"$folder/odbc.ini"
as_daemon() { (cd / && setpriv --reuid=daemon --regid=daemon --clear-groups env -i HOME="$folder/home" ODBCSYSINI="$folder" ODBCINI="$folder/odbc.ini" "$@"); }
[[ $(as_daemon "$folder/id-suid" -un) == nobody ]] || skip 'the bit has no effect where this test keeps its files'

ask() { echo "select '<' || current_setting('transaction_read_only') || '>'" | as_daemon ALLOYDB_ODBC_LOG_LEVEL=TRACE ALLOYDB_ODBC_LOG_PATH="$folder/log" "$folder/$1" -b -c -d, here; }
answer=$(ask isql)
grep -q '<on>' <<<"$answer" || { echo "an ordinary program does not read the user's ini file: $answer"; exit 1; }
compgen -G "$folder/log/alloydb-odbc-*.log" >/dev/null || { echo 'an ordinary program does not log where the environment says'; exit 1; }
rm "$folder"/log/*
answer=$(ask isql-suid)
grep -q '<off>' <<<"$answer" || { echo "the set-user-ID program has not connected, or reads the user's ini file: $answer"; exit 1; }
! compgen -G "$folder/log/*" || { echo 'the set-user-ID program logs where the environment says'; exit 1; }
