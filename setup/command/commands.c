/* SPDX-License-Identifier: Apache-2.0 */
#include "setup/command/commands.h"

#define USER_OR_SYSTEM {"user", 0, NULL, NULL, "the user's files"}, {"system", 0, NULL, NULL, "the system's files"}
#define DRIVER_NAME(flag) {flag, 0, "NAME", NULL, "the driver's name in odbcinst.ini; AlloyDB by default"}
#define END {NULL, 0, NULL, NULL, NULL}
#define JSON {"json", 0, NULL, NULL, "as JSON"}
#define PASSWORD {"ask-password", 0, NULL, NULL, "ask for the password, without showing it"}, {"password-stdin", 0, NULL, NULL, "take the password from the first line of standard input"}

static const struct aldb_flag register_flags[] = {
    USER_OR_SYSTEM,
    DRIVER_NAME("name"),
    {"driver", 0, "PATH", NULL, "the library; by default the one that came with this command"},
    END,
};
static const struct aldb_flag unregister_flags[] = {
    USER_OR_SYSTEM,
    DRIVER_NAME("name"),
    END,
};
static const struct aldb_flag add_flags[] = {
    USER_OR_SYSTEM,
    PASSWORD,
    {"replace", 0, NULL, NULL, "write it anew if there is one of that name"},
    DRIVER_NAME("driver-name"),
    END,
};
static const struct aldb_flag edit_flags[] = {
    USER_OR_SYSTEM,
    PASSWORD,
    {"rename", 0, "NAME", NULL, "its new name"},
    DRIVER_NAME("driver-name"),
    END,
};
static const struct aldb_flag show_flags[] = {
    USER_OR_SYSTEM,
    {"all", 0, NULL, NULL, "with the defaults of all other keywords"},
    JSON,
    END,
};
static const struct aldb_flag list_flags[] = {
    USER_OR_SYSTEM,
    {"names", 0, NULL, NULL, "names alone"},
    JSON,
    END,
};
static const struct aldb_flag place_flags[] = {USER_OR_SYSTEM, END};
static const struct aldb_flag password_flags[] = {PASSWORD, END};
static const struct aldb_flag keyword_flags[] = {
    {"group", 0, "GROUP", NULL, "those of one group: core, connector, tls, time and so on"},
    {"names", 0, NULL, NULL, "names alone"},
    JSON,
    END,
};
static const struct aldb_flag doctor_flags[] = {
    PASSWORD,
    {"timeout", 0, "SECONDS", NULL, "how long connecting may take; else what LoginTimeout says"},
    JSON,
    END,
};
static const struct aldb_flag query_flags[] = {
    {"file", 'f', "FILE", NULL, "take the SQL from a file, or - from standard input"},
    {"format", 'F', "FORMAT", "aligned csv tsv json jsonl", "aligned (the default), csv, tsv, json or jsonl"},
    {"output", 'o', "FILE", NULL, "write to a file instead of standard output"},
    {"null", 0, "TEXT", NULL, "what NULL is written as; NULL in aligned, nothing in csv, \\N in tsv"},
    {"no-header", 0, NULL, NULL, "leave out the names of the columns"},
    {"max-rows", 0, "N", NULL, "stop each result after N rows"},
    {"timeout", 0, "SECONDS", NULL, "cancel a statement that takes longer"},
    PASSWORD,
    {"quiet", 'q', NULL, NULL, "rows and errors alone: no counts, no notices, no progress"},
    END,
};
#define COPY_FORMAT {"columns", 0, "A,B,C", NULL, "these columns, in this order"}, {"format", 'F', "FORMAT", "csv text", "csv (the default), or PostgreSQL's text format"}, \
    {"delimiter", 'd', "CHAR", NULL, "between values; a comma, in text a tab"}, {"quote", 0, "CHAR", NULL, "around values in csv; a double quote"}, \
    {"escape", 0, "CHAR", NULL, "before a quote within quotes; the quote itself"}, {"null", 0, "TEXT", NULL, "what NULL is written as; nothing, in text \\N"}, \
    {"encoding", 0, "NAME", NULL, "the file's encoding, by PostgreSQL's name; UTF8"}
static const struct aldb_flag load_flags[] = {
    COPY_FORMAT,
    {"header", 0, NULL, NULL, "the first line names the columns; the default for csv"},
    {"no-header", 0, NULL, NULL, "the first line is a row; the default for text"},
    {"header-match", 0, NULL, NULL, "refuse a header that does not name all columns in their order"},
    {"truncate", 0, NULL, NULL, "empty the table first, in the same transaction"},
    {"before", 0, "SQL", NULL, "execute this first, in the same transaction"},
    {"dry-run", 0, NULL, NULL, "load everything, then roll back"},
    PASSWORD,
    {"quiet", 'q', NULL, NULL, "errors alone"},
    END,
};
static const struct aldb_flag unload_flags[] = {
    {"query", 0, "SQL", NULL, "the rows of a query instead of a table"},
    COPY_FORMAT,
    {"header", 0, NULL, NULL, "begin with the names of the columns; the default for csv"},
    {"no-header", 0, NULL, NULL, "begin with the first row; the default for text"},
    {"force-quote", 0, NULL, NULL, "quotes around all values but NULL"},
    PASSWORD,
    {"quiet", 'q', NULL, NULL, "errors alone"},
    END,
};
static const struct aldb_flag json_flags[] = {JSON, END};

const struct aldb_command aldb_commands[] = {
    {"register", "", "Tell the driver manager of the driver",
     "Writes the driver's section of odbcinst.ini: the system's for root, else the user's. Entries that were added by hand stay; done twice it changes nothing.\n", register_flags, 0, 0,
     ALDB_ARG_OTHER, ALDB_ARG_OTHER, aldb_run_register},
    {"unregister", "", "Take the driver's section out of odbcinst.ini", "", unregister_flags, 0, 0, ALDB_ARG_OTHER, ALDB_ARG_OTHER, aldb_run_unregister},
    {"dsn add", "NAME [KEYWORD=VALUE…]", "Make a data source",
     "On a terminal and without settings it asks for them. Values are literal, as they stand in odbc.ini: no braces, no quotes.\n"
     "  " "alloydb-odbc dsn add sales Server=db.example.com Database=sales UID=reader --ask-password\n"
     "  " "alloydb-odbc dsn add sales InstanceUri=projects/P/locations/R/clusters/C/instances/I EnableIamAuth=yes\n",
     add_flags, 1, 1000, ALDB_ARG_OTHER, ALDB_ARG_OTHER, aldb_run_dsn_add},
    {"dsn edit", "NAME [KEYWORD=VALUE…]", "Change a data source",
     "Settings that are given change, an empty value takes one out (KEYWORD=), the others stay. On a terminal and without settings it asks.\n", edit_flags, 1, 1000, ALDB_ARG_DSN, ALDB_ARG_OTHER,
     aldb_run_dsn_edit},
    {"dsn show", "NAME", "Show what a data source says, and where each value comes from", "Passwords are never shown.\n", show_flags, 1, 1, ALDB_ARG_DSN, ALDB_ARG_OTHER, aldb_run_dsn_show},
    {"dsn list", "", "List the data sources", "", list_flags, 0, 0, ALDB_ARG_OTHER, ALDB_ARG_OTHER, aldb_run_dsn_list},
    {"dsn remove", "NAME", "Remove a data source", "", place_flags, 1, 1, ALDB_ARG_DSN, ALDB_ARG_OTHER, aldb_run_dsn_remove},
    {"dsn test", "NAME", "Connect to a data source once", "Goes through the driver manager, as applications do. A connection string will do, too.\n", password_flags, 1, 1, ALDB_ARG_DSN, ALDB_ARG_OTHER,
     aldb_run_dsn_test},
    {"doctor", "[DSN | CONNECTION-STRING]", "Find out, stage by stage, why a connection does not work",
     "Looks at the driver manager's files, the driver, the settings and where each comes from, then connects: credentials, API, address, TCP, TLS, exchange, login, query.\n"
     "Each stage that is not well comes with what to do about it. Without a data source it looks at the driver manager and the driver alone.\n",
     doctor_flags, 0, 1, ALDB_ARG_DSN, ALDB_ARG_OTHER, aldb_run_doctor},
    {"query", "TARGET [SQL…]", "Run SQL and show what it answers",
     "TARGET is a data source or a connection string. Each SQL argument is run by itself; without one, SQL comes from --file or standard input.\n"
     "  " "alloydb-odbc query sales 'select * from orders' --format csv --output orders.csv\n",
     query_flags, 1, 1000, ALDB_ARG_DSN, ALDB_ARG_OTHER, aldb_run_query},
    {"load", "TARGET TABLE [FILE]", "Load rows of a file into a table, all of them or none",
     "TARGET is a data source or a connection string, FILE a file or - (the default), standard input. The first line of a csv names the columns.\n"
     "  " "alloydb-odbc load sales public.orders orders.csv --truncate\n",
     load_flags, 2, 3, ALDB_ARG_DSN, ALDB_ARG_FILE, aldb_run_load},
    {"unload", "TARGET [TABLE] [FILE]", "Write the rows of a table or a query to a file",
     "TARGET is a data source or a connection string, FILE a file or - (the default), standard output. A file that is there is replaced once all rows are written.\n"
     "  " "alloydb-odbc unload sales public.orders orders.csv\n"
     "  " "alloydb-odbc unload sales --query 'select * from orders where day = current_date' today.csv\n",
     unload_flags, 1, 3, ALDB_ARG_DSN, ALDB_ARG_FILE, aldb_run_unload},
    {"keywords", "[KEYWORD]", "Show the keywords of connection strings and data sources", "", keyword_flags, 0, 1, ALDB_ARG_KEYWORD, ALDB_ARG_OTHER, aldb_run_keywords},
    {"version", "", "Show the version, and where the driver is", "", json_flags, 0, 0, ALDB_ARG_OTHER, ALDB_ARG_OTHER, aldb_run_version},
    {"completion", "SHELL", "Print the completion for bash, zsh or fish",
     "  source <(alloydb-odbc completion bash)\n", NULL, 1, 1, ALDB_ARG_SHELL, ALDB_ARG_OTHER, aldb_run_completion},
    {NULL, NULL, NULL, NULL, NULL, 0, 0, ALDB_ARG_OTHER, ALDB_ARG_OTHER, NULL},
};
