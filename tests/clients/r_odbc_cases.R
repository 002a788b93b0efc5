# SPDX-License-Identifier: Apache-2.0
# R's DBI through the package odbc, which finds its class by SQL_DBMS_NAME, binds blocks of parameters and asks the catalog for RStudio's connection pane. test_r_odbc.sh starts it.
library(DBI)
library(odbc)
source("tests/clients/r_check.R")

connection <- dbConnect(odbc::odbc(), Sys.getenv("ALDB_TEST_DSN"))
run <- function(...) for (statement in c(...)) dbExecute(connection, statement)
count <- function(table) as.integer(dbGetQuery(connection, paste("select count(*) from", table))[[1]])
run("drop schema if exists r_dbi cascade", "create schema r_dbi", "set search_path = r_dbi")

is("class", as.character(class(connection)), "PostgreSQL")
info <- dbGetInfo(connection)
is("dbGetInfo", info[c("dbname", "dbms.name", "username", "sourcename", "drivername", "supports.transactions", "supports.catalogs", "supports.schema")],
   list(dbname = Sys.getenv("ALDB_TEST_DATABASE"), dbms.name = "PostgreSQL", username = Sys.getenv("ALDB_TEST_USER"), sourcename = Sys.getenv("ALDB_TEST_DSN"),
        drivername = "liballoydbodbc.so", supports.transactions = TRUE, supports.catalogs = TRUE, supports.schema = TRUE))

x <- dbGetQuery(connection, paste("select 1::int2 a, 2::int4 b, 9007199254740993::int8 c, 1.5::float4 d, 1e300::float8 e, 1.25::numeric(20, 9) f, true g, 'ü 🙂 山'::text h,",
                                  "date '2024-02-29' i, time '12:34:56' j, timestamp '2024-02-29 12:34:56.5' k, '\\x00ff'::bytea l, '6f1b2a3c-0000-4000-8000-000000000001'::uuid m,",
                                  "'{\"a\": 1}'::jsonb n, null::int4 o, 'x'::char(3) p, interval '1 day' q, '{1,2}'::int[] r"))
is("types", vapply(x, function(column) class(column)[1], ""),
   c(a = "integer", b = "integer", c = "integer64", d = "numeric", e = "numeric", f = "numeric", g = "logical", h = "character", i = "Date", j = "hms", k = "POSIXct", l = "blob",
     m = "character", n = "character", o = "integer", p = "character", q = "character", r = "character"))
is("values", unname(lapply(x[!names(x) %in% c("c", "j", "k", "l")], as.vector)),
   list(1L, 2L, 1.5, 1e300, 1.25, TRUE, "ü 🙂 山", as.vector(as.Date("2024-02-29")), "6f1b2a3c-0000-4000-8000-000000000001",
        "{\"a\": 1}", NA_integer_, "x  ", "1 day", "{1,2}"))
is("a big integer", as.character(x$c), "9007199254740993")
is("a time", as.numeric(x$j), 45296)
is("a moment", list(as.numeric(x$k), attr(x$k, "tzone")), list(1709210096.5, "UTC"))
is("bytes", x$l[[1]], as.raw(c(0, 255)))
run("set timezone = 'Asia/Tokyo'")
is("timestamptz is the session's local time", format(dbGetQuery(connection, "select timestamptz '2024-02-29 12:34:56+00'")[[1]]), "2024-02-29 21:34:56")
run("reset timezone")

frame <- data.frame(i = c(1L, NA, 3L), d = c(1.5, NA, -1e300), s = c("ü 🙂", NA, ""), l = c(TRUE, NA, FALSE), dt = as.Date(c("2024-02-29", NA, "1900-01-01")),
                    ts = as.POSIXct(c("2024-02-29 12:34:56.5", NA, "1999-12-31 23:59:59"), tz = "UTC"))
frame$b <- blob::blob(as.raw(c(0, 255)), NULL, raw(0))
frame$tm <- hms::hms(c(45296, NA, 1))
dbWriteTable(connection, "frame", frame)
back <- dbReadTable(connection, "frame")
same <- c("i", "d", "s", "l", "dt")
is("dbWriteTable and dbReadTable", back[same], frame[same])
is("their moments", as.numeric(back$ts), as.numeric(frame$ts))
is("their bytes", unclass(back$b)[1:3], unclass(frame$b)[1:3])
is("their times", as.numeric(back$tm), as.numeric(frame$tm))
is("the columns' types",
   dbGetQuery(connection, "select format_type(atttypid, atttypmod) t from pg_attribute where attrelid = 'frame'::regclass and attnum > 0 order by attnum")$t,
   c("integer", "double precision", "text", "boolean", "date", "timestamp without time zone", "bytea", "time without time zone"))
dbAppendTable(connection, "frame", frame)
is("dbAppendTable", count("frame"), 6L)
is("parameters", dbGetQuery(connection, "select i, s from frame where d = ? and s = ?", params = list(1.5, "ü 🙂")), data.frame(i = c(1L, 1L), s = c("ü 🙂", "ü 🙂")))
is("NA as a parameter", dbGetQuery(connection, "select ?::text is null n, ?::int4 is null m", params = list(NA_character_, NA_integer_)), data.frame(n = TRUE, m = TRUE))

# odbc makes an integer column of integer64 unless it is told otherwise.
big <- data.frame(n = bit64::as.integer64(c("9223372036854775807", NA, "-9223372036854775807")))
dbWriteTable(connection, "big", big, field.types = c(n = "bigint"))
is("big integers", as.character(dbReadTable(connection, "big")$n), as.character(big$n))
for (how in c("integer64", "numeric", "character")) {
    other <- dbConnect(odbc::odbc(), Sys.getenv("ALDB_TEST_DSN"), bigint = how)
    is(paste("bigint =", how), class(dbGetQuery(other, "select 12::int8 n")$n), how)
    dbDisconnect(other)
}

is("dbListTables", sort(dbListTables(connection, schema_name = "r_dbi")), c("big", "frame"))
is("dbListFields", dbListFields(connection, "frame"), names(frame))
is("dbExistsTable",
   c(dbExistsTable(connection, "frame"), dbExistsTable(connection, Id(schema = "r_dbi", table = "frame")), dbExistsTable(connection, "nowhere")), c(TRUE, TRUE, FALSE))

# RStudio's connection pane.
run("create view seen as select * from frame", "create materialized view kept as select * from frame")
database <- Sys.getenv("ALDB_TEST_DATABASE")
is("kinds of objects", sort(names(odbcListObjectTypes(connection)$catalog$contains$schema$contains)), c("materialized view", "table", "view"))
catalogs <- odbcListObjects(connection)
is("catalogs", catalogs[catalogs$name == database, "type"], "catalog")
schemas <- odbcListObjects(connection, catalog = database)
is("schemas", schemas[schemas$name %in% c("r_dbi", "pg_catalog"), "type"], c("schema", "schema"))
is("objects", odbcListObjects(connection, catalog = database, schema = "r_dbi"),
   data.frame(name = c("kept", "big", "frame", "seen"), type = c("materialized view", "table", "table", "view")))
expected <- data.frame(name = names(frame), type = c("int4", "float8", "text", "bool", "date", "timestamp", "bytea", "time"))
is("columns of a table", odbcListColumns(connection, catalog = database, schema = "r_dbi", table = "frame"), expected)
is("columns of a view", odbcListColumns(connection, catalog = database, schema = "r_dbi", view = "seen"), expected)
is("columns of a materialized view", odbcListColumns(connection, catalog = database, schema = "r_dbi", view = "kept"), expected)
is("a preview", nrow(odbcPreviewObject(connection, rowLimit = 2, schema = "r_dbi", table = "frame")), 2L)

dbBegin(connection)
run("delete from frame")
dbRollback(connection)
is("dbRollback", count("frame"), 6L)
is("an error in dbWithTransaction", refusal(dbWithTransaction(connection, { run("delete from frame"); stop("on purpose") })), "on purpose")
is("rolled back", count("frame"), 6L)
invisible(dbWithTransaction(connection, run("delete from frame where i is null")))
is("dbWithTransaction", count("frame"), 4L)
dbBegin(connection)
run("insert into frame (i) values (7)")
is("an error in a transaction", grepl("(SQLSTATE 42P01, character 13)", refusal(run("insert into nowhere values (1)")), fixed = TRUE), TRUE)
dbCommit(connection)
is("undoes its statement alone", count("frame where i = 7"), 1L)

result <- dbSendQuery(connection, "select g from generate_series(1, 10) g")
is("rows in parts", list(dbFetch(result, 4)$g, dbFetch(result, 4)$g, dbHasCompleted(result), dbFetch(result, -1)$g, dbHasCompleted(result)), list(1:4, 5:8, FALSE, 9:10, TRUE))
dbClearResult(result)
result <- dbSendStatement(connection, "update frame set s = 'x' where i >= ?", params = list(3L))
is("dbGetRowsAffected", dbGetRowsAffected(result), 3L)
dbClearResult(result)
result <- dbSendQuery(connection, "select ?::int4 + 1 n")
dbBind(result, list(1:3))
is("dbBind with several values", dbFetch(result)$n, 2:4)
dbClearResult(result)
dbWriteTable(connection, "many", data.frame(n = 1:20000, s = sprintf("row %d ü", 1:20000)))
is("20,000 rows", dbGetQuery(connection, "select count(*)::int4 c, sum(n)::int4 t, max(s) m from many"), data.frame(c = 20000L, t = 200010000L, m = "row 9999 ü"))
is("quoting", c(as.character(dbQuoteIdentifier(connection, "a\"b")), as.character(dbQuoteLiteral(connection, "a'b"))), c("\"a\"\"b\"", "'a''b'"))

run("drop schema r_dbi cascade")
dbDisconnect(connection)
finish()
