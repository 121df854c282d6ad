#include <sqlite3.h>

// Keeps each prepared statement's plan whatever values it is given (sqlite.org/c3ref/c_dbconfig_defensive.html,
// SQLITE_DBCONFIG_ENABLE_QPSG). The function takes a variable number of arguments, which Swift cannot call.
static inline int tf_sqlite_keep_plans(sqlite3 *connection) {
    return sqlite3_db_config(connection, SQLITE_DBCONFIG_ENABLE_QPSG, 1, (int *)0);
}
