package postgres

import (
	"context"
	"fmt"
	"net"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/contact-advocate/advocate/internal/store"
)

// SchemaMode says what Open may do about the schema.
type SchemaMode uint8

const (
	SchemaUpdate SchemaMode = iota // bring it up to date
	SchemaKeep                     // refuse another one
)

// Options are a store's settings. The zero value is for production.
type Options struct {
	Schema SchemaMode
	// MaxConns is how many connections this process may have open, beside one
	// that listens for wake-ups. The default is pool_max_conns of the URL, or
	// two for each core and four more, at least 8 and at most 32. The server's
	// max_connections must allow so many and one for every node.
	MaxConns int
	// AcquireTimeout is how long a transaction waits for a connection before
	// it is refused with store.ErrBusy (default 5 s).
	AcquireTimeout time.Duration
	// StatementTimeout ends a statement (default 30 s), LockTimeout one that
	// waits for a row (default 5 s; its transaction is run again).
	StatementTimeout, LockTimeout time.Duration
	// IdleTimeout ends a transaction whose process has gone silent, so that
	// its locks fall (default 30 s).
	IdleTimeout time.Duration
	// NetworkTimeout is how long either side believes in a peer that does not
	// acknowledge what it was sent (default 15 s).
	NetworkTimeout time.Duration
}

func (o Options) withDefaults() Options {
	for _, d := range []struct {
		of  *time.Duration
		val time.Duration
	}{
		{&o.AcquireTimeout, 5 * time.Second}, {&o.StatementTimeout, 30 * time.Second}, {&o.LockTimeout, 5 * time.Second},
		{&o.IdleTimeout, 30 * time.Second}, {&o.NetworkTimeout, 15 * time.Second},
	} {
		if *d.of <= 0 {
			*d.of = d.val
		}
	}
	return o
}

// DefaultConns is how many connections a process on this machine opens at most
// when nobody says otherwise, beside the one that listens.
func DefaultConns() int { return min(32, max(8, 2*runtime.GOMAXPROCS(0)+4)) }

// writersOnly is how many connections Views leave to Updates.
const writersOnly = 4

// minVersion is the oldest server: it has pg_current_xact_id (13) and
// client_connection_check_interval and in_hot_standby (14).
const minVersion = 14

// configure reads a URL and adds what every session of ours needs. What the
// URL says about the same setting stands.
func configure(url string, opts Options) (*pgxpool.Config, error) {
	conf, err := pgxpool.ParseConfig(url)
	if err != nil {
		// pgx masks passwords, but of a text that is no URL it cannot know where one is.
		return nil, fmt.Errorf("store: the address of the database cannot be read: want postgres://user:password@host:port/database or \"host=… dbname=…\"")
	}
	switch {
	case opts.MaxConns > 0:
		conf.MaxConns = int32(opts.MaxConns)
	case !strings.Contains(url, "pool_max_conns"):
		conf.MaxConns = int32(DefaultConns())
	}
	conf.MaxConnLifetimeJitter = max(conf.MaxConnLifetimeJitter, conf.MaxConnLifetime/10)
	c := conf.ConnConfig
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = 5 * time.Second
	}
	c.DialFunc = dialer(opts.NetworkTimeout).DialContext
	if c.ValidateConnect == nil {
		c.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	}
	c.DefaultQueryExecMode = pgx.QueryExecModeExec // statements are prepared by conn
	for name, value := range sessionSettings(opts) {
		if _, said := c.RuntimeParams[name]; !said {
			c.RuntimeParams[name] = value
		}
	}
	conf.AfterConnect = func(_ context.Context, c *pgx.Conn) error { return checkServer(c.PgConn()) }
	return conf, nil
}

// sessionSettings is what a session is begun with.
func sessionSettings(o Options) map[string]string {
	ms := func(d time.Duration) string { return strconv.FormatInt(max(1, d.Milliseconds()), 10) }
	return map[string]string{
		"application_name":                    "advocate",
		"timezone":                            "UTC",
		"default_transaction_isolation":       "read committed",
		"statement_timeout":                   ms(o.StatementTimeout),
		"lock_timeout":                        ms(o.LockTimeout),
		"idle_in_transaction_session_timeout": ms(o.IdleTimeout),
		// A node that has vanished is noticed while the server sends, waits or
		// works for it.
		"tcp_user_timeout":                 ms(o.NetworkTimeout),
		"tcp_keepalives_idle":              "10",
		"tcp_keepalives_interval":          "5",
		"tcp_keepalives_count":             "3",
		"client_connection_check_interval": "5000",
		// Every statement of ours is a look-up by key, many keys at once. The
		// best plan for it never changes; what changes with statistics that
		// are missing or old is only the chance of a worse one.
		"plan_cache_mode":                 "force_generic_plan",
		"enable_seqscan":                  "off",
		"enable_hashjoin":                 "off",
		"enable_mergejoin":                "off",
		"jit":                             "off",
		"max_parallel_workers_per_gather": "0",     // starting one takes longer than what it would do
		"work_mem":                        "16384", // KiB; a batch of states on its way through unnest
		"row_security":                    "off",
		"client_encoding":                 "UTF8",
		"standard_conforming_strings":     "on",
	}
}

// patience is how long this side waits for the answer to a statement: as long
// as the server may work on it, and for the network. A statement_timeout that
// the URL gives in words of its own, or 0, leaves it to the server alone.
func patience(statementTimeout string, o Options) time.Duration {
	ms, err := strconv.ParseInt(statementTimeout, 10, 64)
	if err != nil || ms <= 0 {
		return 0
	}
	return time.Duration(ms)*time.Millisecond + o.NetworkTimeout
}

// checkServer refuses a server that we cannot work with.
func checkServer(c *pgconn.PgConn) error {
	text := c.ParameterStatus("server_version")
	major, err := strconv.Atoi(strings.FieldsFunc(text, func(r rune) bool { return r < '0' || r > '9' })[0])
	if err != nil || major < minVersion {
		return fmt.Errorf("%w: the server is PostgreSQL %.40s; version %d or newer is needed", store.ErrSchema, text, minVersion)
	}
	if enc := c.ParameterStatus("server_encoding"); enc != "UTF8" {
		return fmt.Errorf("%w: the database's encoding is %.40s; create it with ENCODING 'UTF8'", store.ErrSchema, enc)
	}
	return nil
}

// dialer opens connections that notice a peer that is gone.
func dialer(patience time.Duration) *net.Dialer {
	return &net.Dialer{
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 10 * time.Second, Interval: 5 * time.Second, Count: 3},
		Control:         userTimeout(patience),
	}
}
