package sqlite

import (
	"encoding/json"
	"slices"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

var (
	qEventAdd  = prepared(`INSERT INTO event (seq, accepted, body, data) VALUES (?, ?, ?, ?)`)
	qEventGet  = prepared(`SELECT seq, body, data FROM event WHERE seq = ?`)
	qEventTail = prepared(`SELECT seq, body, data FROM event WHERE seq > ? ORDER BY seq LIMIT ?`)
	qEventOld  = prepared(`SELECT seq, accepted FROM event ORDER BY seq LIMIT ?`)
	qEventDel  = prepared(`DELETE FROM event WHERE seq = ?`)

	qNoticePut = prepared(`INSERT INTO notice (name, at, seq, anchors, body, data) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE
		SET at = excluded.at, seq = excluded.seq, anchors = excluded.anchors, body = excluded.body, data = excluded.data WHERE at <= excluded.at`)
	qNoticeGet   = prepared(`SELECT body, data FROM notice WHERE name = ?`)
	qNoticeList  = prepared(`SELECT body, data, anchors FROM notice WHERE anchors <> '` + noticeEnded + `' ORDER BY at DESC, seq DESC, name`)
	qNoticePrune = prepared(`DELETE FROM notice WHERE name IN (SELECT name FROM notice WHERE anchors = '` + noticeEnded + `' AND at < ? ORDER BY at LIMIT ?)`)

	qFanoutPut  = prepared(`INSERT OR REPLACE INTO fanout (event, anchor, after) VALUES (?, ?, ?)`)
	qFanoutDel  = prepared(`DELETE FROM fanout WHERE event = ?`)
	qFanoutList = prepared(`SELECT event, anchor, after FROM fanout ORDER BY event LIMIT ?`)
)

// noticeEnded is store.NoticeEnded, as it stands in a row.
const noticeEnded = `[{"attr":"ended","value":""}]`

// event binds an event's two columns: data stays as it came, byte for byte.
func (s *stmt) event(e domain.Event) *stmt {
	data := e.Data
	e.Data = nil
	return s.noun(&e).blob(data)
}

func (s *stmt) decodeEvent(body, data int) (e domain.Event) {
	s.decode(body, &e)
	e.Data = json.RawMessage(s.bytes(data))
	return micros(e)
}

func micros(e domain.Event) domain.Event {
	e.Time, e.Accepted = truncated(e.Time), truncated(e.Accepted)
	return e
}

func (r *reader) eventAt(seq int64) (e domain.Event) {
	if q := r.q(qEventGet).int(seq); q.row() {
		e = q.decodeEvent(1, 2)
		q.reset()
	}
	return e
}

func (r *reader) EventGet(seqs []int64) ([]domain.Event, error) {
	out := make([]domain.Event, len(seqs))
	for i, seq := range seqs {
		out[i] = r.eventAt(seq)
	}
	return out, r.err
}

func (r *reader) EventFind(p store.EventFindParams) ([]domain.Event, error) {
	var out []domain.Event
	limit, since := store.Limit(p.Limit), truncated(p.Since)
	r.anchored(store.AnchorHash(p.Anchor), since.UnixMicro(), func(seq int64) bool {
		if p.Upto > 0 && seq > p.Upto {
			return true
		}
		e := r.eventAt(seq)
		if e.Seq != 0 && !e.AcceptedAt().Before(since) && slices.Contains(e.Anchors(), p.Anchor) {
			out = append(out, e)
		}
		return len(out) < limit
	})
	return out, r.err
}

func (r *reader) EventTail(after int64, limit int) ([]domain.Event, error) {
	var out []domain.Event
	for q := r.q(qEventTail).int(after).int(int64(store.Limit(limit))); q.row(); {
		out = append(out, q.decodeEvent(1, 2))
	}
	return out, r.err
}

func (t *tx) EventAppend(events []domain.Event) error {
	for i := range events {
		e := &events[i]
		t.w.count.event++
		t.w.count.events++
		e.Seq = t.w.count.event
		accepted := e.AcceptedAt().UnixMicro()
		t.q(qEventAdd).int(e.Seq).int(accepted).event(micros(*e)).exec()
		for _, h := range store.EventHashes(e.Anchors()) {
			t.w.anchors.add(h, e.Seq, accepted)
		}
	}
	return t.err
}

func (t *tx) deleteEvent(seq int64) {
	t.w.count.events -= t.q(qEventDel).int(seq).exec()
}

// pruneEvents removes the oldest events up to the first that was accepted at
// the time or later.
func (t *tx) pruneEvents(before int64, limit int) int {
	var old []int64
	for q := t.q(qEventOld).int(int64(limit)); q.row(); {
		if q.i(1) >= before {
			q.reset()
			break
		}
		old = append(old, q.i(0))
	}
	for _, seq := range old {
		t.deleteEvent(seq)
	}
	return len(old)
}

func (r *reader) NoticeFind(anchors []domain.Anchor) ([]domain.Event, error) {
	var out []domain.Event
	for q := r.q(qNoticeList); q.row(); {
		var mine []domain.Anchor
		r.fail(json.Unmarshal(q.raw(2), &mine))
		if len(anchors) > 0 && !slices.ContainsFunc(mine, func(a domain.Anchor) bool { return slices.Contains(anchors, a) }) {
			continue
		}
		if out = append(out, q.decodeEvent(0, 1)); len(out) == 200 {
			q.reset()
			break
		}
	}
	return out, r.err
}

func (t *tx) NoticePut(e domain.Event, key string, anchors []domain.Anchor) error {
	if key == "" {
		return emptyKey("notice key")
	}
	if store.NoticeEnds(&e) {
		anchors = []domain.Anchor{store.NoticeEnded}
	}
	list, err := json.Marshal(anchors)
	t.fail(err)
	e = micros(e)
	t.q(qNoticePut).text(key).time(e.Time).int(e.Seq).text(string(list)).event(e).exec()
	return t.err
}

func (r *reader) NoticeGet(keys []string) ([]domain.Event, error) {
	out := make([]domain.Event, len(keys))
	for i, key := range keys {
		if q := r.q(qNoticeGet).text(key); q.row() {
			out[i] = q.decodeEvent(0, 1)
			q.reset()
		}
	}
	return out, r.err
}

func (r *reader) FanoutList(limit int) ([]store.FanoutRow, error) {
	var out []store.FanoutRow
	for q := r.q(qFanoutList).int(int64(store.Limit(limit))); q.row(); {
		out = append(out, store.FanoutRow{EventSeq: q.i(0), Anchor: int(q.i(1)), After: domain.CustomerID(q.i(2))})
	}
	return out, r.err
}

func (t *tx) FanoutPut(row store.FanoutRow) error {
	t.q(qFanoutPut).int(row.EventSeq).int(int64(row.Anchor)).int(int64(row.After)).exec()
	return t.err
}

func (t *tx) FanoutDelete(eventSeq int64) error {
	t.q(qFanoutDel).int(eventSeq).exec()
	return t.err
}
