package sqlite

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"slices"
	"sort"

	"github.com/contact-advocate/advocate/internal/domain"
)

// A run is a sorted, immutable list of small records of one size, stored in
// blocks of about a page. New records gather in the tail: in memory, and in
// one run_tail row per transaction. When the tail is long enough it becomes a
// run. A random key in a B-tree costs the write of a page for each; here that
// page holds what a hundred others wrote as well. The first eight bytes of a
// record are what it is found by.
const (
	kindSeen   = 1
	kindAnchor = 2

	blockBytes    = 3900
	defaultSealAt = 1 << 16
)

var (
	qTailAdd   = prepared(`INSERT INTO run_tail (n, kind, newest, data) VALUES (?, ?, ?, ?)`)
	qTailList  = prepared(`SELECT n, newest, data FROM run_tail WHERE n >= ? AND n < ? ORDER BY n`)
	qTailDrop  = prepared(`DELETE FROM run_tail WHERE n >= ? AND n < ?`)
	qRunAdd    = prepared(`INSERT INTO run (id, kind, newest, size, firsts, filter) VALUES (?, ?, ?, ?, ?, ?)`)
	qRunList   = prepared(`SELECT id, newest, size, firsts, filter FROM run WHERE kind = ? ORDER BY id`)
	qRunDrop   = prepared(`DELETE FROM run WHERE id = ?`)
	qBlockAdd  = prepared(`INSERT INTO run_block (id, data) VALUES (?, ?)`)
	qBlockGet  = prepared(`SELECT data FROM run_block WHERE id = ?`)
	qBlockDrop = prepared(`DELETE FROM run_block WHERE id >= ? AND id < ?`)
)

type run struct {
	id     int64
	newest int64 // microseconds
	size   int64 // records
	firsts []uint64
	filter bloom
}

func tailRange(kind int64) (from, to int64) { return kind << 48, (kind + 1) << 48 }

// addTail stores what one transaction adds.
func (w *writer) addTail(kind, newest int64, data []byte) {
	from, _ := tailRange(kind)
	w.count.run++
	w.q(qTailAdd).int(from + w.count.run).int(kind).int(newest).blob(data).exec()
}

// seal makes a run of all records of the tail.
func (w *writer) seal(kind, newest int64, size int, records [][]byte, filter bloom) run {
	slices.SortFunc(records, bytes.Compare)
	w.count.run++
	r := run{id: w.count.run, newest: newest, size: int64(len(records)), filter: filter}
	per := blockBytes / size
	block := make([]byte, 0, per*size)
	for no := int64(0); len(records) > 0; no++ {
		n := min(per, len(records))
		r.firsts = append(r.firsts, prefix(records[0]))
		block = block[:0]
		for _, rec := range records[:n] {
			block = append(block, rec...)
		}
		records = records[n:]
		w.q(qBlockAdd).int(r.id<<16 | no).blob(block).exec()
	}
	firsts := make([]byte, 0, 8*len(r.firsts))
	for _, f := range r.firsts {
		firsts = binary.BigEndian.AppendUint64(firsts, f)
	}
	w.q(qRunAdd).int(r.id).int(kind).int(newest).int(r.size).blob(firsts).blob(filter.bytes()).exec()
	from, to := tailRange(kind)
	w.q(qTailDrop).int(from).int(to).exec()
	return r
}

func (w *writer) dropRun(r run) {
	w.q(qBlockDrop).int(r.id << 16).int((r.id + 1) << 16).exec()
	w.q(qRunDrop).int(r.id).exec()
}

// runs reads what there is of a kind, oldest first.
func (c *conn) runs(kind int64) []run {
	var out []run
	for q := c.q(qRunList).int(kind); q.row(); {
		r := run{id: q.i(0), newest: q.i(1), size: q.i(2), filter: bloomFrom(q.raw(4))}
		for b := q.raw(3); len(b) >= 8; b = b[8:] {
			r.firsts = append(r.firsts, prefix(b))
		}
		out = append(out, r)
	}
	return out
}

// tail gives the stored tail's rows to visit, oldest first.
func (c *conn) tail(kind int64, visit func(n, newest int64, data []byte)) {
	from, to := tailRange(kind)
	for q := c.q(qTailList).int(from).int(to); q.row(); {
		visit(q.i(0), q.i(1), q.raw(2))
	}
}

// find gives the records of a run that begin with key to visit, in order.
func (c *conn) find(r *run, size int, key uint64, visit func(rec []byte)) {
	// The first block that may hold it is the last one that begins before it.
	no := max(0, sort.Search(len(r.firsts), func(i int) bool { return r.firsts[i] >= key })-1)
	for ; no < len(r.firsts) && r.firsts[no] <= key; no++ {
		q := c.q(qBlockGet).int(r.id<<16 | int64(no))
		if !q.row() {
			return
		}
		block := q.raw(0)
		n := len(block) / size
		for i := sort.Search(n, func(i int) bool { return prefix(block[i*size:]) >= key }); i < n && prefix(block[i*size:]) == key; i++ {
			visit(block[i*size : (i+1)*size])
		}
		q.reset()
	}
}

func prefix(rec []byte) uint64 { return binary.BigEndian.Uint64(rec) }

// bloom says which keys are surely not in a run: 12 bits a key and 6 probes
// let one in three hundred through.
type bloom []uint64

const bloomBits, bloomProbes = 12, 6

func newBloom(n int) bloom { return make(bloom, (n*bloomBits+63)/64+1) }

func bloomFrom(b []byte) bloom {
	out := make(bloom, len(b)/8)
	for i := range out {
		out[i] = binary.LittleEndian.Uint64(b[8*i:])
	}
	return out
}

func (b bloom) bytes() []byte {
	out := make([]byte, 0, 8*len(b))
	for _, v := range b {
		out = binary.LittleEndian.AppendUint64(out, v)
	}
	return out
}

// A key is a piece of a SHA-256: its halves are hashes enough.
func (b bloom) probe(k domain.Key, visit func(word *uint64, bit uint64) bool) {
	h, step := binary.BigEndian.Uint64(k[:8]), binary.BigEndian.Uint64(k[8:])|1
	for range bloomProbes {
		at, _ := bits.Mul64(h, uint64(len(b))*64)
		if !visit(&b[at/64], 1<<(at%64)) {
			return
		}
		h += step
	}
}

func (b bloom) add(k domain.Key) {
	b.probe(k, func(word *uint64, bit uint64) bool { *word |= bit; return true })
}

func (b bloom) has(k domain.Key) bool {
	h, step := binary.BigEndian.Uint64(k[:8]), binary.BigEndian.Uint64(k[8:])|1
	for range bloomProbes {
		at, _ := bits.Mul64(h, uint64(len(b))*64)
		if b[at/64]&(1<<(at%64)) == 0 {
			return false
		}
		h += step
	}
	return true
}
