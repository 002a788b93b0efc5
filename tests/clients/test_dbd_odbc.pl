#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# Perl's DBI through DBD::ODBC: an ODBC 3 application that uses the narrow functions, describes every parameter and binds arrays.
use strict;
use warnings;
use utf8;
use Test::More;

if (!$ENV{ALDB_TEST_CLIENT_INI}) {
    print "SKIP: ALDB_TEST_CLIENT_INI is not set; tests/run starts a server and sets it\n";
    exit 77;
}
if (!eval { require DBD::ODBC; 1 }) {
    print "SKIP: this system has no DBD::ODBC (Debian: libdbd-odbc-perl)\n";
    exit 77;
}
$ENV{ODBCSYSINI} = $ENV{ALDB_TEST_CLIENT_INI};
$ENV{ODBCINI} = "$ENV{ALDB_TEST_CLIENT_INI}/odbc.ini";
require DBI;

# DBD::ODBC reads the environment when it is loaded; the password comes from the data source.
my $dbh = DBI->connect("dbi:ODBC:$ENV{ALDB_TEST_DSN}", undef, undef, {RaiseError => 1, PrintError => 0, LongReadLen => 1 << 20});
is $dbh->get_info(17), 'PostgreSQL', 'SQL_DBMS_NAME';

$dbh->do('create temp table perl_t (id int primary key, n numeric(12, 3), t text, d date, at timestamp, b bytea, yes boolean, f float8)');
my $insert = $dbh->prepare('insert into perl_t values (?, ?, ?, ?, ?, ?, ?, ?)');
is $insert->{NUM_OF_PARAMS}, 8, 'parameters';

# Bytes: Debian's DBD::ODBC is no Unicode build.
my $text = "ü 🙂 山田";
utf8::encode($text);
sub blob { $insert->bind_param(6, $_[0], DBI::SQL_LONGVARBINARY()) }
blob("\x00\xff'");
is $insert->execute(1, '12.345', $text, '2024-02-29', '2024-02-29 12:34:56.789', "\x00\xff'", 1, 1.5), 1, 'one row inserted';
is $insert->execute(2, (undef) x 7), 1, 'nulls';
is $insert->execute(3, '-0.001', '', '0001-01-01', '9999-12-31 23:59:59.999999', '', 0, '-1e300'), 1, 'empty and extreme';
is $insert->execute(4, undef, 'x' x 300_000, undef, undef, "\xfe" x 300_000, undef, undef), 1, 'long ones';

my $rows = $dbh->selectall_arrayref('select * from perl_t order by id');
is_deeply $rows->[0], [1, '12.345', $text, '2024-02-29', '2024-02-29 12:34:56.789', "\x00\xff'", 1, 1.5], 'the same row';
is_deeply $rows->[1], [2, (undef) x 7], 'nulls come back';
is_deeply [@{$rows->[2]}[0 .. 6]], [3, '-0.001', '', '0001-01-01', '9999-12-31 23:59:59.999999', '', 0], 'empty and extreme ones come back';
is length $rows->[3][2], 300_000, 'a long text';
ok $rows->[3][5] eq "\xfe" x 300_000, 'long bytes';

my $sth = $dbh->prepare('select id, n, t from perl_t');
is_deeply $sth->{NAME}, [qw(id n t)], 'names of columns';
is_deeply $sth->{TYPE}, [DBI::SQL_INTEGER(), DBI::SQL_NUMERIC(), -10], 'types of columns';
is $sth->{PRECISION}[1], 12, 'precision';
is $sth->{SCALE}[1], 3, 'scale';

# Long values are refused or cut as the application says, never silently.
{
    local $dbh->{LongReadLen} = 80;
    ok !eval { $dbh->selectrow_array('select t from perl_t where id = 4'); 1 }, 'a value beyond LongReadLen is an error';
    like $@, qr/truncat/i, 'which says so';
}

# Errors and transactions.
ok !eval { $insert->execute(1, (undef) x 7); 1 }, 'a duplicate key is refused';
is $dbh->state, '23000', 'its SQLSTATE';
like $dbh->errstr, qr/duplicate key.*perl_t_pkey.*Key \(id\)=\(1\)/s, "the server's words";
$dbh->begin_work;
is $dbh->do('delete from perl_t'), 4, 'rows counted';
ok !eval { $dbh->do('select 1 / 0'); 1 }, 'an error in the transaction';
is $dbh->selectrow_array('select count(*) from perl_t'), 0, 'which goes on';
$dbh->rollback;
is $dbh->selectrow_array('select count(*) from perl_t'), 4, 'and is rolled back';
is $dbh->do('delete from perl_t where id = ?', undef, 99), '0E0', 'no row deleted';

# Arrays of parameters: one bad row of three.
for my $native (0, 1) {
    $dbh->do('delete from perl_t');
    my $array = $dbh->prepare('insert into perl_t (id, t) values (?, ?)', {odbc_array_operations => $native});
    $array->{RaiseError} = 0;
    my @status;
    $array->execute_array({ArrayTupleStatus => \@status}, [1, 1, 2], ['a', 'b', undef]);
    is_deeply $dbh->selectall_arrayref('select id, t from perl_t order by id'), [[1, 'a'], [2, undef]], "good rows are stored (native: $native)";
    ok ref $status[1] && !ref $status[0] && !ref $status[2], 'and the bad one is told';
}

# Several statements at once, several results of one text.
my ($one, $two) = map { my $s = $dbh->prepare("select generate_series(1, 1000) * $_"); $s->execute; $s } 1, 2;
is_deeply [map { ($one->fetch->[0], $two->fetch->[0]) } 1 .. 3], [1, 2, 2, 4, 3, 6], 'two results in turn';
$_->finish for $one, $two;
$sth = $dbh->prepare('select 1; select 2');
$sth->execute;
my @results;
do { push @results, $sth->fetchall_arrayref->[0][0] } while $sth->{odbc_more_results};
is_deeply \@results, [1, 2], 'two results of one text';

# The catalog.
$dbh->do('create table if not exists perl_catalog (id int primary key, t varchar(7) not null)');
is_deeply $dbh->selectall_arrayref('select 1 where false'), [], 'no rows';
is scalar @{$dbh->table_info(undef, undef, 'perl_catalog', 'TABLE')->fetchall_arrayref}, 1, 'table_info';
is_deeply [map { [@{$_}{qw(COLUMN_NAME COLUMN_SIZE NULLABLE)}] } @{$dbh->column_info(undef, undef, 'perl_catalog', '%')->fetchall_arrayref({})}],
    [['id', 10, 0], ['t', 7, 0]], 'column_info';
is_deeply [$dbh->primary_key(undef, undef, 'perl_catalog')], ['id'], 'primary_key';
$dbh->do('create table if not exists perl_child (id int references perl_catalog)');
is_deeply [map { [@{$_}{qw(PKTABLE_NAME FKTABLE_NAME FKCOLUMN_NAME)}] }
    @{$dbh->foreign_key_info(undef, undef, 'perl_catalog', undef, undef, undef)->fetchall_arrayref({})}], [['perl_catalog', 'perl_child', 'id']], 'foreign_key_info';
is_deeply [map { $_->{INDEX_NAME} } @{$dbh->statistics_info(undef, undef, 'perl_catalog', 1, 1)->fetchall_arrayref({})}], [undef, 'perl_catalog_pkey'],
    'statistics_info';
$dbh->do('drop table perl_child');
is $dbh->type_info(DBI::SQL_NUMERIC())->{TYPE_NAME}, 'numeric', 'type_info';
$dbh->do('drop table perl_catalog');
$dbh->disconnect;
done_testing;
