package postgres

import (
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// Rows keep their numbers, so these statements take them where the ordinary
// ones give new ones out. None of them replaces a row.
var (
	qLoadAdvocate = prepared(`INSERT INTO advocate (id, version, next_due, armed, redirect, erased, erased_at, created, ref, former_ref, search, state)
		SELECT u.id, u.version, u.due, u.due, nullif(u.redirect, 0), u.erased <> 0, u.erased_at, u.created, u.ref,
			CASE WHEN u.redirect <> 0 THEN u.former END, u.search, u.state
		FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[], $4::bigint[], $5::bigint[], $6::timestamptz[], $7::timestamptz[], $8::text[], $9::text[], $10::text[], $11::bytea[])
			u(id, version, due, redirect, erased, erased_at, created, ref, former, search, state)`)
	qLoadJournal = prepared(`INSERT INTO journal (customer, seq, version, at, record) SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::timestamptz[], $5::bytea[])`)
	qLoadInbox   = prepared(`INSERT INTO inbox (customer, seq, ready_at, kind, body) SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[], $4::text[], $5::bytea[])`)
	qLoadSeen    = prepared(`INSERT INTO seen (key, body, at) SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::timestamptz[])`)
	qLoadSub     = prepared(`INSERT INTO subscription (customer, id, anchor, after, body) SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::bytea[])`)
	qLoadCatchUp = prepared(`INSERT INTO catch_up (customer, subscription, seq, xid, attr, value, type, since, upto)
		SELECT u.customer, u.subscription, u.seq, pg_current_xact_id(), u.attr, u.value, u.type, u.since, u.upto
		FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::bigint[]) u(customer, subscription, seq, attr, value, type, since, upto)`)
	qLoadCase   = prepared(`INSERT INTO case_file (customer, id, updated, body) SELECT * FROM unnest($1::bigint[], $2::text[], $3::timestamptz[], $4::bytea[])`)
	qLoadEffect = prepared(`INSERT INTO effect (customer, id, state, destination, conversation, ordinal, ready, not_before, attempt, lease, last_error, created, updated, body, released, dead, put_backs)
		SELECT u.customer, u.id, u.state, u.destination, u.conversation, u.ordinal, CASE u.state WHEN 'pending' THEN u.not_before WHEN 'sending' THEN u.lease END,
			u.not_before, u.attempt, u.lease, u.last_error, u.created, u.updated, u.body, u.released, u.dead, u.put_backs
		FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::timestamptz[], $8::bigint[], $9::timestamptz[], $10::text[], $11::timestamptz[], $12::timestamptz[], $13::bytea[], $14::bigint[], $15::bigint[], $16::bigint[])
			u(customer, id, state, destination, conversation, ordinal, not_before, attempt, lease, last_error, created, updated, body, released, dead, put_backs)`)
	qLoadDocument = prepared(`INSERT INTO document (kind, id, version, expires, updated, body, keys) SELECT u.kind, u.id, u.version, u.expires, u.updated, u.body, '{}'::text[]
		FROM unnest($1::text[], $2::text[], $3::bigint[], $4::timestamptz[], $5::timestamptz[], $6::bytea[]) u(kind, id, version, expires, updated, body)`)
	qLoadAttempt  = prepared(`INSERT INTO attempt (at, ref, network, shown) SELECT * FROM unnest($1::timestamptz[], $2::text[], $3::text[], $4::text[])`)
	qLoadPlaybook = prepared(`INSERT INTO playbook (version, name, hash, source, policy, at, by, active, activated_at, activated_by)
		VALUES ($1::bigint, $2::text, $3::text, $4::bytea, $5::bytea, $6::timestamptz, $7::text, $8::boolean, $9::timestamptz, $10::text)`)

	// A sequence from which nothing was taken begins at 1.
	qLoadCounters = prepared(`SELECT setval('event_seq', greatest($1::bigint, 1), $1::bigint > 0), setval('inbox_seq', greatest($2::bigint, 1), $2::bigint > 0),
		setval('journal_seq', greatest($3::bigint, 1), $3::bigint > 0), setval('catch_up_seq', greatest($4::bigint, 1), $4::bigint > 0),
		setval('audit_seq', greatest($5::bigint, 1), $5::bigint > 0)`)
)

// load writes a piece of a table.
func (t *tx) load(d *store.Dump) error {
	eachChunk(d.Advocates, t.loadAdvocates)
	eachChunk(d.Journal, t.loadJournal)
	eachChunk(d.Inbox, t.loadInbox)
	eachChunk(d.Seen, t.loadSeen)
	eachChunk(d.Events, t.loadEvents)
	eachChunk(d.Subscriptions, t.loadSubscriptions)
	eachChunk(d.CatchUps, t.loadCatchUps)
	eachChunk(d.Cases, t.loadCases)
	eachChunk(d.Effects, t.loadEffects)
	eachChunk(d.Attempts, t.loadAttempts)
	eachChunk(d.Documents, t.loadDocuments)
	eachChunk(d.Audit, t.loadAudit)
	eachChunk(d.Deliveries, t.loadDeliveries)
	if len(d.Identities) > 0 {
		t.fail(t.IdentitySet(d.Identities))
	}
	if len(d.Posts) > 0 {
		t.fail(t.PostPut(d.Posts))
	}
	if len(d.Orders) > 0 {
		t.fail(t.OrderPut(d.Orders))
	}
	if len(d.WorkItems) > 0 {
		t.fail(t.WorkItemPut(d.WorkItems))
	}
	t.loadRest(d)
	return t.err
}

// loadRest writes what there is little of.
func (t *tx) loadRest(d *store.Dump) {
	for i := range d.Fanouts {
		t.fail(t.FanoutPut(d.Fanouts[i]))
	}
	for i := range d.Notices {
		t.fail(t.NoticePut(d.Notices[i].Event, d.Notices[i].Key, d.Notices[i].Anchors))
	}
	for i := range d.Playbooks {
		p := &d.Playbooks[i]
		t.exec(qLoadPlaybook, t.arg().int(p.Version).text(p.Name).text(p.Hash).blob(p.Source).blob(p.Policy).time(p.At).text(p.By).
			bool(p.Active).time(p.ActivatedAt).text(p.ActivatedBy))
		t.published = true
	}
	for i := range d.Switches {
		t.fail(t.SwitchPut(d.Switches[i]))
	}
	for i := range d.Tokens {
		t.fail(t.TokenPut(d.Tokens[i]))
	}
	for i := range d.Merges {
		t.fail(t.MergePut(d.Merges[i]))
	}
	for _, c := range d.Counters {
		t.query(qLoadCounters, t.arg().int(c.Event).int(c.Inbox).int(c.Journal).int(c.CatchUp).int(c.Audit)).close()
	}
}

func eachChunk[T any](rows []T, f func(part []T)) {
	chunks(len(rows), func(from, to int) { f(rows[from:to]) })
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// loadAdvocates arms each for its own time: what was armed earlier than due
// would only be put back.
func (t *tx) loadAdvocates(part []store.DumpAdvocate) {
	n := len(part)
	t.exec(qLoadAdvocate, t.arg().
		ints(n, func(i int) int64 { return int64(part[i].ID) }).
		ints(n, func(i int) int64 { return part[i].Version }).
		maybes(n, func(i int) time.Time { return part[i].NextDue }).
		ints(n, func(i int) int64 { return int64(part[i].Redirect) }).
		ints(n, func(i int) int64 { return bit(part[i].Erased) }).
		maybes(n, func(i int) time.Time { return part[i].ErasedAt }).
		times(n, func(i int) time.Time { return part[i].CreatedAt }).
		texts(n, func(i int) string { return part[i].Ref }).
		texts(n, func(i int) string { return part[i].FormerRef }).
		texts(n, func(i int) string { return part[i].Search }).
		blobs(n, func(i int) []byte { return part[i].State }))
	text := map[domain.CustomerID]heldAdvocate{}
	for i := range part {
		a := &part[i]
		if a.Ref != "" || a.Search != "" {
			text[a.ID] = heldAdvocate{ref: storable(a.Ref), search: storable(a.Search)}
		}
		if a.Redirect == 0 && !a.Erased {
			t.delta.customers++
		}
	}
	t.takeRefs(text)
	t.putWords(text)
}

func (t *tx) loadJournal(part []store.JournalRow) {
	n := len(part)
	t.exec(qLoadJournal, t.arg().
		ints(n, func(i int) int64 { return int64(part[i].Customer) }).
		ints(n, func(i int) int64 { return part[i].Seq }).
		ints(n, func(i int) int64 { return part[i].Version }).
		times(n, func(i int) time.Time { return part[i].At }).
		blobs(n, func(i int) []byte { return part[i].Record }))
}

func (t *tx) loadInbox(part []store.InboxRow) {
	n := len(part)
	t.exec(qLoadInbox, t.arg().
		ints(n, func(i int) int64 { return int64(part[i].Customer) }).
		ints(n, func(i int) int64 { return part[i].Seq }).
		times(n, func(i int) time.Time { return part[i].ReadyAt }).
		texts(n, func(i int) string { return string(part[i].Kind) }).
		blobs(n, func(i int) []byte { return part[i].Body }))
	t.delta.inputs += int64(n)
}

func (t *tx) loadSeen(part []store.SeenRow) {
	n := len(part)
	t.exec(qLoadSeen, t.arg().
		uuids(n, func(i int) [16]byte { return part[i].Key }).
		ints(n, func(i int) int64 { return int64(part[i].Body) }).
		times(n, func(i int) time.Time { return part[i].At }))
}

func (t *tx) loadEvents(part []domain.Event) {
	n := len(part)
	t.exec(qEventAdd, t.arg().
		ints(n, func(i int) int64 { return part[i].Seq }).
		times(n, func(i int) time.Time { return part[i].AcceptedAt() }).
		nouns(n, func(i int) any { return bodyOf(&part[i]) }).
		blobs(n, func(i int) []byte { return part[i].Data }))
	var anchors []anchored
	for i := range part {
		anchors = append(anchors, anchoredOf(&part[i])...)
	}
	t.exec(qAnchorAdd, t.arg().anchored(anchors))
	t.delta.events += int64(n)
}

func (t *tx) loadSubscriptions(part []store.SubscriptionRow) {
	n := len(part)
	t.exec(qLoadSub, t.arg().
		ints(n, func(i int) int64 { return int64(part[i].Customer) }).
		texts(n, func(i int) string { return part[i].ID }).
		ints(n, func(i int) int64 { return anchorHash(part[i].Anchor) }).
		ints(n, func(i int) int64 { return part[i].After }).
		nouns(n, func(i int) any { return &part[i].Subscription }))
	t.delta.subscriptions += int64(n)
}

// loadCatchUps writes rows that are settled: where they came from, the end was
// known when they were committed.
func (t *tx) loadCatchUps(part []store.DumpCatchUp) {
	n := len(part)
	t.exec(qLoadCatchUp, t.arg().
		ints(n, func(i int) int64 { return int64(part[i].Customer) }).
		texts(n, func(i int) string { return part[i].Subscription }).
		ints(n, func(i int) int64 { return part[i].Seq }).
		texts(n, func(i int) string { return part[i].Anchor.Attr }).
		texts(n, func(i int) string { return part[i].Anchor.Value }).
		texts(n, func(i int) string { return part[i].To }).
		times(n, func(i int) time.Time { return part[i].Since }).
		ints(n, func(i int) int64 { return part[i].Upto }))
}

func (t *tx) loadCases(part []store.DumpCase) {
	n := len(part)
	t.exec(qLoadCase, t.arg().
		ints(n, func(i int) int64 { return int64(part[i].Customer) }).
		texts(n, func(i int) string { return part[i].Case.ID }).
		times(n, func(i int) time.Time { return part[i].Case.UpdatedAt }).
		nouns(n, func(i int) any { return &part[i].Case }))
}

func (t *tx) loadEffects(part []store.EffectRow) {
	n := len(part)
	t.exec(qLoadEffect, t.arg().
		ints(n, func(i int) int64 { return int64(part[i].Customer) }).
		texts(n, func(i int) string { return part[i].ID }).
		texts(n, func(i int) string { return string(part[i].State) }).
		texts(n, func(i int) string { return part[i].Destination }).
		texts(n, func(i int) string { return part[i].Conversation }).
		ints(n, func(i int) int64 { return part[i].Ordinal }).
		times(n, func(i int) time.Time { return part[i].NotBefore }).
		ints(n, func(i int) int64 { return int64(part[i].Attempt) }).
		times(n, func(i int) time.Time { return part[i].Lease }).
		texts(n, func(i int) string { return part[i].LastError }).
		times(n, func(i int) time.Time { return part[i].CreatedAt }).
		times(n, func(i int) time.Time { return part[i].UpdatedAt }).
		nouns(n, func(i int) any { return &part[i].Effect }).
		ints(n, func(i int) int64 { return asInt(part[i].Released) }).
		ints(n, func(i int) int64 { return asInt(part[i].Dead) }).
		ints(n, func(i int) int64 { return int64(part[i].PutBacks) }))
}

// loadDocuments writes documents with the versions that they have.
func (t *tx) loadDocuments(part []store.Document) {
	n := len(part)
	t.exec(qLoadDocument, t.arg().
		texts(n, func(i int) string { return part[i].Kind }).
		texts(n, func(i int) string { return part[i].ID }).
		ints(n, func(i int) int64 { return part[i].Version }).
		maybes(n, func(i int) time.Time { return part[i].ExpiresAt }).
		times(n, func(i int) time.Time { return part[i].UpdatedAt }).
		blobs(n, func(i int) []byte { return part[i].Body }))
	var keys []documentKey
	var ids []string
	for i := range part {
		d := &part[i]
		if len(d.Keys) == 0 {
			continue
		}
		t.exec(qDocumentKeys, t.arg().text(d.Kind).text(d.ID).strings(d.Keys))
		for _, k := range missingFrom(d.Kind, storables(d.Keys), nil) {
			keys, ids = append(keys, k), append(ids, d.ID)
		}
	}
	chunks(len(keys), func(from, to int) {
		t.exec(qKeyAdd, t.arg().documentKeys(keys[from:to]).strings(ids[from:to]))
	})
}

func (t *tx) loadAttempts(part []store.DumpAttempt) {
	n := len(part)
	t.exec(qLoadAttempt, t.arg().
		times(n, func(i int) time.Time { return part[i].At }).
		texts(n, func(i int) string { return part[i].Order }).
		texts(n, func(i int) string { return part[i].Network }).
		texts(n, func(i int) string { return part[i].Shown }))
}
