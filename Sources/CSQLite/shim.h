#include <sqlite3.h>

// Keeps each prepared statement's plan whatever values it is given (sqlite.org/c3ref/c_dbconfig_defensive.html,
// SQLITE_DBCONFIG_ENABLE_QPSG). The function takes a variable number of arguments, which Swift cannot call.
static inline int tf_sqlite_keep_plans(sqlite3 *connection) {
    return sqlite3_db_config(connection, SQLITE_DBCONFIG_ENABLE_QPSG, 1, (int *)0);
}

// Keeps SQLite from counting the memory that it takes (sqlite.org/c3ref/c_config_covering_index_scan.html,
// SQLITE_CONFIG_MEMSTATUS): it counts under one lock of the whole process. Only before its first use.
static inline int tf_sqlite_count_no_memory(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }
