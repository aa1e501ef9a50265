package postgres

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// Scratch makes an empty database beside the one that a URL names, and returns
// its URL and what removes it again.
func Scratch(ctx context.Context, at string) (scratch string, drop func(context.Context) error, err error) {
	u, err := url.Parse(at)
	if err != nil {
		return "", nil, fmt.Errorf("store: the address of the database is no URL")
	}
	var b [6]byte
	rand.Read(b[:])
	name := "advocate_scratch_" + hex.EncodeToString(b[:])
	run := func(ctx context.Context, sql string) error {
		conf, err := configure(at, Options{}.withDefaults())
		if err != nil {
			return err
		}
		conf.ConnConfig.RuntimeParams["statement_timeout"] = "0"
		c, err := pgx.ConnectConfig(ctx, conf.ConnConfig)
		if err != nil {
			return connectError(err)
		}
		defer c.Close(context.WithoutCancel(ctx))
		_, err = c.Exec(ctx, sql)
		return classify(err)
	}
	if err := run(ctx, `CREATE DATABASE `+name+` ENCODING 'UTF8' TEMPLATE template0`); err != nil {
		return "", nil, fmt.Errorf("store: a database of its own cannot be made (the user needs CREATEDB): %w", err)
	}
	q := u.Query()
	q.Del("dbname")
	u.Path, u.RawQuery = "/"+name, q.Encode()
	return u.String(), func(ctx context.Context) error {
		return run(ctx, `DROP DATABASE IF EXISTS `+name+` WITH (FORCE)`)
	}, nil
}

// Tidy brings a database that was just filled into the state in which one in
// service is: statistics taken, rows known to be visible, and nothing left to
// write out, as far as this user may ask for that.
//
// Empty tables are left alone. Of one that was never looked at PostgreSQL
// expects ten pages; of one that it has seen to be empty, that reading it from
// end to end costs least, and prepared statements do so until statistics come
// anew, however much there is by then.
func Tidy(ctx context.Context, at string) error {
	conf, err := configure(at, Options{}.withDefaults())
	if err != nil {
		return err
	}
	conf.ConnConfig.RuntimeParams["statement_timeout"] = "0"
	c, err := pgx.ConnectConfig(ctx, conf.ConnConfig)
	if err != nil {
		return connectError(err)
	}
	defer c.Close(context.WithoutCancel(ctx))
	found, err := c.Query(ctx, `SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace AND pg_relation_size(oid) > 0`)
	if err != nil {
		return classify(err)
	}
	tables, err := pgx.CollectRows(found, pgx.RowTo[string])
	if err != nil {
		return classify(err)
	}
	if _, err := c.Exec(ctx, `VACUUM ANALYZE `+strings.Join(tables, ", ")); err != nil {
		return classify(err)
	}
	_, _ = c.Exec(ctx, `CHECKPOINT`) // a superuser's, or pg_checkpoint's
	return nil
}

// Size is how many bytes the database holds on the server's disk.
func (s *Store) Size(ctx context.Context) (n int64, err error) {
	err = s.alone(ctx, func(x *session) error {
		if q := x.query(qSize, x.arg()); q.next() {
			n = q.i(0)
			q.close()
		}
		return x.err
	})
	return n, err
}

// qBackend tells whose process a connection is, and whether the server stands
// on the machine of its client.
var (
	qSize    = prepared(`SELECT pg_database_size(current_database())`)
	qBackend = prepared(`SELECT pg_backend_pid()::bigint, inet_server_addr() IS NULL OR inet_server_addr() = inet_client_addr()`)
)

// ServerCPU is how much processor time the server has used, all its processes
// together, also for others. ok is false where it is on another machine, or
// this one does not tell.
func (s *Store) ServerCPU(ctx context.Context) (used time.Duration, ok bool, err error) {
	var pid int
	near := false
	err = s.alone(ctx, func(x *session) error {
		if q := x.query(qBackend, x.arg()); q.next() {
			pid, near = int(q.i(0)), q.bool(1)
			q.close()
		}
		return x.err
	})
	if err != nil || !near {
		return 0, false, err
	}
	used, ok = serverCPU(pid)
	return used, ok, nil
}
