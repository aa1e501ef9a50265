package sqlite

import (
	"encoding/binary"
	"slices"
)

const anchorSize = 8 + 8 // hash, event

// anchorIndex finds the events with an anchor: by a hash, so what it finds
// must be compared with the event itself.
type anchorIndex struct {
	tail   map[uint64][]int64 // events, ascending
	size   int
	newest int64
	runs   []run

	added     []byte
	addedUpto int64
}

func (x *anchorIndex) load(c *conn) {
	*x = anchorIndex{tail: map[uint64][]int64{}, runs: c.runs(kindAnchor)}
	c.tail(kindAnchor, func(_, newest int64, data []byte) {
		x.newest = max(x.newest, newest)
		for ; len(data) >= anchorSize; data = data[anchorSize:] {
			x.put(prefix(data), int64(prefix(data[8:])))
		}
	})
}

func (x *anchorIndex) put(hash uint64, seq int64) {
	x.tail[hash] = append(x.tail[hash], seq)
	x.size++
}

func (x *anchorIndex) add(hash uint64, seq, accepted int64) {
	x.put(hash, seq)
	x.added = binary.BigEndian.AppendUint64(x.added, hash)
	x.added = binary.BigEndian.AppendUint64(x.added, uint64(seq))
	x.addedUpto = max(x.addedUpto, accepted)
}

func (x *anchorIndex) flush(t *tx) {
	if len(x.added) == 0 {
		return
	}
	t.w.addTail(kindAnchor, x.addedUpto, x.added)
	if x.size < t.w.sealAt() {
		return
	}
	t.dirty = true
	all, records := make([]byte, 0, x.size*anchorSize), make([][]byte, 0, x.size)
	for hash, seqs := range x.tail {
		for _, seq := range seqs {
			all = binary.BigEndian.AppendUint64(all, hash)
			all = binary.BigEndian.AppendUint64(all, uint64(seq))
			records = append(records, all[len(all)-anchorSize:])
		}
	}
	x.runs = append(x.runs, t.w.seal(kindAnchor, max(x.newest, x.addedUpto), anchorSize, records, nil))
	x.tail, x.size, x.newest, x.addedUpto = map[uint64][]int64{}, 0, 0, 0
}

func (x *anchorIndex) commit() {
	x.newest = max(x.newest, x.addedUpto)
	x.added, x.addedUpto = x.added[:0], 0
}

func (x *anchorIndex) rollback() {
	for b := x.added; len(b) >= anchorSize; b = b[anchorSize:] {
		hash := prefix(b)
		if seqs := x.tail[hash]; len(seqs) > 1 {
			x.tail[hash] = seqs[:len(seqs)-1]
		} else {
			delete(x.tail, hash)
		}
		x.size--
	}
	x.added, x.addedUpto = x.added[:0], 0
}

// prune drops runs of events that were all accepted before a time. The rest
// points at events that are gone, until it is a run and old enough.
func (x *anchorIndex) prune(t *tx, before int64) {
	for len(x.runs) > 0 && x.runs[0].newest < before {
		t.dirty = true
		t.w.dropRun(x.runs[0])
		x.runs = x.runs[1:]
	}
}

// anchored gives the events kept under a hash to visit, newest first, until
// it returns false. Runs without an event accepted since are left out.
func (r *reader) anchored(hash uint64, since int64, visit func(seq int64) bool) {
	var x anchorIndex
	if r.w != nil {
		x = r.w.anchors
	} else {
		x = r.storedAnchors(hash)
	}
	for _, seq := range slices.Backward(x.tail[hash]) {
		if !visit(seq) {
			return
		}
	}
	for i := len(x.runs) - 1; i >= 0; i-- {
		if x.runs[i].newest < since {
			continue
		}
		var seqs []int64
		r.find(&x.runs[i], anchorSize, hash, func(rec []byte) { seqs = append(seqs, int64(prefix(rec[8:]))) })
		for _, seq := range slices.Backward(seqs) {
			if !visit(seq) {
				return
			}
		}
	}
}

// storedAnchors reads, for one hash, the index as this snapshot has it: what
// the writer keeps in memory is of another moment.
func (r *reader) storedAnchors(hash uint64) anchorIndex {
	x := anchorIndex{tail: map[uint64][]int64{}, runs: r.runs(kindAnchor)}
	r.tail(kindAnchor, func(_, _ int64, data []byte) {
		for ; len(data) >= anchorSize; data = data[anchorSize:] {
			if prefix(data) == hash {
				x.put(hash, int64(prefix(data[8:])))
			}
		}
	})
	return x
}
