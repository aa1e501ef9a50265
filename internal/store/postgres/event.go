package postgres

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

var (
	// The transaction has its number before it has positions in the log: who
	// waits for all transactions below a number waits for all that could still
	// fill a gap (see horizon).
	qEventSeqs = prepared(`SELECT nextval('event_seq'), x.xid FROM (SELECT pg_current_xact_id() AS xid OFFSET 0) x, generate_series(1, $1::bigint)`)
	qEventAdd  = prepared(`INSERT INTO event (seq, accepted, body, data) SELECT * FROM unnest($1::bigint[], $2::timestamptz[], $3::bytea[], $4::bytea[])`)
	qAnchorAdd = prepared(`INSERT INTO event_anchor (anchor, accepted, seq) SELECT * FROM unnest($1::bigint[], $2::timestamptz[], $3::bigint[])`)
	qAnchorDel = prepared(`DELETE FROM event_anchor a USING unnest($1::bigint[], $2::timestamptz[], $3::bigint[]) u(anchor, accepted, seq)
		WHERE (a.anchor, a.accepted, a.seq) = (u.anchor, u.accepted, u.seq)`)
	qEventGet  = prepared(`SELECT seq, body, data FROM event WHERE seq = ANY ($1::bigint[])`)
	qEventTail = prepared(`SELECT seq, body, data FROM event WHERE seq > $1::bigint AND seq <= $2::bigint ORDER BY seq LIMIT $3::bigint`)
	qEventFind = prepared(`SELECT e.seq, e.body, e.data FROM (SELECT seq FROM event_anchor WHERE anchor = $1::bigint AND accepted >= $2::timestamptz
			AND ($3::bigint = 0 OR seq <= $3::bigint) ORDER BY seq DESC LIMIT $4::bigint) a JOIN event e ON e.seq = a.seq ORDER BY e.seq DESC`)
	qEventOld = prepared(`SELECT seq, accepted, body, NULL::bytea FROM event ORDER BY seq LIMIT $1::bigint FOR UPDATE SKIP LOCKED`)
	qEventDel = prepared(`DELETE FROM event WHERE seq = ANY ($1::bigint[])`)

	qNoticePut = prepared(`INSERT INTO notice (name, at, seq, anchors, body, data) VALUES ($1::text, $2::timestamptz, $3::bigint, $4::text[], $5::bytea, $6::bytea)
		ON CONFLICT (name) DO UPDATE SET at = excluded.at, seq = excluded.seq, anchors = excluded.anchors, body = excluded.body, data = excluded.data
		WHERE notice.at <= excluded.at`)
	qNoticeGet  = prepared(`SELECT seq, body, data FROM notice WHERE name = $1::text`)
	qNoticeFind = prepared(`SELECT seq, body, data FROM notice WHERE (cardinality($1::text[]) = 0 OR anchors && $1::text[]) AND anchors <> ARRAY['ended=']
		ORDER BY at DESC, seq DESC, name LIMIT 200`)
	qNoticePrune = prepared(`DELETE FROM notice WHERE name IN (SELECT name FROM notice WHERE anchors = ARRAY['ended='] AND at < $1::timestamptz ORDER BY at LIMIT $2::bigint)`)

	qFanoutPut = prepared(`INSERT INTO fanout (event, anchor, after) VALUES ($1::bigint, $2::bigint, $3::bigint)
		ON CONFLICT (event) DO UPDATE SET anchor = excluded.anchor, after = excluded.after`)
	qFanoutDel   = prepared(`DELETE FROM fanout WHERE event = $1::bigint`)
	qFanoutList  = prepared(`SELECT event, anchor, after FROM fanout ORDER BY event LIMIT $1::bigint`)
	qFanoutClaim = prepared(`SELECT event, anchor, after FROM fanout ORDER BY event LIMIT $1::bigint FOR UPDATE SKIP LOCKED`)
)

// anchorHash is store.AnchorHash as a column has it.
func anchorHash(a domain.Anchor) int64 { return int64(store.AnchorHash(a)) }

// event reads an event's columns: its place, the rest of it, and its data,
// which stays as it came, byte for byte.
func (q *rows) event() (e domain.Event) {
	q.decode(1, &e)
	e.Data, e.Seq = json.RawMessage(q.bytes(2)), q.i(0)
	e.Time, e.Accepted = truncated(e.Time), truncated(e.Accepted)
	return e
}

// bodyOf is an event without what has a column of its own.
func bodyOf(e *domain.Event) *domain.Event {
	body := *e
	body.Data, body.Seq = nil, 0
	body.Time, body.Accepted = truncated(body.Time), truncated(body.Accepted)
	return &body
}

func (r *reader) events(q *rows) (out []domain.Event) {
	for q.next() {
		out = append(out, q.event())
	}
	return out
}

func (r *reader) EventGet(seqs []int64) ([]domain.Event, error) {
	found := map[int64]domain.Event{}
	chunks(len(seqs), func(from, to int) {
		part := seqs[from:to]
		for _, e := range r.events(r.query(qEventGet, r.arg().ints(len(part), func(i int) int64 { return part[i] }))) {
			found[e.Seq] = e
		}
	})
	out := make([]domain.Event, len(seqs))
	for i, seq := range seqs {
		out[i] = found[seq]
		out[i].Data = slices.Clone(out[i].Data)
	}
	return out, r.err
}

func (r *reader) EventFind(p store.EventFindParams) ([]domain.Event, error) {
	var out []domain.Event
	limit, hash, since := store.Limit(p.Limit), anchorHash(p.Anchor), truncated(p.Since)
	for upto, more := p.Upto, true; more && len(out) < limit && r.err == nil; {
		size := limit - len(out)
		found := r.events(r.query(qEventFind, r.arg().int(hash).time(since).int(upto).int(int64(size))))
		if more = len(found) == size; more {
			upto = found[size-1].Seq - 1
			more = upto > 0
		}
		for i := range found { // a hash may be another anchor's, too
			if slices.Contains(found[i].Anchors(), p.Anchor) {
				out = append(out, found[i])
			}
		}
	}
	return out, r.err
}

// EventTail gives no event while one before it may still come: transactions
// do not commit in the order of their places.
func (r *reader) EventTail(after int64, limit int) ([]domain.Event, error) {
	end := r.look().tail
	if end <= after {
		return nil, r.err
	}
	return r.events(r.query(qEventTail, r.arg().int(after).int(end).int(int64(store.Limit(limit))))), r.err
}

func (t *tx) EventAppend(events []domain.Event) error {
	chunks(len(events), func(from, to int) { t.appendEvents(events[from:to]) })
	t.delta.events += int64(len(events))
	t.moved = true
	return t.err
}

type anchored struct {
	hash, seq int64
	accepted  time.Time
}

func anchoredOf(e *domain.Event) (out []anchored) {
	for _, h := range store.EventHashes(e.Anchors()) {
		out = append(out, anchored{int64(h), e.Seq, e.AcceptedAt()})
	}
	return out
}

func (a *args) anchored(list []anchored) *args {
	return a.ints(len(list), func(i int) int64 { return list[i].hash }).
		times(len(list), func(i int) time.Time { return list[i].accepted }).
		ints(len(list), func(i int) int64 { return list[i].seq })
}

func (t *tx) appendEvents(part []domain.Event) {
	n := len(part)
	i := 0
	for q := t.query(qEventSeqs, t.arg().int(int64(n))); q.next(); i++ {
		part[i].Seq = q.i(0)
	}
	if t.err != nil {
		return
	}
	var anchors []anchored
	for i := range part {
		anchors = append(anchors, anchoredOf(&part[i])...)
	}
	b := t.batch()
	b.add(qEventAdd, b.arg().
		ints(n, func(i int) int64 { return part[i].Seq }).
		times(n, func(i int) time.Time { return part[i].AcceptedAt() }).
		nouns(n, func(i int) any { return bodyOf(&part[i]) }).
		blobs(n, func(i int) []byte { return part[i].Data }))
	b.add(qAnchorAdd, b.arg().anchored(anchors))
	b.send()
	b.next().close()
	b.next().close()
	b.close()
}

// deleteEvents removes events and what they are found by.
func (t *tx) deleteEvents(events []domain.Event) {
	chunks(len(events), func(from, to int) {
		part := events[from:to]
		var anchors []anchored
		for i := range part {
			anchors = append(anchors, anchoredOf(&part[i])...)
		}
		if len(anchors) > 0 {
			t.exec(qAnchorDel, t.arg().anchored(anchors))
		}
		t.delta.events -= t.exec(qEventDel, t.arg().ints(len(part), func(i int) int64 { return part[i].Seq }))
	})
}

// pruneEvents removes the oldest events up to the first that was accepted at
// the time or later.
func (t *tx) pruneEvents(before time.Time, limit int) int {
	var old []domain.Event
	for q := t.query(qEventOld, t.arg().int(int64(limit))); q.next(); {
		if !q.at(1).Before(before) {
			q.close()
			break
		}
		var e domain.Event
		q.decode(2, &e)
		e.Seq = q.i(0)
		old = append(old, e)
	}
	t.deleteEvents(old)
	return len(old)
}

func (a *args) anchorTexts(anchors []domain.Anchor) *args {
	return a.texts(len(anchors), func(i int) string { return anchors[i].String() })
}

func (r *reader) NoticeFind(anchors []domain.Anchor) ([]domain.Event, error) {
	return r.events(r.query(qNoticeFind, r.arg().anchorTexts(anchors))), r.err
}

func (t *tx) NoticePut(e domain.Event, key string, anchors []domain.Anchor) error {
	if key == "" {
		return emptyKey("notice key")
	}
	if store.NoticeEnds(&e) {
		anchors = []domain.Anchor{store.NoticeEnded}
	}
	t.exec(qNoticePut, t.arg().text(key).time(truncated(e.Time)).int(e.Seq).anchorTexts(anchors).blob(t.noun(bodyOf(&e))).blob(e.Data))
	return t.err
}

func (r *reader) NoticeGet(keys []string) ([]domain.Event, error) {
	out := make([]domain.Event, len(keys))
	for i, key := range keys {
		if found := r.events(r.query(qNoticeGet, r.arg().text(key))); len(found) > 0 {
			out[i] = found[0]
		}
	}
	return out, r.err
}

// FanoutList takes, in an Update, the cursors that no other transaction is
// working at: two of them must not hand out the same chunk.
func (r *reader) FanoutList(limit int) ([]store.FanoutRow, error) {
	id := qFanoutList
	if r.own != nil {
		id = qFanoutClaim
	}
	var out []store.FanoutRow
	for q := r.query(id, r.arg().int(int64(store.Limit(limit)))); q.next(); {
		out = append(out, store.FanoutRow{EventSeq: q.i(0), Anchor: int(q.i(1)), After: domain.CustomerID(q.i(2))})
	}
	return out, r.err
}

func (t *tx) FanoutPut(row store.FanoutRow) error {
	t.exec(qFanoutPut, t.arg().int(row.EventSeq).int(int64(row.Anchor)).int(int64(row.After)))
	t.wake = true
	return t.err
}

func (t *tx) FanoutDelete(eventSeq int64) error {
	t.exec(qFanoutDel, t.arg().int(eventSeq))
	return t.err
}
