package sqlite

import (
	"encoding/binary"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

const seenSize = 16 + 8 // key, body

// seenIndex answers whether a key is known: the tail from a map, the runs
// through their filters.
type seenIndex struct {
	tail   map[domain.Key]uint64
	newest int64 // of the tail
	runs   []run

	added     []domain.Key // by the running transaction
	addedUpto int64
}

func (x *seenIndex) load(c *conn) {
	*x = seenIndex{tail: map[domain.Key]uint64{}, runs: c.runs(kindSeen)}
	c.tail(kindSeen, func(_, newest int64, data []byte) {
		x.newest = max(x.newest, newest)
		for ; len(data) >= seenSize; data = data[seenSize:] {
			x.tail[domain.Key(data[:16])] = binary.BigEndian.Uint64(data[16:])
		}
	})
}

// get returns the body a key came with.
func (x *seenIndex) get(c *conn, k domain.Key) (body uint64, known bool) {
	if body, known = x.tail[k]; known {
		return body, true
	}
	for i := len(x.runs) - 1; i >= 0 && !known; i-- {
		if !x.runs[i].filter.has(k) {
			continue
		}
		c.find(&x.runs[i], seenSize, prefix(k[:]), func(rec []byte) {
			if domain.Key(rec[:16]) == k {
				body, known = binary.BigEndian.Uint64(rec[16:]), true
			}
		})
	}
	return body, known
}

func (t *tx) SeenAdd(rows []store.SeenRow) ([]store.SeenResult, error) {
	x := &t.w.seen
	out := make([]store.SeenResult, len(rows))
	for i, row := range rows {
		body, known := x.get(t.conn, row.Key)
		switch {
		case !known:
			x.tail[row.Key] = row.Body
			x.added = append(x.added, row.Key)
			x.addedUpto = max(x.addedUpto, row.At.UnixMicro())
		case body == row.Body:
			out[i] = store.SeenSame
		default:
			out[i] = store.SeenConflict
		}
	}
	return out, t.err
}

func (x *seenIndex) flush(t *tx) {
	if len(x.added) == 0 {
		return
	}
	data := make([]byte, 0, len(x.added)*seenSize)
	for _, k := range x.added {
		data = append(data, k[:]...)
		data = binary.BigEndian.AppendUint64(data, x.tail[k])
	}
	t.w.addTail(kindSeen, x.addedUpto, data)
	if len(x.tail) < t.w.sealAt() {
		return
	}
	t.dirty = true
	all, records, filter := make([]byte, 0, len(x.tail)*seenSize), make([][]byte, 0, len(x.tail)), newBloom(len(x.tail))
	for k, body := range x.tail {
		all = append(all, k[:]...)
		all = binary.BigEndian.AppendUint64(all, body)
		records = append(records, all[len(all)-seenSize:])
		filter.add(k)
	}
	x.runs = append(x.runs, t.w.seal(kindSeen, max(x.newest, x.addedUpto), seenSize, records, filter))
	x.tail, x.newest, x.addedUpto = map[domain.Key]uint64{}, 0, 0
}

func (x *seenIndex) commit() {
	x.newest = max(x.newest, x.addedUpto)
	x.added, x.addedUpto = x.added[:0], 0
}

func (x *seenIndex) rollback() {
	for _, k := range x.added {
		delete(x.tail, k)
	}
	x.added, x.addedUpto = x.added[:0], 0
}

var qTailDropOne = prepared(`DELETE FROM run_tail WHERE n = ?`)

// prune lets go of whole runs and tail rows from before a time, until limit
// keys are gone, and returns how many.
func (x *seenIndex) prune(t *tx, before int64, limit int) (gone int) {
	for len(x.runs) > 0 && x.runs[0].newest < before && gone < limit {
		t.dirty = true
		t.w.dropRun(x.runs[0])
		gone += int(x.runs[0].size)
		x.runs = x.runs[1:]
	}
	var old []int64
	t.tail(kindSeen, func(n, newest int64, data []byte) {
		if newest >= before || gone >= limit {
			return
		}
		old = append(old, n)
		for ; len(data) >= seenSize; data = data[seenSize:] {
			delete(x.tail, domain.Key(data[:16]))
			gone++
		}
	})
	for _, n := range old {
		t.dirty = true
		t.q(qTailDropOne).int(n).exec()
	}
	return gone
}
