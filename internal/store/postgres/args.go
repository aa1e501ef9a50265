package postgres

import (
	"encoding/binary"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/contact-advocate/advocate/internal/wire"
)

// Types of array elements (pg_type.oid).
const (
	oidBytea       = 17
	oidInt8        = 20
	oidText        = 25
	oidTimestamptz = 1184
	oidUUID        = 2950
)

// args is what is sent to the server: for each statement a Bind message with
// its parameters and an Execute message, and in the end a Sync (PostgreSQL
// documentation, "Message Formats"). Parameters and results are binary.
type args struct {
	buf    []byte
	start  int // of the Bind message
	count  int // of its parameters
	length int // where the length of the parameter being written stands
}

// keepArgs is how large a buffer is kept for the next time.
const keepArgs = 4 << 20

func (a *args) reset() {
	if cap(a.buf) > keepArgs {
		a.buf = nil
	}
	a.buf = a.buf[:0]
}

// bind begins a Bind message. The statement's name and the number of its
// parameters are filled in by execute.
func (a *args) bind() *args {
	a.start, a.count = len(a.buf), 0
	a.buf = append(a.buf, 'B', 0, 0, 0, 0, 0) // type, length, the unnamed portal
	a.buf = append(a.buf, "????"...)
	a.buf = append(a.buf, 0, 0, 1, 0, 1, 0, 0) // one format for all: binary; number of parameters
	a.begin()
	return a
}

// execute ends the Bind message and adds an Execute message.
func (a *args) execute(id query) {
	a.buf = a.buf[:a.length]
	copy(a.buf[a.start+6:], id.name())
	binary.BigEndian.PutUint16(a.buf[a.start+6+nameSize+5:], uint16(a.count))
	a.buf = append(a.buf, 0, 1, 0, 1) // one format for all results: binary
	binary.BigEndian.PutUint32(a.buf[a.start+1:], uint32(len(a.buf)-a.start-1))
	a.buf = append(a.buf, 'E', 0, 0, 0, 9, 0, 0, 0, 0, 0) // the unnamed portal, all rows
}

// sync ends what is sent and gives all of it.
func (a *args) sync() []byte {
	a.buf = append(a.buf, 'S', 0, 0, 0, 4)
	return a.buf
}

// begin leaves room for the length of a parameter.
func (a *args) begin() {
	a.length = len(a.buf)
	a.buf = append(a.buf, 0, 0, 0, 0)
}

// done ends a parameter.
func (a *args) done() *args {
	binary.BigEndian.PutUint32(a.buf[a.length:], uint32(len(a.buf)-a.length-4))
	a.count++
	a.begin()
	return a
}

func (a *args) null() *args {
	binary.BigEndian.PutUint32(a.buf[a.length:], 1<<32-1)
	a.count++
	a.begin()
	return a
}

func (a *args) int(v int64) *args {
	a.buf = binary.BigEndian.AppendUint64(a.buf, uint64(v))
	return a.done()
}

func (a *args) float(v float64) *args { return a.int(int64(math.Float64bits(v))) }

func (a *args) bool(v bool) *args {
	b := byte(0)
	if v {
		b = 1
	}
	a.buf = append(a.buf, b)
	return a.done()
}

func (a *args) text(v string) *args {
	a.buf = append(a.buf, storable(v)...)
	return a.done()
}

// blob binds bytes; none at all are NULL.
func (a *args) blob(v []byte) *args {
	if len(v) == 0 {
		return a.null()
	}
	a.buf = append(a.buf, v...)
	return a.done()
}

func (a *args) time(t time.Time) *args { return a.int(pgTime(t)) }

// array writes the head of an array of n elements without NULLs, unless
// nulls says that there may be some.
func (a *args) array(oid uint32, n int, nulls bool) {
	if n == 0 {
		a.buf = append(a.buf, 0, 0, 0, 0, 0, 0, 0, 0)
		a.buf = binary.BigEndian.AppendUint32(a.buf, oid)
		return
	}
	flag := byte(0)
	if nulls {
		flag = 1
	}
	a.buf = append(a.buf, 0, 0, 0, 1, 0, 0, 0, flag)
	a.buf = binary.BigEndian.AppendUint32(a.buf, oid)
	a.buf = binary.BigEndian.AppendUint32(a.buf, uint32(n))
	a.buf = append(a.buf, 0, 0, 0, 1)
}

func (a *args) element(size int) { a.buf = binary.BigEndian.AppendUint32(a.buf, uint32(size)) }

func (a *args) nullElement() { a.buf = append(a.buf, 0xff, 0xff, 0xff, 0xff) }

// ints binds n numbers.
func (a *args) ints(n int, at func(i int) int64) *args {
	a.array(oidInt8, n, false)
	for i := range n {
		a.element(8)
		a.buf = binary.BigEndian.AppendUint64(a.buf, uint64(at(i)))
	}
	return a.done()
}

func (a *args) texts(n int, at func(i int) string) *args {
	a.array(oidText, n, false)
	for i := range n {
		v := storable(at(i))
		a.element(len(v))
		a.buf = append(a.buf, v...)
	}
	return a.done()
}

func (a *args) blobs(n int, at func(i int) []byte) *args {
	a.array(oidBytea, n, true)
	for i := range n {
		v := at(i)
		if len(v) == 0 {
			a.nullElement()
			continue
		}
		a.element(len(v))
		a.buf = append(a.buf, v...)
	}
	return a.done()
}

// nouns binds n nouns in their stored form.
func (a *args) nouns(n int, at func(i int) any) *args {
	a.array(oidBytea, n, false)
	for i := range n {
		a.element(0)
		from := len(a.buf)
		a.buf = wire.Append(a.buf, at(i))
		binary.BigEndian.PutUint32(a.buf[from-4:], uint32(len(a.buf)-from))
	}
	return a.done()
}

func (a *args) times(n int, at func(i int) time.Time) *args {
	a.array(oidTimestamptz, n, false)
	for i := range n {
		a.element(8)
		a.buf = binary.BigEndian.AppendUint64(a.buf, uint64(pgTime(at(i))))
	}
	return a.done()
}

// maybes binds n times, NULL for none.
func (a *args) maybes(n int, at func(i int) time.Time) *args {
	a.array(oidTimestamptz, n, true)
	for i := range n {
		t := at(i)
		if t.IsZero() {
			a.nullElement()
			continue
		}
		a.element(8)
		a.buf = binary.BigEndian.AppendUint64(a.buf, uint64(pgTime(t)))
	}
	return a.done()
}

func (a *args) uuids(n int, at func(i int) [16]byte) *args {
	a.array(oidUUID, n, false)
	for i := range n {
		v := at(i)
		a.element(16)
		a.buf = append(a.buf, v[:]...)
	}
	return a.done()
}

// pgEpoch is 2000-01-01 in Unix microseconds; PostgreSQL counts from there.
const pgEpoch = 946_684_800_000_000

// The times that a timestamptz can hold, as PostgreSQL counts: 4713 BC to
// AD 294276. What is beyond is brought to the end.
const (
	minPgTime = -211_810_204_800_000_000 + 1
	maxPgTime = 9_223_371_331_200_000_000 - 1
)

// What is kept lies between these.
var beginning, forever = time.Date(-4000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(200_000, 1, 1, 0, 0, 0, 0, time.UTC)

func pgTime(t time.Time) int64 {
	v := t.UnixMicro()
	if y := t.Year(); y > 200_000 || y < -4000 {
		if y > 0 {
			return maxPgTime
		}
		return minPgTime
	}
	return min(max(v-pgEpoch, minPgTime), maxPgTime)
}

func goTime(v int64) time.Time {
	if v == math.MaxInt64 || v == math.MinInt64 { // infinity, by somebody's hand
		return time.Time{}
	}
	return time.UnixMicro(v + pgEpoch).UTC()
}

// storable replaces what a text column cannot hold: U+0000 and what is not
// UTF-8. Intake has done so already; this keeps a stray one from undoing a
// whole group.
func storable(s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", "\uFFFD")
	}
	return s
}

func (q *rows) i(col int) int64 {
	switch v := q.v[col]; len(v) {
	case 8:
		return int64(binary.BigEndian.Uint64(v))
	case 4:
		return int64(int32(binary.BigEndian.Uint32(v)))
	case 2:
		return int64(int16(binary.BigEndian.Uint16(v)))
	}
	return 0 // NULL
}

func (q *rows) str(col int) string      { return string(q.v[col]) }
func (q *rows) raw(col int) []byte      { return q.v[col] } // good until the next row
func (q *rows) isNull(col int) bool     { return q.v[col] == nil }
func (q *rows) bool(col int) bool       { return len(q.v[col]) == 1 && q.v[col][0] != 0 }
func (q *rows) decode(col int, dst any) { q.x.fail(unmarshal(q.v[col], dst)) }

// bytes gives a copy; an empty one is nil.
func (q *rows) bytes(col int) []byte {
	if len(q.v[col]) == 0 {
		return nil
	}
	return append([]byte(nil), q.v[col]...)
}

// at reads a time; NULL is the zero time.
func (q *rows) at(col int) time.Time {
	if q.v[col] == nil {
		return time.Time{}
	}
	return goTime(q.i(col))
}

// strings binds texts.
func (a *args) strings(list []string) *args {
	return a.texts(len(list), func(i int) string { return list[i] })
}
