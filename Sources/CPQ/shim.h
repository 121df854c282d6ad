#include <postgresql/libpq-fe.h>

// Throws away what the server remarks beside its answers; libpq writes it to standard error by itself.
static inline void tf_pq_no_notices(void *unused, const PGresult *notice) {
    (void)unused;
    (void)notice;
}

static inline void tf_pq_silence(PGconn *connection) {
    PQsetNoticeReceiver(connection, tf_pq_no_notices, 0);
}
