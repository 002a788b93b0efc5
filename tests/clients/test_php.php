#!/usr/bin/php
<?php /* SPDX-License-Identifier: Apache-2.0 */
/* PHP's odbc functions, which are an ODBC 2 application, and PDO_ODBC, which sends every parameter at execution. */

$ini = getenv('ALDB_TEST_CLIENT_INI');
if (!$ini) {
    echo "SKIP: ALDB_TEST_CLIENT_INI is not set; tests/run starts a server and sets it\n";
    exit(77);
}
putenv("ODBCSYSINI=$ini");
putenv("ODBCINI=$ini/odbc.ini");
$dsn = getenv('ALDB_TEST_DSN');
$failures = 0;

function is($what, $got, $expected)
{
    global $failures;
    if ($got === $expected) {
        echo "ok      $what\n";
    } else {
        $failures++;
        echo "FAILED  $what: ", var_export($got, true), ' instead of ', var_export($expected, true), "\n";
    }
}

function rows($result)
{
    $rows = [];
    while ($row = odbc_fetch_array($result)) {
        $rows[] = array_values($row);
    }
    return $rows;
}

$c = odbc_connect($dsn, getenv('ALDB_TEST_USER'), getenv('ALDB_TEST_PASSWORD'));
odbc_exec($c, 'create temp table php_t (id int primary key, n numeric(12, 3), t text, d date, at timestamp, b bytea, yes boolean, f float8)');
$insert = odbc_prepare($c, 'insert into php_t values (?, ?, ?, ?, ?, ?, ?, ?)');
$values = [
    [1, '12.345', 'ü 🙂 山田', '2024-02-29', '2024-02-29 12:34:56.789', "bytes", 1, 1.5],
    [2, null, null, null, null, null, null, null],
    [3, '-0.001', '', '0001-01-01', '9999-12-31 23:59:59.999999', '', 0, '-1e300'],
];
foreach ($values as $row) {
    is("insert $row[0]", odbc_execute($insert, $row), true);
}
$result = odbc_exec($c, 'select * from php_t order by id');
is('odbc_num_fields', odbc_num_fields($result), 8);
is('names and types', [odbc_field_name($result, 2), odbc_field_type($result, 2), odbc_field_len($result, 2), odbc_field_scale($result, 2)], ['n', 'numeric', 12, 3]);
is('rows', rows($result), [
    ['1', '12.345', 'ü 🙂 山田', '2024-02-29', '2024-02-29 12:34:56.789', 'bytes', '1', '1.5'],
    ['2', null, null, null, null, null, null, null],
    ['3', '-0.001', '', '0001-01-01', '9999-12-31 23:59:59.999999', '', '0', '-1e+300'],
]);
$result = odbc_exec($c, "select repeat('x', 300000)");
odbc_longreadlen($result, 400000);
is('a long text', strlen(odbc_fetch_array($result)['repeat']), 300000);

/* The driver manager turns SQLSTATEs into those of ODBC 2 for an ODBC 2 application. */
is('an error', @odbc_exec($c, 'select * from nowhere'), false);
is('its SQLSTATE', odbc_error($c), 'S0002');
is('its text', str_contains(odbc_errormsg($c), '[AlloyDB]') && str_contains(odbc_errormsg($c), 'relation "nowhere" does not exist'), true);
is('a duplicate key', [@odbc_execute($insert, $values[1]), odbc_error($c)], [false, '23000']);
odbc_autocommit($c, false);
is('rows counted', odbc_num_rows(odbc_exec($c, 'delete from php_t')), 3);
odbc_rollback($c);
odbc_autocommit($c, true);
is('rolled back', rows(odbc_exec($c, 'select count(*) from php_t')), [['3']]);
$result = odbc_exec($c, 'select 1; select 2');
is('the first result', rows($result), [['1']]);
is('another', odbc_next_result($result), true);
is('the second result', rows($result), [['2']]);

odbc_exec($c, 'create table if not exists php_catalog (id int primary key, t varchar(7) not null)');
is('odbc_tables', array_column(rows(odbc_tables($c, null, '%', 'php_catalog', 'TABLE')), 2), ['php_catalog']);
is('odbc_columns', array_column(rows(odbc_columns($c, null, '%', 'php_catalog', '%')), 3), ['id', 't']);
is('odbc_primarykeys', array_column(rows(odbc_primarykeys($c, null, 'public', 'php_catalog')), 3), ['id']);
odbc_exec($c, 'create table if not exists php_child (id int references php_catalog)');
is('odbc_foreignkeys', array_column(rows(odbc_foreignkeys($c, null, 'public', 'php_catalog', null, null, null)), 6), ['php_child']);
is('odbc_statistics', array_column(rows(odbc_statistics($c, null, 'public', 'php_catalog', SQL_INDEX_UNIQUE, SQL_QUICK)), 5), [null, 'php_catalog_pkey']);
is('odbc_specialcolumns', array_column(rows(odbc_specialcolumns($c, SQL_BEST_ROWID, null, 'public', 'php_catalog', SQL_SCOPE_SESSION, SQL_NULLABLE)), 1), ['id']);
is('odbc_procedures', array_column(rows(odbc_procedures($c, null, 'pg_catalog', 'pg_sleep')), 2), ['pg_sleep']);
is('odbc_procedurecolumns', array_column(rows(odbc_procedurecolumns($c, null, 'pg_catalog', 'pg_sleep', '%')), 6), ['float8']);
is('odbc_columnprivileges', array_unique(array_column(rows(odbc_columnprivileges($c, null, 'public', 'php_catalog', 'id')), 3)), ['id']);
odbc_exec($c, 'drop table php_child, php_catalog');
odbc_close($c);

/* By default PDO asks for the driver manager's cursor library where a driver has no scrollable cursors, and that library crashes. */
$p = new PDO("odbc:$dsn", getenv('ALDB_TEST_USER'), getenv('ALDB_TEST_PASSWORD'),
    [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION, PDO::ODBC_ATTR_USE_CURSOR_LIBRARY => PDO::ODBC_SQL_USE_DRIVER]);
$p->exec('create temp table php_t (id int primary key, t text, b bytea, n numeric)');
$s = $p->prepare('insert into php_t values (:id, :t, :b, :n)');
$s->bindValue(':id', 1, PDO::PARAM_INT);
$s->bindValue(':t', 'ü 🙂');
$stream = fopen('php://memory', 'w+');
fwrite($stream, str_repeat("\x00\xff", 50000));
rewind($stream);
$s->bindValue(':b', $stream, PDO::PARAM_LOB);
$s->bindValue(':n', null, PDO::PARAM_NULL);
$s->execute();
is('PDO: a row inserted', $s->rowCount(), 1);
$row = $p->query('select t, encode(b, \'hex\') as b, n, octet_length(b) as size from php_t')->fetch(PDO::FETCH_ASSOC);
is('PDO: the row', [$row['t'], $row['b'] === str_repeat('00ff', 50000), $row['n'], $row['size']], ['ü 🙂', true, null, '100000']);
$p->beginTransaction();
$p->exec('delete from php_t');
$p->rollBack();
is('PDO: rolled back', $p->query('select count(*) from php_t')->fetchColumn(), '1');
try {
    $p->query('select 1 / 0');
    is('PDO: an error', 'none', '22012');
} catch (PDOException $e) {
    is('PDO: an error', $e->getCode(), '22012');
}
$s = $p->prepare('select i, ? from generate_series(1, 3) as i where i > ?');
$s->execute(['x', 1]);
is('PDO: parameters', $s->fetchAll(PDO::FETCH_NUM), [['2', 'x'], ['3', 'x']]);

exit($failures > 0 ? 1 : 0);
