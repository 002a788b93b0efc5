// SPDX-License-Identifier: Apache-2.0
// Node's odbc: calls from worker threads, wide functions, a pool, cursors that fetch blocks.
import assert from 'node:assert/strict';
import odbc from 'odbc';

const dsn = `DSN=${process.env.ALDB_TEST_DSN}`;
const connection = await odbc.connect(dsn);
const rows = async (...args) => [...(await connection.query(...args))];
let failures = 0;

function is(what, got, expected) {
  try {
    assert.deepEqual(got, expected);
    console.log('ok     ', what);
  } catch (error) {
    failures++;
    console.log('FAILED ', what, error.message);
  }
}

await connection.query('create temp table node_t (id bigint primary key, t text, n numeric(10, 2), d date, at timestamp, b bytea, yes boolean, f float8)');
await connection.query('insert into node_t values (?, ?, ?, ?, ?, ?, ?, ?)', [7, 'ü 🙂 山', '1.25', '2024-02-29', '2024-02-29 12:34:56.789', Buffer.from([0, 255]), true, 1e300]);
await connection.query('insert into node_t values (?, ?, ?, ?, ?, ?, ?, ?)', [8, null, null, null, null, null, null, null]);
await connection.query('insert into node_t (id, t) values (?, ?)', [9, 'ü'.repeat(100000)]);
const result = await connection.query('select *, 9007199254740993::int8 big from node_t where id = ?', [7]);
const [{ b, ...rest }] = result;
is('values', rest, { id: 7n, t: 'ü 🙂 山', n: 1.25, d: '2024-02-29', at: '2024-02-29 12:34:56.789', yes: '1', f: 1e300, big: 9007199254740993n });
is('bytes', [...new Uint8Array(b)], [0, 255]);
is('types', result.columns.map((column) => column.dataTypeName),
  ['SQL_BIGINT', 'SQL_WLONGVARCHAR', 'SQL_NUMERIC', 'SQL_TYPE_DATE', 'SQL_TYPE_TIMESTAMP', 'SQL_LONGVARBINARY', 'SQL_BIT', 'SQL_DOUBLE', 'SQL_BIGINT']);
is('nulls', await rows('select t, n, d, at, b, yes, f from node_t where id = 8'), [{ t: null, n: null, d: null, at: null, b: null, yes: null, f: null }]);
is('a long text', (await rows('select t from node_t where id = 9'))[0].t, 'ü'.repeat(100000));

await assert.rejects(connection.query('select 1/0'), (error) => {
  is('an error', error.odbcErrors.map(({ state, message }) => [state, message]), [['22012', '[AlloyDB][ODBC Driver][PostgreSQL] ERROR: division by zero\n(SQLSTATE 22012)']]);
  return true;
});
is('tables', (await connection.tables(null, 'pg_catalog', 'pg_class', null)).map((table) => [table.TABLE_NAME, table.TABLE_TYPE]), [['pg_class', 'SYSTEM TABLE']]);
is('columns', (await connection.columns(null, 'pg_catalog', 'pg_am', null)).map((column) => column.COLUMN_NAME), ['oid', 'amname', 'amhandler', 'amtype']);

await connection.beginTransaction();
await connection.query('delete from node_t');
await connection.rollback();
is('rollback', await rows('select count(*) n from node_t'), [{ n: 3n }]);
await connection.beginTransaction();
await connection.query('delete from node_t where id = 9');
await connection.commit();
is('commit', await rows('select count(*) n from node_t'), [{ n: 2n }]);

const statement = await connection.createStatement();
await statement.prepare('select ?::int4 + 1 as next');
for (const value of [1, 41]) {
  await statement.bind([value]);
  is(`prepared, ${value}`, [...(await statement.execute())], [{ next: value + 1 }]);
}
await statement.close();

const cursor = await connection.query('select g from generate_series(1, 10000) g', { cursor: true, fetchSize: 1000 });
let total = 0;
while (!cursor.noData) {
  total += (await cursor.fetch()).reduce((sum, row) => sum + row.g, 0);
}
await cursor.close();
is('10,000 rows in blocks', total, 50005000);

const pool = await odbc.pool(dsn);
const answers = await Promise.all([...Array(12).keys()].map((i) => pool.query('select ?::int4 i from (select pg_sleep(0.01)) s', [i])));
is('at once', answers.map((answer) => answer[0].i), [...Array(12).keys()]);
await pool.close();
await connection.close();
console.log(failures, 'failed');
process.exit(failures ? 1 : 0);
