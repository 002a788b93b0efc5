#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What packaging/build-packages builds, as its users have it: built twice to the same bytes, held to lintian, and installed, used, upgraded and removed in a
# system of its own, made from the machine's package sources. PostgreSQL stays outside of it, behind loopback.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd -P)
. "$root/tests/lib/fetch.sh"
[[ -n ${ALDB_TEST_WORK:-} && -n ${ALDB_TEST_PASSWORD:-} ]] || skip 'ALDB_TEST_WORK is not set; tests/run starts a server and sets it'
for tool in lintian rpm rpmbuild dpkg-shlibdeps; do
    command -v "$tool" >/dev/null || skip "$tool is not installed"
done
work=$(mktemp -d /tmp/aldb-packages.XXXXXX)
trap 'rm -rf --one-file-system "$work"' EXIT
chmod 755 "$work"
started=$SECONDS
failures=0
exec 3>&1

section() { printf '%3d s  %s\n' $((SECONDS - started)) "$1"; }

# same WHAT EXPECTED FOUND: two texts.
same() {
    if [[ $2 == "$3" ]]; then
        printf 'ok      %s\n' "$1"
    else
        printf 'FAILED  %s\n%s\n' "$1" "$(diff <(printf '%s\n' "$2") <(printf '%s\n' "$3") | sed 's/^/        /')"
        failures=$((failures + 1))
    fi
}

# run WHAT COMMAND…: it ends with 0.
run() {
    local what=$1
    shift
    if "$@" >"$work/log" 2>&1; then
        printf 'ok      %s\n' "$what"
    else
        printf 'FAILED  %s: %s\n%s\n' "$what" "$*" "$(tail -n 30 "$work/log" | sed 's/^/        /')"
        failures=$((failures + 1))
    fi
}

# ---- twice --------------------------------------------------------------------------------------------------------

section 'the packages, in this folder and in another one, by another user, in another time zone and with another umask'
packages=$work/packages
"$root/packaging/build-packages" "$packages" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
copy=$work/another/folder
mkdir -p "$copy"
tar -C "$root" --exclude=./build --exclude=./.git -cf - . | tar -C "$copy" -xf -
somebody=()
if [[ $(id -u) == 0 ]]; then
    somebody=(setpriv --reuid=nobody --regid=nogroup --clear-groups)
    chown -R nobody:nogroup "$work/another"
fi
touch -d 2020-01-01 "$copy/packaging/doc/"*
if ! (umask 077 && exec "${somebody[@]}" env -i PATH="$PATH" HOME=/nonexistent TZ=Asia/Tokyo LANG=C ALLOYDB_JOBS="${ALLOYDB_JOBS:-}" \
    "$copy/packaging/build-packages" "$work/another/packages") >"$work/log" 2>&1; then
    cat "$work/log"
    exit 1
fi
version=$(sed -n 's/^project(alloydb_odbc VERSION \([0-9.]*\).*/\1/p' "$root/CMakeLists.txt")
architecture=$(dpkg --print-architecture)
machine=$(uname -m)
deb=alloydb-odbc_${version}_$architecture.deb
dialect=python3-sqlalchemy-alloydb_${version}_all.deb
rpm=alloydb-odbc-$version-1.$machine.rpm
archive=alloydb-odbc-$version-linux-$machine.tar.gz
same 'what is built' "$(printf '%s\n' "$deb" "$dialect" "$rpm" "$archive" | LC_ALL=C sort)" "$(cd "$packages" && LC_ALL=C ls)"
for name in "$deb" "$dialect" "$rpm" "$archive"; do
    run "the same bytes: $name" cmp "$packages/$name" "$work/another/packages/$name"
done
((failures == 0)) || exit 1

# ---- what is in them ----------------------------------------------------------------------------------------------

section 'the packages by themselves'
# Words that it finds in machine code are none.
hidden=spelling-error-in-binary
run 'lintian' lintian --allow-root --fail-on error,warning,info,pedantic,override --display-info --pedantic --suppress-tags "$hidden" "$packages/$deb" "$packages/$dialect"
same 'no overrides of lintian' '' "$(for name in "$deb" "$dialect"; do dpkg-deb -c "$packages/$name" | grep lintian || true; done)"
mkdir "$work/unpacked"
dpkg-deb -x "$packages/$deb" "$work/unpacked"
libdir=$(cd "$work/unpacked" && echo usr/lib/*/odbc)
for name in "$libdir/liballoydbodbc.so" "$libdir/liballoydbodbcS.so" usr/bin/alloydb-odbc; do
    same "no RUNPATH: $name" '' "$(readelf -d "$work/unpacked/$name" | grep -E 'RPATH|RUNPATH' || true)"
    same "stripped: $name" '' "$(readelf -S "$work/unpacked/$name" | grep -E '\.(symtab|debug_info|comment) ' || true)"
    same "no path of the machine that built it: $name" '' "$(strings -a "$work/unpacked/$name" | grep -F -e "$root" -e "$work" || true)"
done
field() { dpkg-deb -f "$packages/$1" "$2"; }
same 'who needs what' 'libc6 libcurl4 libiniparser1 libjansson4 libodbc2 libodbcinst2 libpq5 libssl3 odbcinst' \
    "$(field "$deb" Depends | tr ',' '\n' | sed 's/^ *//; s/ .*//; s/t64$//; s/iniparser4$/iniparser1/' | LC_ALL=C sort | tr '\n' ' ' | sed 's/ $//')"
same 'the dialect recommends the driver' alloydb-odbc "$(field "$dialect" Recommends)"
# Beside the libraries, which others have under other versions, as rpm finds them.
same 'the .rpm needs' "$(printf '%s\n' /bin/sh /usr/bin/awk /usr/bin/odbcinst /usr/bin/setpriv libc.so.6 libcrypto.so.3 libcurl.so.4 libiniparser.so libjansson.so.4 libm.so.6 libodbc.so.2 libodbcinst.so.2 libpq.so.5 libssl.so.3)" \
    "$(rpm -qp --requires "$packages/$rpm" | grep -v -e '^rpmlib' -e '^rtld' -e '^ld-linux' | sed 's/(.*//; s/\(libiniparser.so\).*/\1/' | LC_ALL=C sort -u)"
same 'the .rpm asks for no version in libcurl' 'libcurl.so.4()(64bit)' "$(rpm -qp --requires "$packages/$rpm" | grep libcurl)"
same 'the .rpm provides itself alone' "alloydb-odbc = $version-1" "$(rpm -qp --provides "$packages/$rpm" | grep -v '(')"

# ---- a system of its own ------------------------------------------------------------------------------------------

((failures == 0)) || exit 1 # which no reason to skip the rest may hide
[[ $(id -u) == 0 ]] || skip 'a system of its own needs root; building, lintian and reproducibility were tested'
command -v mmdebstrap >/dev/null || skip 'mmdebstrap is not installed; building, lintian and reproducibility were tested'
unshare --mount true 2>/dev/null || skip 'this machine gives no namespaces; building, lintian and reproducibility were tested'

section 'a system of its own'
# The machine's sources, keys and ways to them; none of that stays anywhere.
mapfile -t sources < <(find /etc/apt -maxdepth 2 \( -path /etc/apt/sources.list -o -path '/etc/apt/sources.list.d/*.list' -o -path '/etc/apt/sources.list.d/*.sources' \) -size +0)
((${#sources[@]} > 0)) || skip 'this machine has no sources of packages; building, lintian and reproducibility were tested'
apt-config dump | grep -E '^Acquire::(Check|http|https|ForceIPv|Retries|Languages)' >"$work/apt.conf" || true
system=$work/system
make_system() {
    rm -rf --one-file-system "$system"
    mmdebstrap --mode=root --variant=apt --skip=cleanup/apt/lists --aptopt="$work/apt.conf" '' "$system" "${sources[@]}"
}
fetch "$work/log" "Debian's archive" make_system

# inside [USER] COMMAND…: runs it there. What it mounts goes with it.
# shellcheck disable=SC2016 # for the inner shell
inside() {
    local user=root home=/root
    if [[ $1 == user ]]; then
        user=user home=/home/user
        shift
    fi
    unshare --mount bash -c '
        mount -t proc proc "$1/proc" && mount --bind /dev "$1/dev" && mount -t tmpfs tmpfs "$1/dev/shm"
        exec chroot "--userspec=$2" "$1" /usr/bin/env -i -C "$3" PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "HOME=$3" LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "${@:4}"' \
        inside "$system" "$user:$user" "$home" "$@"
}
# What the sources cannot give now is no failure; whatever else goes wrong is.
apt() {
    local status=0
    inside apt-get -qq -y --no-install-recommends -o Dpkg::Use-Pty=0 install "$@" >"$work/apt.log" 2>&1 || status=$?
    if ((status != 0)) && grep -Eq 'Temporary failure resolving|Could not (resolve|connect)|Connection (timed out|refused)|Network is unreachable' "$work/apt.log"; then
        ((failures == 0)) || exit 1
        skip "Debian's archive is out of reach" >&3
    fi
    cat "$work/apt.log"
    return "$status"
}
cp "$packages"/* "$system/tmp/"
echo 'user:x:4711:4711::/home/user:/bin/sh' >>"$system/etc/passwd"
echo 'user:x:4711:' >>"$system/etc/group"
mkdir "$system/home/user"
chown 4711:4711 "$system/home/user"
inside user sh -c "umask 077; : >~/.isql_history; tar xzf '/tmp/$archive'"
unpacked=/home/user/${archive%.tar.gz}

tree() { (cd "$1" && find . -mindepth 1 -printf '%p %y %m %l\n' | LC_ALL=C sort); }

section 'the archive where its libraries are missing'
before=$(tree "$system/home/user")
status=0
inside user "$unpacked/install.sh" >"$work/said" 2>&1 || status=$?
same 'it ends with 1' 1 "$status"
same 'the libraries, by the names of their packages' "$(printf '%s\n' libcurl4 libiniparser1 libjansson4 libpq5 libssl3 unixodbc)" \
    "$(sed -n 's/^  lib[^ ]*\.so[^ ]*  *\([^ ]*\) .*/\1/p' "$work/said" | sed 's/iniparser4$/iniparser1/' | LC_ALL=C sort -u)"
same 'nothing is done' "$before" "$(tree "$system/home/user")"

section 'the .deb'
ini=$system/etc/odbcinst.ini
entry() { awk '/^\[/ { on = $0 == "[AlloyDB]" } on && NF' "$ini"; }
template="Description=ODBC driver for AlloyDB for PostgreSQL
Driver=/$libdir/liballoydbodbc.so
Setup=/$libdir/liballoydbodbcS.so
Threading=0"
purge() { run "$1" inside dpkg --purge alloydb-odbc; }
install() { run "$1" inside dpkg --install "/tmp/$2"; }
run 'apt installs it, and what it needs' apt "/tmp/$deb" unixodbc
same 'the entry in odbcinst.ini' "[AlloyDB]
$template
UsageCount=1" "$(entry)"
same 'nothing else is in it' "$(entry)" "$(cat "$ini")"
inside sh -c "umask 077; echo '$ALDB_TEST_PASSWORD' >/root/password"
run 'alloydb-odbc dsn add' inside sh -c "alloydb-odbc dsn add tested Server=$ALDB_TEST_HOST Port=$ALDB_TEST_PORT Database=$ALDB_TEST_DATABASE UID=$ALDB_TEST_USER --password-stdin </root/password"
rows() { inside "$@" sh -c "echo 'select n, n * n as square from generate_series(1, 3) n' | isql -b -d, tested" 2>&1; }
same 'isql returns rows' "$(printf '%s\n' 1,1 2,4 3,9)" "$(rows)"
same 'the command knows its driver' "alloydb-odbc $version
driver   /$libdir/liballoydbodbc.so
set-up   /$libdir/liballoydbodbcS.so" "$(inside alloydb-odbc version)"

# A later version: another number, and another line in the template.
later=alloydb-odbc_${version}+1_$architecture.deb
dpkg-deb -R "$packages/$deb" "$work/later"
sed -i "s/^Version: .*/Version: $version+1/" "$work/later/DEBIAN/control"
sed -i '/^Threading/a CPTimeout = 60' "$work/later/usr/share/alloydb-odbc/odbcinst.ini"
dpkg-deb --root-owner-group -b "$work/later" "$system/tmp/$later" >/dev/null

install 'an upgrade' "$later"
same 'an entry that nobody edited follows the template, counted as before' "[AlloyDB]
$template
CPTimeout=60
UsageCount=1" "$(entry)"
install 'back' "$deb"
sed -i 's/^Threading=0/# one at a time\nThreading = 3/' "$ini"
edited=$(cat "$ini")
install 'an upgrade with an edited entry' "$later"
same 'it stays, with its comment' "$edited" "$(cat "$ini")"
same 'isql returns rows' "$(printf '%s\n' 1,1 2,4 3,9)" "$(rows)"
purge 'purge'
same 'an empty odbcinst.ini is empty again' '0 644' "$(stat -c '%s %a' "$ini")"
same 'nothing is left' '' "$(cd "$system" && find etc usr var -path var/lib/dpkg -prune -o -path var/log -prune -o -path var/cache -prune -o -name '*alloydb*' -print)"

# found NAME TEXT: what was in the file comes back, to the byte, from installing, upgrading and purging.
found() {
    printf "$2" >"$ini"
    cp -p "$ini" "$work/found"
    install "$1: installed" "$deb"
    same "$1: there is one entry" 1 "$(grep -ci '^\[ *alloydb *\]' "$ini")"
    install "$1: upgraded" "$later"
    purge "$1: purged"
    run "$1: as it was found" cmp "$work/found" "$ini"
}
found 'comments, odd spacing and no last line end' '; of the administrator\n\n[Other]\n  # indented\nDriver\t= /opt/other.so\n\n\n[Last]\nDriver=x\n# behind it'
found 'windows line ends and a very long line' "[Other]\r\nDriver = x\r\nLong = $(printf 'x%.0s' {1..3000})\r\n"
found 'an entry of the administrator' '# before\n[alloydb]\n; mine\nDriver = /opt/mine.so\n\n[Other]\nDriver = x\n'
printf '[AlloyDB]\nDriver = /opt/mine.so\nFakeUnicode = 1\n' >"$ini"
install 'beside an entry of the administrator' "$deb"
same 'his settings stay, and he is counted' "$(printf '%s\n' '[AlloyDB]' Driver=/opt/mine.so FakeUnicode=1 UsageCount=2)" "$(entry)"
purge 'purge'

: >"$ini"
install 'once more' "$deb"
same 'how often it is counted after dpkg-reconfigure' 1 "$(inside dpkg-reconfigure alloydb-odbc && sed -n 's/^UsageCount=//p' "$ini")"
run 'another program registers the same driver' inside odbcinst -i -d -f /usr/share/alloydb-odbc/odbcinst.ini
same 'it is counted twice' 2 "$(sed -n 's/^UsageCount=//p' "$ini")"
printf '# later\n[Later]\nDriver = y\n' >>"$ini"
purge 'purge'
same 'what the other program relies on stays, counted once, and so does what came later' "[AlloyDB]
$template
UsageCount=1

# later
[Later]
Driver = y" "$(cat "$ini")"
: >"$ini"
install 'once more' "$deb"
printf '# later\n[Later]\nDriver = y\n' >>"$ini"
purge 'purge'
same 'what came later stays' "$(printf '# later\n[Later]\nDriver = y')" "$(cat "$ini")"
rm "$ini"
install 'without odbcinst.ini' "$deb"
purge 'purge'
same 'there is none again' 'not there' "$([[ -e $ini ]] && cat "$ini" || echo 'not there')"
: >"$ini"

section 'the .rpm'
printf '# of the administrator\n[Other]\nDriver = x' >"$ini"
cp "$ini" "$work/found"
in_rpm() { unshare --mount rpm --root "$system" "$@"; }
mkdir -p "$system/var/lib/rpm"
run 'it is installed' in_rpm --force-debian --nodeps --install "$packages/$rpm"
same 'its entry' "[AlloyDB]
${template//\/$libdir//usr/lib64/odbc}
UsageCount=1" "$(entry)"
same 'isql returns rows' "$(printf '%s\n' 1,1 2,4 3,9)" "$(rows)"
run 'nothing of it is changed' in_rpm --nodeps --verify alloydb-odbc
run 'it is installed anew' in_rpm --force-debian --nodeps --upgrade --force "$packages/$rpm"
same 'its entry is counted once' 1 "$(sed -n 's/^UsageCount=//p' "$ini")"
run 'it is erased' in_rpm --force-debian --nodeps --erase alloydb-odbc
run 'odbcinst.ini is as it was found' cmp "$work/found" "$ini"
same 'its files are gone' '' "$(find "$system/usr" -name '*alloydb*')"
: >"$ini"

section 'the dialect'
install 'the driver once more' "$deb"
run 'apt installs it, and what it needs' apt "/tmp/$dialect"
cat >"$system/tmp/rows.py" <<'PYTHON'
import importlib.metadata
import pathlib

import sqlalchemy
import sqlalchemy_alloydb

engine = sqlalchemy.create_engine("alloydb://?odbc_connect=DSN%3Dtested")
with engine.connect() as connection:
    print(connection.execute(sqlalchemy.text("select n, cast(n as numeric) / 2 as half from generate_series(1, 2) n")).all())
print(importlib.metadata.version("sqlalchemy-alloydb"), bool(list(pathlib.Path(sqlalchemy_alloydb.__file__).parent.glob("__pycache__/dialect.*.pyc"))))
PYTHON
same 'SQLAlchemy returns rows, and the dialect is compiled' "[(1, Decimal('0.50000000000000000000')), (2, Decimal('1.00000000000000000000'))]
$version True" "$(inside python3 /tmp/rows.py 2>&1)"
run 'it is purged' inside dpkg --purge python3-sqlalchemy-alloydb
same 'nothing of it is left' '' "$(find "$system/usr/lib/python3" -name '*alloydb*')"
purge 'and the driver'

section 'the archive, without root'
rm -f "$system/root/.odbc.ini"
chown 4711:4711 "$system/root/password"
mv "$system/root/password" "$system/home/user/"
text() { if [[ -e $system/home/user/.odbcinst.ini ]]; then od -An -c "$system/home/user/.odbcinst.ini"; else echo 'there is none'; fi; }
for prefix in '' '/home/user/other place/alloydb'; do
    for text in '' '# mine\n[Mine]\nDriver = z'; do
        [[ -z $prefix ]] && what='in place' || what='copied'
        [[ -z $text ]] && what+=', no ~/.odbcinst.ini' || what+=', beside other drivers'
        rm -f "$system/home/user/.odbcinst.ini"
        [[ -z $text ]] || inside user sh -c "printf '$text' >~/.odbcinst.ini; chmod 640 ~/.odbcinst.ini"
        before=$(tree "$system/home/user")
        text_before=$(text)
        run "$what: install.sh" inside user "$unpacked/install.sh" ${prefix:+--prefix "$prefix"}
        run "$what: install.sh again" inside user "$unpacked/install.sh" ${prefix:+--prefix "$prefix"}
        to=${prefix:-$unpacked}
        same "$what: the driver that is registered" "Driver = $to/lib/odbc/liballoydbodbc.so" "$(grep '^Driver.*alloydb' "$system/home/user/.odbcinst.ini")"
        run "$what: alloydb-odbc dsn add" inside user sh -c "'$to/bin/alloydb-odbc' dsn add tested Server=$ALDB_TEST_HOST Port=$ALDB_TEST_PORT \
            Database=$ALDB_TEST_DATABASE UID=$ALDB_TEST_USER --password-stdin <~/password"
        same "$what: isql returns rows" "$(printf '%s\n' 1,1 2,4 3,9)" "$(rows user)"
        run "$what: alloydb-odbc dsn remove" inside user "$to/bin/alloydb-odbc" dsn remove tested
        [[ -z $prefix ]] && uninstall=$unpacked/uninstall.sh || uninstall=$prefix/share/alloydb-odbc/uninstall.sh
        run "$what: uninstall.sh" inside user "$uninstall"
        same "$what: all files are as before" "$before" "$(tree "$system/home/user")"
        same "$what: and so is ~/.odbcinst.ini" "$text_before" "$(text)"
    done
done

section 'done'
exit $((failures > 0))
