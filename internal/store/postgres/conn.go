package postgres

import (
	"context"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/contact-advocate/advocate/internal/wire"
)

// query is the number of a statement.
type query int

var queries []string

// prepared registers a statement. It is called for package variables only.
func prepared(text string) query {
	queries = append(queries, text)
	return query(len(queries) - 1)
}

// Parameters and results are binary throughout.
var binaryFormat = []int16{1}

// conn is one connection with the statements it has prepared, and room for
// the parameters of the next one.
type conn struct {
	pg    *pgconn.PgConn
	stmts []*pgconn.StatementDescription
	args  args
	body  []byte // the noun being bound
}

// connOf gives the conn of a connection, making it at first sight.
func connOf(pg *pgconn.PgConn) *conn {
	const key = "advocate"
	if c, ok := pg.CustomData()[key].(*conn); ok {
		return c
	}
	c := &conn{pg: pg, stmts: make([]*pgconn.StatementDescription, len(queries))}
	pg.CustomData()[key] = c
	return c
}

func (c *conn) statement(id query) (*pgconn.StatementDescription, error) {
	if sd := c.stmts[id]; sd != nil {
		return sd, nil
	}
	sd, err := c.pg.Prepare(context.Background(), "a"+strconv.Itoa(int(id)), queries[id], nil)
	if err != nil {
		return nil, err
	}
	c.stmts[id] = sd
	return sd, nil
}

// session is a transaction under way on a connection. Its first error stays
// until its end: PostgreSQL refuses everything after one, and so every later
// call does nothing and Update fails whatever its function returns.
//
// Statements run without a context: the end of the transaction's context
// cancels the one that is running (see transaction).
type session struct {
	*conn
	err   error
	ended atomic.Bool // the context has
	busy  atomic.Bool // a statement is under way
}

// begin marks a statement as under way, unless there must be none any more.
func (x *session) begin() bool {
	if x.err != nil {
		return false
	}
	x.busy.Store(true)
	if x.ended.Load() {
		x.busy.Store(false)
		x.fail(context.Canceled)
		return false
	}
	return true
}

func (x *session) fail(err error) {
	if err != nil && x.err == nil {
		x.err = classify(err)
	}
}

// arg begins the parameters of a statement.
func (x *session) arg() *args {
	x.conn.args.reset()
	return &x.conn.args
}

// query runs a statement and gives its rows. They must be read to their end
// or closed before anything else is asked.
func (x *session) query(id query, a *args) *rows {
	q := &rows{x: x, alone: true}
	if !x.begin() {
		return q
	}
	sd, err := x.statement(id)
	if err != nil {
		x.busy.Store(false)
		x.fail(err)
		return q
	}
	q.r = x.pg.ExecStatement(context.Background(), sd, a.values(), binaryFormat, binaryFormat)
	return q
}

// exec runs a statement and says how many rows it changed.
func (x *session) exec(id query, a *args) int64 {
	q := x.query(id, a)
	q.close()
	return q.changed
}

// batch is several statements in one round trip. Each sees what the ones
// before it did, and what other transactions committed before it began.
type batch struct {
	x *session
	b pgconn.Batch
	r *pgconn.MultiResultReader
}

func (x *session) batch() *batch { return &batch{x: x} }

func (b *batch) add(id query, a *args) {
	if b.x.err != nil {
		return
	}
	sd, err := b.x.statement(id)
	if err != nil {
		b.x.fail(err)
		return
	}
	b.b.ExecStatement(sd, a.values(), binaryFormat, binaryFormat)
}

// send sends what was added. Results are then taken in order with next, and
// close ends the batch.
func (b *batch) send() {
	if b.x.begin() {
		b.r = b.x.pg.ExecBatch(context.Background(), &b.b)
	}
}

func (b *batch) next() *rows {
	q := &rows{x: b.x}
	if b.r != nil && b.r.NextResult() {
		q.r = b.r.ResultReader()
	}
	return q
}

func (b *batch) close() {
	if b.r != nil {
		b.x.fail(b.r.Close())
		b.x.busy.Store(false)
		b.r = nil
	}
}

// rows walks over a result.
type rows struct {
	x       *session
	r       *pgconn.ResultReader
	v       [][]byte
	changed int64
	alone   bool // not one of a batch
}

// next steps to the next row. After the last one the result is closed.
func (q *rows) next() bool {
	if q.r == nil {
		return false
	}
	if q.r.NextRow() {
		q.v = q.r.Values()
		return true
	}
	q.close()
	return false
}

func (q *rows) close() {
	if q.r == nil {
		return
	}
	tag, err := q.r.Close()
	q.x.fail(err)
	q.changed = tag.RowsAffected()
	q.r = nil
	if q.alone {
		q.x.busy.Store(false)
	}
}

// noun gives a noun in its stored form, until the next one.
func (x *session) noun(v any) []byte {
	x.conn.body = wire.Append(x.conn.body[:0], v)
	return x.conn.body
}

// truncated brings a time into the form that comes back.
func truncated(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
