// SPDX-License-Identifier: Apache-2.0

// Go's database/sql through github.com/alexbrainman/odbc: wide functions, parameters that are described, values in parts.
package main

import (
	"bytes"
	"database/sql"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	_ "github.com/alexbrainman/odbc"
)

var failures int

func is(what string, got, expected any) {
	if fmt.Sprintf("%#v", got) == fmt.Sprintf("%#v", expected) {
		fmt.Println("ok     ", what)
		return
	}
	failures++
	fmt.Printf("FAILED  %s: %#v instead of %#v\n", what, got, expected)
}

func must(err error) {
	if err != nil {
		fmt.Println("FATAL", err)
		os.Exit(1)
	}
}

func main() {
	db, err := sql.Open("odbc", os.Args[1])
	must(err)
	defer db.Close()
	first, err := db.Query("select 1")
	must(err)
	must(first.Close())
	_, err = db.Exec("drop table if exists go_t")
	must(err)
	_, err = db.Exec("create table go_t (id bigint primary key, t text, n numeric(10, 2), at timestamp, b bytea, yes boolean, f float8, u uuid)")
	must(err)

	type row struct {
		id  int64
		t   sql.NullString
		n   sql.NullString
		at  sql.NullTime
		b   []byte
		yes sql.NullBool
		f   sql.NullFloat64
		u   sql.NullString
	}
	at := time.Date(2024, 2, 29, 12, 34, 56, 789000000, time.UTC)
	long := strings.Repeat("ü 🙂", 50000)
	insert := "insert into go_t values (?, ?, ?, ?, ?, ?, ?, ?)"
	tx, err := db.Begin()
	must(err)
	prepared, err := tx.Prepare(insert)
	must(err)
	_, err = prepared.Exec(int64(9007199254740993), "ü 🙂 山", "1.25", at, []byte{0, 255}, true, 1e300, "6f1b2a3c-0000-4000-8000-000000000001")
	must(err)
	_, err = prepared.Exec(int64(2), nil, nil, nil, nil, nil, nil, nil)
	must(err)
	result, err := prepared.Exec(int64(3), long, "-0.01", at, bytes.Repeat([]byte{7}, 100000), false, -0.5, nil)
	must(err)
	affected, err := result.RowsAffected()
	must(err)
	is("rows affected", affected, int64(1))
	must(prepared.Close())
	must(tx.Commit())

	read := func(id int64) (r row) {
		must(db.QueryRow("select id, t, n, at, b, yes, f, u::text from go_t where id = ?", id).Scan(&r.id, &r.t, &r.n, &r.at, &r.b, &r.yes, &r.f, &r.u))
		return r
	}
	r := read(9007199254740993)
	is("values", []any{r.id, r.t.String, r.n.String, r.at.Time.Format(time.RFC3339Nano), r.b, r.yes.Bool, r.f.Float64, r.u.String},
		[]any{int64(9007199254740993), "ü 🙂 山", "1.25", "2024-02-29T12:34:56.789Z", []byte{0, 255}, true, 1e300, "6f1b2a3c-0000-4000-8000-000000000001"})
	r = read(2)
	is("nulls", []bool{r.t.Valid, r.n.Valid, r.at.Valid, r.b != nil, r.yes.Valid, r.f.Valid, r.u.Valid}, make([]bool, 7))
	r = read(3)
	is("long ones", []any{r.t.String == long, len(r.b), r.n.String}, []any{true, 100000, "-0.01"})

	tx, err = db.Begin()
	must(err)
	_, err = tx.Exec("delete from go_t")
	must(err)
	_, err = tx.Exec("insert into nowhere values (1)")
	is("an error in a transaction", strings.Contains(fmt.Sprint(err), "{42S02} [AlloyDB][ODBC Driver][PostgreSQL] ERROR: relation \"nowhere\" does not exist"), true)
	must(tx.Rollback())
	var count int64
	must(db.QueryRow("select count(*) from go_t").Scan(&count))
	is("rollback", count, int64(3))

	rows, err := db.Query("select g, 'row ' || g from generate_series(1, 10000) g")
	must(err)
	var total int64
	for rows.Next() {
		var g int64
		var text string
		must(rows.Scan(&g, &text))
		if text != fmt.Sprintf("row %d", g) {
			is("a row", text, g)
		}
		total += g
	}
	must(rows.Err())
	must(rows.Close())
	is("10,000 rows", total, int64(50005000))

	// A pool of several connections at once.
	db.SetMaxOpenConns(4)
	var wait sync.WaitGroup
	answers := make([]int64, 16)
	for i := range answers {
		wait.Add(1)
		go func(i int) {
			defer wait.Done()
			must(db.QueryRow("select ?::int8 from (select pg_sleep(0.01)) s", int64(i)).Scan(&answers[i]))
		}(i)
	}
	wait.Wait()
	is("at once", answers, []int64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15})

	_, err = db.Exec("drop table go_t")
	must(err)
	fmt.Println(failures, "failed")
	if failures > 0 {
		os.Exit(1)
	}
}
