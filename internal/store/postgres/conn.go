package postgres

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

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

// name is what the statement is called on the server: nameSize letters.
func (id query) name() string { return fmt.Sprintf("a%03x", int(id)) }

const nameSize = 4

// conn is one connection with the statements it has prepared, and room for
// what is sent next.
//
// Statements do not go through pgconn's own calls: those copy the parameters
// of a batch of states several times over, which was half of what a write
// allocated. The messages are written into one buffer that stays (args), and
// read with pgconn's ReceiveMessage, which does all the rest.
type conn struct {
	pg   *pgconn.PgConn
	has  []bool // prepared statements
	args args
	body []byte // the noun being bound

	patience time.Duration // with the server's answer to one statement; 0: without end
	limited  bool          // by a deadline that somebody else has set
}

// connOf gives the conn of a connection, making it at first sight.
func connOf(pg *pgconn.PgConn, patience time.Duration) *conn {
	const key = "advocate"
	if c, ok := pg.CustomData()[key].(*conn); ok {
		return c
	}
	c := &conn{pg: pg, has: make([]bool, len(queries)), patience: patience}
	pg.CustomData()[key] = c
	return c
}

func (c *conn) prepare(id query) error {
	if c.has[id] {
		return nil
	}
	c.expect()
	_, err := c.pg.Prepare(context.Background(), id.name(), queries[id], nil)
	c.has[id] = err == nil
	return err
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

	untouched bool // nothing was asked since the transaction began
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

// arg begins a statement's parameters.
func (x *session) arg() *args {
	x.conn.args.reset()
	return x.conn.args.bind()
}

// send sends what stands in the buffer. It reports whether there is an answer
// to wait for.
func (x *session) send() bool {
	if !x.begin() {
		return false
	}
	x.expect()
	if _, err := x.pg.Conn().Write(x.args.sync()); err != nil {
		x.lost(err)
		return false
	}
	return true
}

// expect bounds the wait for the answer to what is about to be sent. A server
// whose machine acknowledges every packet and that says nothing all the same,
// or something in between that does, is found out by this alone.
func (c *conn) expect() {
	if c.patience > 0 && !c.limited {
		c.pg.Conn().SetDeadline(time.Now().Add(c.patience))
	}
}

// relax ends what expect began. It is called when the connection goes back.
func (c *conn) relax() {
	if c.patience > 0 && !c.pg.IsClosed() {
		c.pg.Conn().SetDeadline(time.Time{})
	}
}

// lost is the end of a connection: nobody knows what is still on its way.
func (x *session) lost(err error) {
	x.fail(err)
	x.busy.Store(false)
	x.close()
}

// receive gives the next message; nil when the connection is lost.
func (x *session) receive() pgproto3.BackendMessage {
	msg, err := x.pg.ReceiveMessage(context.Background())
	if err != nil {
		x.lost(err)
		return nil
	}
	return msg
}

// ready reads on until the server waits for the next statement.
func (x *session) ready() {
	for {
		switch msg := x.receive().(type) {
		case nil:
			return
		case *pgproto3.ErrorResponse:
			x.fail(pgconn.ErrorResponseToPgError(msg))
		case *pgproto3.ReadyForQuery:
			x.busy.Store(false)
			return
		}
	}
}

// query runs a statement and gives its rows. They must be read to their end
// or closed before anything else is asked.
func (x *session) query(id query, a *args) *rows {
	x.untouched = false
	if x.err == nil {
		x.fail(x.prepare(id))
	}
	a.execute(id)
	return &rows{x: x, alone: true, over: !x.send()}
}

// exec runs a statement and says how many rows it changed.
func (x *session) exec(id query, a *args) int64 {
	q := x.query(id, a)
	q.close()
	return q.changed
}

// batch is several statements in one round trip. Each sees what the ones
// before it did, and what other transactions committed before it began. What
// is sent and what comes back must not both be large, since nobody reads while
// it is sent.
type batch struct {
	x    *session
	open bool
}

func (x *session) batch() *batch {
	x.untouched = false
	x.conn.args.reset()
	return &batch{x: x}
}

// arg begins the parameters of the batch's next statement.
func (b *batch) arg() *args { return b.x.conn.args.bind() }

func (b *batch) add(id query, a *args) {
	if b.x.err == nil {
		b.x.fail(b.x.prepare(id))
	}
	a.execute(id)
}

// send sends what was added. Results are then taken in order with next, and
// close ends the batch.
func (b *batch) send() { b.open = b.x.send() }

func (b *batch) next() *rows { return &rows{x: b.x, over: !b.open || b.x.err != nil} }

func (b *batch) close() {
	if b.open && b.x.busy.Load() {
		b.x.ready()
	}
	b.open = false
}

// rows walks over a result.
type rows struct {
	x       *session
	v       [][]byte
	changed int64
	alone   bool // not one of a batch
	over    bool
}

// next steps to the next row. After the last one the result is closed.
func (q *rows) next() bool {
	for !q.over {
		switch msg := q.x.receive().(type) {
		case nil:
			q.over = true
		case *pgproto3.DataRow:
			q.v = msg.Values
			return true
		case *pgproto3.CommandComplete:
			q.changed = rowsOf(string(msg.CommandTag))
			q.end()
		case *pgproto3.ErrorResponse:
			q.x.fail(pgconn.ErrorResponseToPgError(msg))
			q.end()
		}
	}
	return false
}

// end is reached once the server has said the last of this statement.
func (q *rows) end() {
	q.over = true
	if q.alone {
		q.x.ready()
	}
}

func (q *rows) close() {
	for q.next() {
	}
}

// rowsOf reads how many rows a command concerned from its tag, whose last word
// it is.
func rowsOf(tag string) int64 {
	n, _ := strconv.ParseInt(tag[strings.LastIndexByte(tag, ' ')+1:], 10, 64)
	return n
}

// noun gives a noun in its stored form, until the next one.
func (x *session) noun(v any) []byte {
	x.conn.body = wire.Append(x.conn.body[:0], v)
	return x.conn.body
}

// truncated brings a time into the form that comes back.
func truncated(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
