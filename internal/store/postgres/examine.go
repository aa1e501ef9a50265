package postgres

import (
	"context"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/contact-advocate/advocate/internal/store"
)

// Condition is how a server and its database stand, for an operator to read.
type Condition struct {
	Version  string
	Schema   int64
	Settings map[string]string // of the server for this user, by name; what it does not tell is missing

	Sessions, Ours int      // connections to the whole server, and those of this program to this database
	Reserved       int      // connections that only superusers get
	MayCreate      bool     // tables, as a migration does
	Refused        []string // tables whose rows this user may not read and write, and sequences that it may not count with
	Hidden         bool     // PostgreSQL keeps others' transactions from this user, and how standbys stand
	Oldest         time.Duration
	Prepared       int // transactions that somebody prepared and left
	Tables         []TableCondition
	Replicas       []Replica // with Hidden their names alone
	SlotBytes      int64     // of the log that are kept for a standby that does not come
	Ahead          time.Duration
}

// TableCondition is how a table that is written all the time stands.
type TableCondition struct {
	Name       string
	Live, Dead int64
	Vacuumed   time.Time // the last time, by hand or by itself
}

// Replica is a standby as its primary sees it.
type Replica struct {
	Name, State, Sync string
	BehindBytes       int64
}

// examined are the settings that matter.
var examined = []string{
	"synchronous_commit", "synchronous_standby_names", "fsync", "full_page_writes", "max_connections", "autovacuum", "track_counts",
	"statement_timeout", "idle_in_transaction_session_timeout", "shared_buffers", "max_wal_size", "default_transaction_read_only",
}

const (
	sqlSettings = `SELECT name, CASE WHEN name IN ('statement_timeout', 'idle_in_transaction_session_timeout') THEN reset_val ELSE setting END FROM pg_settings WHERE name = ANY ($1)`
	// Of others' sessions a user without pg_read_all_stats sees the database
	// and no kind; what belongs to none is no client's.
	sqlSessions = `SELECT (SELECT count(*) FROM pg_stat_activity WHERE coalesce(backend_type, 'client backend') = 'client backend' AND datid IS NOT NULL),
		(SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'advocate%'),
		current_setting('superuser_reserved_connections')::int,
		has_schema_privilege(current_schema(), 'CREATE'),
		coalesce((SELECT extract(epoch FROM clock_timestamp() - min(xact_start)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
			AND backend_type = 'client backend'), 0)::float8,
		(SELECT count(*) FROM pg_prepared_xacts WHERE database = current_database()),
		NOT pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')`
	sqlTables = `SELECT relname::text, n_live_tup, n_dead_tup, coalesce(greatest(last_vacuum, last_autovacuum), 'epoch') FROM pg_stat_user_tables
		WHERE schemaname = current_schema() AND relname IN ('advocate', 'inbox', 'effect', 'catch_up', 'tally', 'orders', 'seen', 'event', 'event_anchor', 'document', 'delivery') ORDER BY 1`
	sqlReplicas = `SELECT coalesce(nullif(application_name, ''), 'standby'), coalesce(state, ''), coalesce(sync_state, ''),
		coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn), 0)::bigint FROM pg_stat_replication ORDER BY 1`
	sqlSlots = `SELECT coalesce(max(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)), 0)::bigint FROM pg_replication_slots WHERE NOT active`
)

var (
	made = regexp.MustCompile(`(?m)^CREATE (?:TABLE|SEQUENCE) (\w+)`)

	// ours are the tables and sequences that migrations make; others may have
	// theirs beside them.
	ours = sync.OnceValue(func() (names []string) {
		files, _ := fs.Glob(migrations, "migrations/*.sql")
		for _, f := range files {
			text, _ := migrations.ReadFile(f)
			for _, m := range made.FindAllSubmatch(text, -1) {
				names = append(names, string(m[1]))
			}
		}
		return names
	})

	// A sequence is counted with (USAGE) and looked at (SELECT).
	qRefused = prepared(`SELECT c.relname::text FROM unnest($1::text[]) u(name), pg_class c WHERE c.oid = to_regclass(u.name)
		AND NOT CASE c.relkind WHEN 'S' THEN has_sequence_privilege(c.oid, 'USAGE, UPDATE') AND has_sequence_privilege(c.oid, 'SELECT')
			ELSE has_table_privilege(c.oid, 'SELECT') AND has_table_privilege(c.oid, 'INSERT') AND has_table_privilege(c.oid, 'UPDATE') AND has_table_privilege(c.oid, 'DELETE') END
		ORDER BY 1`)
)

// Granted is store.ErrDenied, with the names, when this user lacks a right to
// any of the store's tables and sequences.
func (s *Store) Granted(ctx context.Context) error {
	return s.alone(ctx, func(x *session) error {
		var refused []string
		for q := x.query(qRefused, x.arg().strings(ours())); q.next(); {
			refused = append(refused, q.str(0))
		}
		if x.err == nil && len(refused) > 0 {
			return fmt.Errorf("%w: to %s", store.ErrDenied, strings.Join(refused, ", "))
		}
		return x.err
	})
}

// Examine looks at the server and the database. It changes nothing.
func (s *Store) Examine(ctx context.Context) (c Condition, err error) {
	c.Settings = map[string]string{}
	p, err := s.acquire(ctx)
	if err != nil {
		return c, err
	}
	defer p.Release()
	conn := p.Conn()
	c.Version = conn.PgConn().ParameterStatus("server_version")
	if c.Schema, err = schemaVersion(ctx, conn); err != nil {
		return c, err
	}
	var oldest float64
	sent := time.Now()
	var now time.Time
	if err := conn.QueryRow(ctx, `SELECT clock_timestamp()`).Scan(&now); err != nil {
		return c, classify(err)
	}
	c.Ahead = now.Sub(sent.Add(time.Since(sent) / 2).Round(0))
	if err := conn.QueryRow(ctx, sqlSessions).Scan(&c.Sessions, &c.Ours, &c.Reserved, &c.MayCreate, &oldest, &c.Prepared, &c.Hidden); err != nil {
		return c, classify(err)
	}
	c.Oldest = time.Duration(oldest * float64(time.Second))
	if err := conn.QueryRow(ctx, sqlSlots).Scan(&c.SlotBytes); err != nil {
		return c, classify(err)
	}
	each := func(sql string, row func(scan func(...any) error) error, args ...any) {
		if err != nil {
			return
		}
		rows, e := conn.Query(ctx, sql, args...)
		if e != nil {
			err = classify(e)
			return
		}
		defer rows.Close()
		for rows.Next() {
			if err = row(rows.Scan); err != nil {
				return
			}
		}
		err = classify(rows.Err())
	}
	each(sqlSettings, func(scan func(...any) error) error {
		var name, value string
		err := scan(&name, &value)
		c.Settings[name] = value
		return err
	}, examined)
	each(queries[qRefused], func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		c.Refused = append(c.Refused, name)
		return err
	}, ours())
	each(sqlTables, func(scan func(...any) error) error {
		var t TableCondition
		err := scan(&t.Name, &t.Live, &t.Dead, &t.Vacuumed)
		c.Tables = append(c.Tables, t)
		return err
	})
	each(sqlReplicas, func(scan func(...any) error) error {
		var r Replica
		err := scan(&r.Name, &r.State, &r.Sync, &r.BehindBytes)
		c.Replicas = append(c.Replicas, r)
		return err
	})
	return c, err
}
