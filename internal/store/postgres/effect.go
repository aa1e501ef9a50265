package postgres

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

const effectColumns = `id, customer, state, not_before, attempt, lease, last_error, created, updated, body, released, dead, put_backs`

// effectPlaces are the destinations of what is ready or will be, each found in
// one step of the index.
const effectPlaces = `WITH RECURSIVE place AS (
	(SELECT destination FROM effect WHERE ready IS NOT NULL ORDER BY destination LIMIT 1)
	UNION ALL
	SELECT (SELECT e.destination FROM effect e WHERE e.destination > p.destination AND e.ready IS NOT NULL ORDER BY e.destination LIMIT 1)
	FROM place p WHERE p.destination IS NOT NULL)
	`

var (
	qEffectGet   = prepared(`SELECT ` + effectColumns + ` FROM effect` + only("id", "$1::text", ""))
	qEffectHold  = prepared(`SELECT ` + effectColumns + ` FROM effect WHERE id = ANY ($1::text[]) ORDER BY id FOR NO KEY UPDATE`)
	qEffectList  = prepared(`SELECT ` + effectColumns + ` FROM effect WHERE id > $1::text ORDER BY id LIMIT $2::bigint`)
	qEffectState = prepared(`SELECT ` + effectColumns + ` FROM effect WHERE id > $1::text AND state = $2::text ORDER BY id LIMIT $3::bigint`)
	qEffectHeld  = prepared(`SELECT ` + effectColumns + ` FROM effect WHERE id > $1::text AND state = 'held' ORDER BY id LIMIT $2::bigint`)
	qEffectDead  = prepared(`SELECT ` + effectColumns + ` FROM effect WHERE id > $1::text AND state = 'dead' ORDER BY id LIMIT $2::bigint`)
	qEffectOf    = prepared(`SELECT ` + effectColumns + ` FROM effect WHERE id > $1::text AND customer = $2::bigint AND ($3::text = '' OR state = $3::text)
		ORDER BY id LIMIT $4::bigint`)
	qEffectIs = prepared(`SELECT f.id FROM unnest($1::text[]) u(id) CROSS JOIN LATERAL (SELECT e.id FROM effect e` + only("e.id", "u.id", "") + `) f`)
	// Nothing is added when one of the ids is there already.
	// What asks to be sent at once is asked for once more: whether something of
	// its conversation is there. That is no EXISTS, which the planner may
	// answer by reading the whole outbox first; so elsewhere where rows of a
	// list are asked about one by one.
	qEffectAdd = prepared(`WITH had AS MATERIALIZED (SELECT f.id FROM unnest($2::text[]) n(id) CROSS JOIN LATERAL (SELECT e.id FROM effect e` + only("e.id", "n.id", "") + `) f),
		u AS MATERIALIZED (SELECT a.*, CASE WHEN a.asked = 'sending' AND a.conversation <> '' AND (
				SELECT true FROM effect b WHERE b.customer = a.customer AND b.conversation = a.conversation AND b.conversation <> '' LIMIT 1)
			THEN 'pending' ELSE a.asked END AS state
			FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::timestamptz[], $8::bigint[], $9::text[], $10::timestamptz[],
				$11::timestamptz[], $12::bytea[], $14::timestamptz[], $15::text[], $16::bigint[], $17::bigint[], $18::bigint[])
			a(customer, id, asked, destination, conversation, ordinal, not_before, attempt, last_error, created, updated, body, lease, node, released, dead, put_backs))
		INSERT INTO effect (customer, id, state, destination, conversation, ordinal, ready, not_before, attempt, lease, last_error, created, updated, body, node, released, dead, put_backs)
		SELECT u.customer, u.id, u.state, u.destination, u.conversation, u.ordinal, CASE u.state WHEN 'pending' THEN u.not_before WHEN 'sending' THEN u.lease END,
			u.not_before, u.attempt + CASE u.state WHEN 'sending' THEN 1 ELSE 0 END, CASE u.state WHEN 'sending' THEN u.lease ELSE $13::timestamptz END,
			u.last_error, u.created, u.updated, u.body, CASE u.state WHEN 'sending' THEN u.node ELSE '' END, u.released, u.dead, u.put_backs
		FROM u WHERE NOT EXISTS (SELECT FROM had) RETURNING id, state`)
	qEffectSet = prepared(`UPDATE effect e SET state = $2::text, node = '', not_before = $3::timestamptz, lease = $4::timestamptz, last_error = $5::text, updated = $6::timestamptz,
		released = $8::bigint, dead = $9::bigint, put_backs = $10::bigint,
		ready = CASE $2::text WHEN 'pending' THEN $3::timestamptz WHEN 'sending' THEN $4::timestamptz END
		FROM (SELECT e.ctid AS place FROM effect e` + only("e.id", "$1::text", " AND e.attempt = $7::bigint") + ` FOR NO KEY UPDATE) h WHERE e.ctid = h.place`)
	qEffectDone = prepared(`DELETE FROM effect e USING (SELECT e.ctid AS place FROM effect e` + only("e.id", "$1::text", " AND e.attempt = $2::bigint") + ` FOR UPDATE) h
		WHERE e.ctid = h.place`)
	// What another transaction is just changing is passed over.
	qEffectEnd = prepared(`DELETE FROM effect e USING (SELECT f.place, u.attempt FROM unnest($1::text[], $2::bigint[]) u(id, attempt)
			CROSS JOIN LATERAL (SELECT e.ctid AS place FROM effect e` + only("e.id", "u.id", " AND e.attempt = u.attempt") + `) f) h
		WHERE e.ctid = h.place AND e.attempt = h.attempt
		RETURNING e.id, CASE WHEN e.conversation <> '' AND EXISTS (SELECT FROM effect b
			WHERE b.customer = e.customer AND b.conversation = e.conversation AND b.conversation <> '' AND b.id <> e.id) THEN 1 ELSE 0 END::bigint`)
	qEffectDel = prepared(`DELETE FROM effect e USING (SELECT f.place FROM unnest($1::text[]) u(id) CROSS JOIN LATERAL (SELECT e.ctid AS place FROM effect e` +
		only("e.id", "u.id", "") + `) f) h WHERE e.ctid = h.place`) // they are held
	qEffectMove = prepared(`UPDATE effect SET customer = $1::bigint WHERE customer = $2::bigint`)
	qEffectWipe = prepared(`DELETE FROM effect WHERE customer = ANY ($1::bigint[])`)

	// Destinations are few, and their queues may be long: each gives at most
	// what it has room for. Whether something stands before an effect in its
	// conversation is asked of the rows themselves: a mark on the first one
	// would go wrong between a transaction that removes it and another that
	// adds the next.
	qEffectReady = prepared(effectPlaces + `SELECT f.id, p.destination, f.ready FROM place p CROSS JOIN LATERAL (
			SELECT e.id, e.ready FROM effect e WHERE e.destination = p.destination AND e.ready <= $1::timestamptz
				AND (e.conversation = '' OR NOT EXISTS (SELECT FROM effect b
					WHERE b.customer = e.customer AND b.conversation = e.conversation AND b.conversation <> '' AND (b.ordinal, b.id) < (e.ordinal, e.id)))
			ORDER BY e.ready, e.id
			LIMIT $5::bigint * least($6::bigint, coalesce((SELECT m.most FROM unnest($3::text[], $4::bigint[]) m(destination, most) WHERE m.destination = p.destination), $7::bigint))) f
		WHERE p.destination IS NOT NULL AND NOT p.destination = ANY ($2::text[])
		ORDER BY f.ready, f.id`)
	qEffectClaim = prepared(`WITH free AS MATERIALIZED (SELECT f.place FROM unnest($1::text[]) u(id) CROSS JOIN LATERAL (SELECT e.ctid AS place FROM effect e` +
		only("e.id", "u.id", " AND coalesce(e.ready, 'infinity') <= $2::timestamptz") + ` FOR NO KEY UPDATE SKIP LOCKED) f)
		UPDATE effect e SET state = 'sending', attempt = e.attempt + 1, lease = $3::timestamptz, ready = $3::timestamptz, updated = $2::timestamptz, node = $4::text
			FROM free f WHERE e.ctid = f.place
			RETURNING e.id, e.customer, e.state, e.not_before, e.attempt, e.lease, e.last_error, e.created, e.updated, e.body, e.released, e.dead, e.put_backs`)
)

func (q *rows) effect() (e store.EffectRow) {
	q.decode(9, &e.Effect)
	e.ID, e.Customer, e.State = q.str(0), domain.CustomerID(q.i(1)), domain.EffectState(q.str(2))
	e.NotBefore, e.Attempt, e.Lease, e.LastError = q.at(3), int(q.i(4)), q.at(5), q.str(6)
	e.CreatedAt, e.UpdatedAt = q.at(7), q.at(8)
	e.Released, e.Dead, e.PutBacks = q.i(10) != 0, q.i(11) != 0, int(q.i(12))
	return e
}

func (r *reader) effects(q *rows) (out []store.EffectRow) {
	for q.next() {
		out = append(out, q.effect())
	}
	return out
}

func (r *reader) EffectGet(id string) (e store.EffectRow, err error) {
	found := r.effects(r.query(qEffectGet, r.arg().text(id)))
	if len(found) == 0 {
		return e, r.missing("effect", id)
	}
	return found[0], r.err
}

func (r *reader) EffectList(p store.EffectListParams) ([]store.EffectRow, error) {
	var q *rows
	switch limit := int64(store.Limit(p.Limit)); {
	case p.Customer != 0:
		q = r.query(qEffectOf, r.arg().text(p.After).int(int64(p.Customer)).text(string(p.State)).int(limit))
	case p.State == domain.EffectHeld:
		q = r.query(qEffectHeld, r.arg().text(p.After).int(limit))
	case p.State == domain.EffectDead:
		q = r.query(qEffectDead, r.arg().text(p.After).int(limit))
	case p.State != "":
		q = r.query(qEffectState, r.arg().text(p.After).text(string(p.State)).int(limit))
	default:
		q = r.query(qEffectList, r.arg().text(p.After).int(limit))
	}
	return r.effects(q), r.err
}

func (t *tx) EffectAdd(rows []store.EffectRow) error {
	ids, list := map[string]bool{}, make([]string, len(rows))
	for i := range rows {
		e := &rows[i]
		if e.ID == "" || e.Customer <= 0 {
			return emptyKey("effect id or customer")
		}
		if list[i] = storable(e.ID); ids[list[i]] {
			return fmt.Errorf("%w: effect %s is in the outbox", store.ErrConflict, e.ID)
		}
		ids[list[i]] = true
	}
	if err := store.BeginEffects(rows); err != nil {
		return err
	}
	if len(rows) > batchRows { // before the first part is written
		if err := t.noEffects(list); err != nil {
			return err
		}
	}
	chunks(len(rows), func(from, to int) {
		if t.addEffects(rows[from:to]) == 0 && t.err == nil && t.conflict == nil {
			if t.conflict = t.noEffects(list[from:to]); t.conflict == nil {
				t.fail(errAgain) // it was there a moment ago
			}
		}
	})
	if err := t.refused(); err != nil {
		return err
	}
	return t.err
}

// noEffects refuses ids of which there is an effect.
func (t *tx) noEffects(ids []string) error {
	chunks(len(ids), func(from, to int) {
		for q := t.query(qEffectIs, t.arg().strings(ids[from:to])); q.next(); {
			t.conflict = fmt.Errorf("%w: effect %s is in the outbox", store.ErrConflict, q.str(0))
		}
	})
	return t.refused()
}

// addEffects adds all of them or, when one is there already, none.
func (t *tx) addEffects(part []store.EffectRow) (added int) {
	n := len(part)
	at := make(map[string]*store.EffectRow, n)
	for i := range part {
		at[storable(part[i].ID)] = &part[i]
	}
	q := t.query(qEffectAdd, t.arg().
		ints(n, func(i int) int64 { return int64(part[i].Customer) }).
		texts(n, func(i int) string { return part[i].ID }).
		texts(n, func(i int) string { return string(part[i].State) }).
		texts(n, func(i int) string { return part[i].Destination }).
		texts(n, func(i int) string { return part[i].Conversation }).
		ints(n, func(i int) int64 { return part[i].Ordinal }).
		times(n, func(i int) time.Time { return part[i].NotBefore }).
		ints(n, func(i int) int64 { return int64(part[i].Attempt) }).
		texts(n, func(i int) string { return part[i].LastError }).
		times(n, func(i int) time.Time { return part[i].CreatedAt }).
		times(n, func(i int) time.Time { return part[i].UpdatedAt }).
		nouns(n, func(i int) any { return &part[i].Effect }).
		time(time.Time{}).
		times(n, func(i int) time.Time { return part[i].Lease }).
		texts(n, func(i int) string { return part[i].Under }).
		ints(n, func(i int) int64 { return asInt(part[i].Released) }).
		ints(n, func(i int) int64 { return asInt(part[i].Dead) }).
		ints(n, func(i int) int64 { return int64(part[i].PutBacks) }))
	for q.next() {
		e := at[q.str(0)]
		if domain.EffectState(q.str(1)) != e.State {
			e.Wait()
		}
		if e.State == domain.EffectSending {
			e.Attempt++
			e.Lease = truncated(e.Lease)
		} else {
			t.wake = t.wake || e.State == domain.EffectPending
		}
		t.ready(e)
		added++
	}
	return added
}

// holdEffects reads effects and locks them until the transaction ends.
func (t *tx) holdEffects(ids []string) map[string]store.EffectRow {
	out := map[string]store.EffectRow{}
	chunks(len(ids), func(from, to int) {
		for q := t.query(qEffectHold, t.arg().strings(ids[from:to])); q.next(); {
			e := q.effect()
			out[e.ID] = e
		}
	})
	return out
}

func (t *tx) EffectCancel(ids []string) ([]store.EffectRow, error) {
	held := t.holdEffects(ids)
	var out []store.EffectRow
	var gone []string
	for _, id := range ids {
		id = storable(id)
		if e, ok := held[id]; ok && (e.State == domain.EffectPending || e.State == domain.EffectHeld) {
			delete(held, id)
			out, gone = append(out, e), append(gone, id)
		}
	}
	if len(gone) > 0 {
		t.exec(qEffectDel, t.arg().strings(gone))
		t.wake = true // what stood behind them may leave
	}
	return out, t.err
}

// EffectClaim leases no more than it wants. It looks at no more either, until
// it meets others that claim the same ones.
func (t *tx) EffectClaim(p store.EffectClaimParams) ([]store.EffectRow, error) {
	limit := store.Limit(p.Limit)
	found := t.readyEffects(&p, 1)
	var out []store.EffectRow
	taken, tried := map[string]int{}, map[string]bool{}
	for wide := false; len(out) < limit && t.err == nil; {
		var pick []string
		picked := map[string]int{}
		for _, c := range found {
			if !tried[c.id] && len(out)+len(pick) < limit && taken[c.destination]+picked[c.destination] < p.MostFor(c.destination) {
				pick = append(pick, c.id)
				picked[c.destination]++
				tried[c.id] = true
			}
		}
		if len(pick) == 0 {
			break
		}
		got := t.effects(t.query(qEffectClaim, t.arg().strings(pick).time(p.Now).time(truncated(p.Now.Add(p.Lease))).text(p.Under)))
		for i := range got {
			taken[got[i].Destination]++
		}
		if out = append(out, got...); len(got) == len(pick) {
			break
		}
		if !wide {
			found, wide = append(found, t.readyEffects(&p, claimWindow)...), true
		}
	}
	since := make(map[string]time.Time, len(found))
	for _, c := range found {
		since[c.id] = c.ready
	}
	slices.SortFunc(out, func(a, b store.EffectRow) int {
		return cmp.Or(since[a.ID].Compare(since[b.ID]), strings.Compare(a.ID, b.ID))
	})
	return out, t.err
}

// readyEffect is an effect that may be claimed.
type readyEffect struct {
	id, destination string
	ready           time.Time
	blocked         bool // by another one of its conversation
}

func byReady(a, b readyEffect) int {
	return cmp.Or(a.ready.Compare(b.ready), strings.Compare(a.id, b.id))
}

// readyEffects finds what may be claimed, longest-ready first: of each
// destination so many times what is wanted of it.
func (t *tx) readyEffects(p *store.EffectClaimParams, times int64) (found []readyEffect) {
	if len(t.lows) == 0 { // what this transaction made ready has not brought floors down yet
		if look := t.s.floors.begin(); look != nil {
			if found, ok := t.readyAbove(look, p, times); ok {
				return found
			}
		}
	}
	began := time.Now()
	limit := int64(store.Limit(p.Limit))
	most := limit
	if p.Most > 0 {
		most = int64(p.Most)
	}
	of := slices.Sorted(maps.Keys(p.MostOf))
	a := t.arg().time(p.Now).strings(p.Busy).strings(of).
		ints(len(of), func(i int) int64 { return int64(p.MostFor(of[i])) }).int(times).int(limit).int(most)
	for q := t.query(qEffectReady, a); q.next(); {
		found = append(found, readyEffect{id: q.str(0), destination: q.str(1), ready: q.at(2)})
	}
	if t.s.floors.everything(time.Since(began), t.err != nil) {
		var places []string
		for q := t.query(qEffectPlaces, t.arg()); q.next(); {
			places = append(places, q.str(0))
		}
		var low lows
		for _, e := range found {
			low.add(e.destination, e.ready)
		}
		t.s.floors.know(places, low, time.Since(began))
	}
	return found
}

func (t *tx) EffectPut(row store.EffectRow) error {
	e := row
	if !row.State.Valid() {
		if have, found := t.holdEffects([]string{row.ID})[storable(row.ID)]; found && have.Attempt == row.Attempt {
			return fmt.Errorf("store: effect %s cannot become %q", row.ID, row.State)
		}
	} else if t.keepEffect(&e, int64(row.Attempt)) == 1 {
		t.wake = t.wake || e.State == domain.EffectDone && e.Conversation != ""
		return t.err
	}
	if t.err != nil {
		return t.err
	}
	return fmt.Errorf("%w: effect %.60q is no longer at attempt %d", store.ErrConflict, row.ID, row.Attempt)
}

// EffectEnd implements store.EffectEnder. Rows are removed in the order of
// their ids, so that two calls with the same ones never wait in a circle; only
// what another transaction was changing comes last.
func (t *tx) EffectEnd(rows []store.EffectRow) (ended []bool, next bool, err error) {
	ended = make([]bool, len(rows))
	first := make(map[string]int, len(rows))
	ids := make([]string, 0, len(rows))
	for i := range rows {
		id := storable(rows[i].ID)
		if _, again := first[id]; !again {
			first[id] = i
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	end := func(part []string) (left []string) {
		q := t.query(qEffectEnd, t.arg().strings(part).ints(len(part), func(i int) int64 { return int64(rows[first[part[i]]].Attempt) }))
		for q.next() {
			ended[first[q.str(0)]] = true
			next = next || q.i(1) != 0
		}
		return slices.DeleteFunc(slices.Clone(part), func(id string) bool { return ended[first[id]] })
	}
	chunks(len(ids), func(from, to int) {
		// Some are somebody else's by now, and some were only passed over.
		if left := end(ids[from:to]); len(left) > 0 && len(t.holdEffects(left)) > 0 {
			end(left)
		}
	})
	t.wake = t.wake || next
	return ended, next, t.err
}

func (t *tx) EffectSet(id string, from []domain.EffectState, to domain.EffectState, notBefore time.Time) (store.EffectRow, error) {
	e, found := t.holdEffects([]string{id})[storable(id)]
	if !found {
		return store.EffectRow{}, t.missing("effect", id)
	}
	if err := e.Set(from, to, notBefore); err != nil {
		return store.EffectRow{}, err
	}
	t.keepEffect(&e, int64(e.Attempt))
	t.wake = t.wake || e.State == domain.EffectPending || e.State == domain.EffectDone && e.Conversation != ""
	return e, t.err
}

// keepEffect stores an effect that is still at an attempt, or removes one that
// is done, and says how many it found. Only what is being sent has a lease.
func (t *tx) keepEffect(e *store.EffectRow, attempt int64) int64 {
	if e.State != domain.EffectSending {
		e.Lease = time.Time{}
	}
	if e.State == domain.EffectDone {
		return t.twice(func() int64 { return t.exec(qEffectDone, t.arg().text(e.ID).int(attempt)) })
	}
	t.ready(e)
	return t.twice(func() int64 {
		return t.exec(qEffectSet, t.arg().text(e.ID).text(string(e.State)).time(e.NotBefore).time(e.Lease).text(e.LastError).time(e.UpdatedAt).int(attempt).
			int(asInt(e.Released)).int(asInt(e.Dead)).int(int64(e.PutBacks)))
	})
}

// ready takes note of from when on an effect may be claimed.
func (t *tx) ready(e *store.EffectRow) {
	switch e.State {
	case domain.EffectPending:
		t.lows.add(storable(e.Destination), e.NotBefore)
	case domain.EffectSending:
		t.lows.add(storable(e.Destination), e.Lease)
	}
}

func asInt(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
