package postgres

import (
	"bytes"
	"slices"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

var (
	// A key that another transaction is adding makes this one wait for its end.
	qSeenAdd = prepared(`INSERT INTO seen (key, body, at) SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::timestamptz[])
		ON CONFLICT (key) DO NOTHING RETURNING key`)
	qSeenGet   = prepared(`SELECT key, body FROM seen WHERE key = ANY ($1::uuid[])`)
	qSeenPrune = prepared(`DELETE FROM seen WHERE key IN (SELECT key FROM seen WHERE at < $1::timestamptz ORDER BY at LIMIT $2::bigint)`)
)

// SeenAdd adds keys in their order, so that two calls with the same keys wait
// for each other and never in a circle.
func (t *tx) SeenAdd(rows []store.SeenRow) ([]store.SeenResult, error) {
	out := make([]store.SeenResult, len(rows))
	first := make(map[domain.Key]int, len(rows))
	sorted := make([]int, 0, len(rows))
	for i := range rows {
		if _, again := first[rows[i].Key]; !again {
			first[rows[i].Key] = i
			sorted = append(sorted, i)
		}
	}
	slices.SortFunc(sorted, func(a, b int) int { return bytes.Compare(rows[a].Key[:], rows[b].Key[:]) })
	known := map[domain.Key]uint64{} // of those that were there
	chunks(len(sorted), func(from, to int) { t.addSeen(rows, sorted[from:to], known) })
	for i := range rows {
		body, was := known[rows[i].Key]
		if !was {
			at := first[rows[i].Key]
			if at == i {
				continue
			}
			body = rows[at].Body
		}
		if out[i] = store.SeenConflict; body == rows[i].Body {
			out[i] = store.SeenSame
		}
	}
	return out, t.err
}

func (t *tx) addSeen(rows []store.SeenRow, at []int, known map[domain.Key]uint64) {
	q := t.query(qSeenAdd, t.arg().
		uuids(len(at), func(i int) [16]byte { return rows[at[i]].Key }).
		ints(len(at), func(i int) int64 { return int64(rows[at[i]].Body) }).
		times(len(at), func(i int) time.Time { return rows[at[i]].At }))
	var added []domain.Key
	for q.next() {
		added = append(added, domain.Key(q.raw(0)))
	}
	if t.err != nil || len(added) == len(at) {
		return
	}
	fresh := make(map[domain.Key]bool, len(added))
	for _, k := range added {
		fresh[k] = true
	}
	var old []domain.Key
	for _, i := range at {
		if !fresh[rows[i].Key] {
			old = append(old, rows[i].Key)
		}
	}
	q = t.query(qSeenGet, t.arg().uuids(len(old), func(i int) [16]byte { return old[i] }))
	found := 0
	for q.next() {
		known[domain.Key(q.raw(0))] = uint64(q.i(1))
		found++
	}
	if found < len(old) { // pruned between the two statements
		t.fail(errAgain)
	}
}
