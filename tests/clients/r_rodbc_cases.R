# SPDX-License-Identifier: Apache-2.0
# R's RODBC, an ODBC 3 application of the narrow functions that fetches blocks of rows and allocates what a column's size says. test_r.sh starts it.
suppressMessages(library(RODBC))
source("tests/clients/r_check.R")
options(stringsAsFactors = FALSE)

# Whatever R reads as bytes is at most what is reported, for each of the rows of a block: a size that there is memory for.
channel <- odbcDriverConnect(paste0("DSN=", Sys.getenv("ALDB_TEST_DSN"), ";MaxLongVarcharSize=200000"))
run <- function(...) for (statement in c(...)) invisible(sqlQuery(channel, statement))
info <- odbcGetInfo(channel)
is("names", unname(info[c("DBMS_Name", "Data_Source_Name", "Driver_Name", "Driver_ODBC_Ver")]),
   c("PostgreSQL", Sys.getenv("ALDB_TEST_DSN"), "liballoydbodbc.so", "03.80"))

everything <- paste("select 1::int2 a, 2::int4 b, 9007199254740993::int8 c, 1.5::float4 d, 1e300::float8 e, 123456789.123456789::numeric(20, 9) f, true g, 'ü 🙂 山'::text h,",
                    "date '2024-02-29' i, time '12:34:56' j, timestamp '2024-02-29 12:34:56.789012' k, '\\x00ff'::bytea l, '6f1b2a3c-0000-4000-8000-000000000001'::uuid m,",
                    "'{\"a\": 1}'::jsonb n, null::int4 o")
x <- sqlQuery(channel, everything, as.is = TRUE)
is("values as they are", as.list(x[names(x) != "l"]),
   list(a = 1L, b = 2L, c = "9007199254740993", d = 1.5, e = 1e300, f = "123456789.123456789", g = "1", h = "ü 🙂 山", i = "2024-02-29", j = "12:34:56",
        k = "2024-02-29 12:34:56.789012", m = "6f1b2a3c-0000-4000-8000-000000000001", n = "{\"a\": 1}", o = NA_integer_))
is("bytes", as.raw(x$l[[1]]), as.raw(c(0, 255)))
x <- sqlQuery(channel, everything)
is("values as R's types", as.list(x[c("g", "i", "k")]), list(g = 1L, i = as.Date("2024-02-29"), k = as.POSIXct("2024-02-29 12:34:56.789012")))
is("long bytes", length(sqlQuery(channel, "select convert_to(repeat('a', 150000), 'UTF8') b")$b[[1]]), 150000L)

frame <- data.frame(id = c(1L, NA, 3L), d = c(1.5, NA, -1e300), s = c("ü 🙂", NA, "it's"), l = c(TRUE, NA, FALSE), dt = as.Date(c("2024-02-29", NA, "1900-01-01")))
run("drop table if exists rodbc_t")
is("sqlSave", sqlSave(channel, frame, "rodbc_t", rownames = FALSE, varTypes = c(dt = "date")), 1L)
is("sqlFetch", sqlFetch(channel, "rodbc_t"), frame)
is("sqlSave appends", sqlSave(channel, frame, "rodbc_t", append = TRUE, rownames = FALSE), 1L)
is("appended", as.numeric(sqlQuery(channel, "select count(*) n from rodbc_t")$n), 6)
columns <- sqlColumns(channel, "rodbc_t")
is("sqlColumns", list(columns$COLUMN_NAME, columns$TYPE_NAME, columns$COLUMN_SIZE),
   list(names(frame), c("int4", "float8", "varchar", "varchar", "date"), c(10L, 53L, 255L, 5L, 10L)))
tables <- sqlTables(channel, schema = "public", tableName = "rodbc\\_t")
is("sqlTables", as.list(tables[2:4]), list(TABLE_SCHEM = "public", TABLE_NAME = "rodbc_t", TABLE_TYPE = "TABLE"))

invisible(odbcSetAutoCommit(channel, FALSE))
run("delete from rodbc_t")
invisible(odbcEndTran(channel, FALSE))
is("rollback", as.numeric(sqlQuery(channel, "select count(*) n from rodbc_t")$n), 6)
run("delete from rodbc_t where id is null")
invisible(odbcEndTran(channel, TRUE))
invisible(odbcSetAutoCommit(channel, TRUE))
is("commit", as.numeric(sqlQuery(channel, "select count(*) n from rodbc_t")$n), 4)

run("create temp table rodbc_keyed (id int primary key, v text)")
invisible(sqlSave(channel, data.frame(id = 1:3, v = c("a", "b", "c")), "rodbc_keyed", append = TRUE, rownames = FALSE))
is("sqlPrimaryKeys", sqlPrimaryKeys(channel, "rodbc_keyed")$COLUMN_NAME, "id")
is("sqlUpdate", sqlUpdate(channel, data.frame(id = 2L, v = "ü"), "rodbc_keyed", index = "id"), 1L)
is("updated", sqlQuery(channel, "select * from rodbc_keyed order by id"), data.frame(id = 1:3, v = c("a", "ü", "c")))

is("a query", odbcQuery(channel, "select g from generate_series(1, 1000) g"), 1L)
is("some of its rows", sqlGetResults(channel, max = 4)$g, 1:4)
is("the others", sqlGetResults(channel)$g, 5:1000)
is("an error", sqlQuery(channel, "select 1/0")[1], "22012 33816706 [AlloyDB][ODBC Driver][PostgreSQL] ERROR: division by zero\n(SQLSTATE 22012)")
sqlDrop(channel, "rodbc_t")
is("sqlDrop", nrow(sqlTables(channel, tableName = "rodbc\\_t")), 0L)
odbcClose(channel)
finish()
