package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/store/postgres"
)

// What a PostgreSQL server is measured by.
const (
	manyDead   = 0.5 // of a table's rows that are dead …
	fewRows    = 20_000
	longOpen   = 10 * time.Minute // a transaction that keeps dead rows from being removed
	farBehind  = 256 << 20        // bytes of the log that a standby has yet to replay
	roomOfNode = 1                // the connection that listens, beside a pool
)

// serverSide looks at the database server that the nodes share.
func (x *examination) serverSide(ctx context.Context, st *postgres.Store) {
	c, err := st.Examine(ctx)
	if err != nil {
		x.bad("server", "look at the server's log, and at what this user may read", "%v", err)
		return
	}
	x.ok("server", "PostgreSQL %s", c.Version)
	if c.Schema == postgres.SchemaVersion {
		x.ok("schema", "%d", c.Schema)
	} else {
		x.bad("schema", `"advocate migrate" brings it up to date`, "%d; this program needs %d", c.Schema, postgres.SchemaVersion)
	}
	x.durable(&c)
	x.connections(&c)
	x.privileges(&c)
	if c.Hidden {
		x.warn("statistics", "GRANT pg_monitor TO this user", "PostgreSQL hides from this user how long others' transactions are open and how standbys stand")
	}
	x.housework(&c)
	x.standbys(&c)
	if c.Ahead.Abs() > clockApart {
		x.warn("clock", "let both machines follow the same time servers; until then the database's clock counts", "the database's is %s ahead of this machine's", c.Ahead.Round(time.Millisecond))
	} else {
		x.ok("clock", "the database's is %s ahead of this machine's", c.Ahead.Round(time.Millisecond))
	}
}

// durable looks at what makes an answered request last.
func (x *examination) durable(c *postgres.Condition) {
	wrong := false
	for _, s := range []struct{ name, lost string }{
		{"fsync", "a crash of its machine can destroy the whole database"},
		{"full_page_writes", "a crash of its machine can damage pages for good"},
	} {
		if c.Settings[s.name] == "off" {
			wrong = true
			x.bad("durability", fmt.Sprintf("set %s = on in postgresql.conf and reload", s.name), "%s is off: %s", s.name, s.lost)
		}
	}
	switch v := c.Settings["synchronous_commit"]; {
	case v == "off":
		x.bad("durability", "set synchronous_commit = on, for this user or in postgresql.conf", "synchronous_commit is off: what was answered can be lost in a crash")
	case v == "local" && c.Settings["synchronous_standby_names"] != "":
		x.warn("durability", "set synchronous_commit = on", "synchronous_commit is local: what was answered can be lost with the primary, although there is a synchronous standby")
	case !wrong:
		x.ok("durability", "fsync on, synchronous_commit %s", v)
	}
	if c.Settings["default_transaction_read_only"] == "on" {
		x.bad("durability", "set default_transaction_read_only = off for this user", "transactions are read-only by default")
	}
	if ms, err := strconv.Atoi(c.Settings["statement_timeout"]); err == nil && ms > 0 && ms < 5000 {
		x.warn("timeouts", "ask for at least 5 s for this user; the program sets 30 s where nothing else is said", "statement_timeout is %d ms", ms)
	}
}

// connections compares what nodes may open with what the server allows.
func (x *examination) connections(c *postgres.Condition) {
	most, err := strconv.Atoi(c.Settings["max_connections"])
	if err != nil {
		return
	}
	free := most - c.Reserved - c.Sessions
	each := postgres.DefaultConns() + roomOfNode
	says := fmt.Sprintf("%d of %d in use, %d by this program; a node like this machine takes up to %d, so %d more fit", c.Sessions, most, c.Ours, each, max(0, free/each))
	if free < each {
		x.warn("connections", "raise max_connections (a restart of the server), or give each node fewer with pool_max_conns=… in its URL", "%s", says)
		return
	}
	x.ok("connections", "%s", says)
}

// grantRights gives a node's user what it needs.
const grantRights = "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA … TO this user; GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA … TO this user"

func (x *examination) privileges(c *postgres.Condition) {
	switch {
	case len(c.Refused) > 0:
		x.bad("privileges", grantRights, "this user may not use %s", strings.Join(c.Refused, ", "))
	case !c.MayCreate:
		x.warn("privileges", `let a user who may create tables run "advocate migrate" before each new version`, "this user may not create tables")
	default:
		x.ok("privileges", "reads, writes, and brings the schema up to date")
	}
}

// housework looks at what keeps tables from growing without end.
func (x *examination) housework(c *postgres.Condition) {
	if c.Settings["autovacuum"] == "off" || c.Settings["track_counts"] == "off" {
		x.bad("autovacuum", "set autovacuum = on and track_counts = on in postgresql.conf and reload", "it is off: tables grow without end")
	} else {
		x.ok("autovacuum", "on")
	}
	var bloated []string
	for _, t := range c.Tables {
		if t.Dead > fewRows && float64(t.Dead) > manyDead*float64(t.Live+t.Dead) {
			bloated = append(bloated, fmt.Sprintf("%s (%d of %d)", t.Name, t.Dead, t.Live+t.Dead))
		}
	}
	if len(bloated) > 0 {
		x.warn("dead rows", "look for transactions that stay open, and let autovacuum have more (autovacuum_max_workers, autovacuum_vacuum_cost_limit); VACUUM the tables meanwhile",
			"most rows are dead in %s", strings.Join(bloated, ", "))
	} else {
		x.ok("dead rows", "few")
	}
	if c.Oldest > longOpen {
		x.warn("transactions", "SELECT * FROM pg_stat_activity ORDER BY xact_start shows whose it is", "one has been open for %s: nothing that died since can be removed, and new events are told late", c.Oldest.Round(time.Second))
	}
	if c.Prepared > 0 {
		x.warn("transactions", "SELECT * FROM pg_prepared_xacts, then COMMIT PREPARED or ROLLBACK PREPARED", "%s left prepared: it holds locks and keeps events from being told", amount(c.Prepared, "transaction was", "transactions were"))
	}
}

func (x *examination) standbys(c *postgres.Condition) {
	names := c.Settings["synchronous_standby_names"]
	in := 0
	for _, r := range c.Replicas {
		if c.Hidden {
			break // all that is seen is that they are there
		}
		if r.Sync == "sync" || r.Sync == "quorum" {
			in++
		}
		if r.State != "streaming" || r.BehindBytes > farBehind {
			x.warn("standby", "look at the standby's log, its disk and the network to it", "%s is %s, %d MiB behind", clean(r.Name), r.State, r.BehindBytes>>20)
		} else {
			x.ok("standby", "%s is streaming (%s), %d MiB behind", clean(r.Name), r.Sync, r.BehindBytes>>20)
		}
	}
	switch {
	case c.Hidden && len(c.Replicas) > 0:
	case names != "" && in == 0:
		x.bad("standby", "bring a standby back, or take it out of synchronous_standby_names: until then no commit ends", "none of synchronous_standby_names is there")
	case len(c.Replicas) == 0:
		x.ok("standby", "none that this user can see; a crash of the server's machine is an outage until it is back")
	case names == "":
		x.ok("standby", "none is synchronous: what was answered in the last moments can be lost with the primary")
	}
	if c.SlotBytes > 16*farBehind {
		x.warn("standby", "drop the slot (pg_drop_replication_slot) or bring its standby back before the disk is full", "a replication slot that nobody reads keeps %d MiB of the log", c.SlotBytes>>20)
	}
}
