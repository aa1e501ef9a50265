package postgres

import (
	"context"
	"database/sql"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
)

// qOthers counts sessions of this program beside the one that asks.
var qOthers = prepared(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
	AND application_name IN (current_setting('application_name'), current_setting('application_name') || ' listener')`)

// Others counts the connections that other processes of this program have to
// the database. The store must have been opened with one connection. One that
// has just been closed may still be seen by the server, so it looks for a
// second before it says that there are some.
func (s *Store) Others(ctx context.Context) (n int, err error) {
	for range 10 {
		err = s.alone(ctx, func(x *session) error {
			if q := x.query(qOthers, x.arg()); q.next() {
				n = int(q.i(0))
				q.close()
			}
			return x.err
		})
		if err != nil || n == 0 {
			return n, err
		}
		if err := sleep(ctx, 100*time.Millisecond); err != nil {
			return n, err
		}
	}
	return n, nil
}

// DB is a view of the store's connections for tables that stand beside the
// store's own. Closing it leaves the store open; the store is closed after it.
func (s *Store) DB() *sql.DB {
	return stdlib.OpenDBFromPool(s.pool)
}
