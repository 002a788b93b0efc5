#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# No secret leaves the driver but to whom it is meant for: logs at TRACE, messages, attributes, completed strings, output, temporary files, children, and the command
# alloydb-odbc, with every way to log in, as it succeeds and as it fails.
set -euo pipefail
. "$(dirname "$0")/../../setup/lib.sh"
. "$(dirname "$0")/../emulator/clients.sh"

need_server
/usr/bin/python3 -c 'import cryptography' 2>/dev/null || skip 'python3-cryptography is needed'
[[ -n ${ALDB_TEST_CLIENT_INI:-} ]] || skip 'ALDB_TEST_CLIENT_INI is not set; tests/run sets it'
export ALDB_SECRETS_SYSINI=$ODBCSYSINI ODBCSYSINI=$ALDB_TEST_CLIENT_INI
work=$(mktemp -d /tmp/aldb-secrets.XXXXXX)
trap 'rm -rf "$work"' EXIT
status=0
"$EMULATOR/alloydb-emulator" --listen auto --direct-port "$(free_port)" --postgres "$ALDB_TEST_SOCKETDIR:$ALDB_TEST_PORT" --admin postgres --state "$work/emulator" \
    --instance "projects/secrets-$$/locations/us-central1/clusters/demo/instances/primary" --alice "alice@secrets-$$.example.com" \
    --run /usr/bin/python3 "$(dirname "$0")/log_secrets.py" "$work" || status=$?
exit "$status"
