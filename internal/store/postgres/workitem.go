package postgres

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

var (
	qWorkItemGet = prepared(`SELECT body FROM work_item WHERE id = $1::text`)
	qWorkItemPut = prepared(`INSERT INTO work_item (customer, id, state, queue, created, updated, not_before, holder, body)
		SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::timestamptz[], $8::text[], $9::bytea[])
		ON CONFLICT (id) DO UPDATE SET customer = excluded.customer, state = excluded.state, queue = excluded.queue, created = excluded.created,
			updated = excluded.updated, not_before = excluded.not_before, holder = excluded.holder, body = excluded.body`)
	qWorkItemHeld = prepared(`SELECT body FROM work_item WHERE holder = $4::text AND holder <> '' AND (created, id) < ($1::timestamptz, $2::text)
		AND ($5::text = '' OR state = $5::text) AND ($6::text = '' OR queue = $6::text) AND ($7::bigint = 0 OR customer = $7::bigint)
		ORDER BY created DESC, id DESC LIMIT $3::bigint`)
	qWorkItemScan  = prepared(`SELECT body FROM work_item WHERE id > $1::text AND state IN ('pending', 'reserved', 'assigned', 'wrapping') ORDER BY id LIMIT $2::bigint`)
	qWorkItemOf    = prepared(`SELECT body FROM work_item WHERE customer = $1::bigint ORDER BY id FOR NO KEY UPDATE`)
	qWorkItemWipe  = prepared(`DELETE FROM work_item WHERE customer = ANY ($1::bigint[])`)
	qWorkItemPrune = prepared(`DELETE FROM work_item WHERE id IN
		(SELECT id FROM work_item WHERE state IN ('completed', 'canceled') AND updated < $1::timestamptz ORDER BY updated LIMIT $2::bigint)`)

	qQueueStats = prepared(`WITH RECURSIVE place AS (
			(SELECT queue FROM work_item ORDER BY queue LIMIT 1)
			UNION ALL
			SELECT (SELECT w.queue FROM work_item w WHERE w.queue > p.queue ORDER BY w.queue LIMIT 1) FROM place p WHERE p.queue IS NOT NULL)
		SELECT p.queue, w.n, w.since, h.n, h.took FROM place p
		CROSS JOIN LATERAL (SELECT count(*) AS n, min(greatest(created, not_before)) AS since FROM work_item
			WHERE queue = p.queue AND state = 'pending' AND not_before <= $1::timestamptz AND created <= $1::timestamptz) w
		CROSS JOIN LATERAL (SELECT count(*) AS n, sum((extract(epoch FROM updated - created) * 1000000)::bigint)::bigint AS took FROM work_item
			WHERE queue = p.queue AND state = 'completed' AND updated > $2::timestamptz) h
		WHERE p.queue IS NOT NULL ORDER BY p.queue`)

	qCaseGet  = prepared(`SELECT body FROM case_file WHERE id = $1::text`)
	qCaseList = prepared(`SELECT body FROM case_file WHERE customer = $1::bigint ORDER BY updated DESC, id LIMIT $2::bigint`)
	qCasePut  = prepared(`INSERT INTO case_file (customer, id, updated, body) SELECT $1::bigint, u.id, u.updated, u.body
		FROM unnest($2::text[], $3::timestamptz[], $4::bytea[]) u(id, updated, body)
		ON CONFLICT (id) DO UPDATE SET customer = excluded.customer, updated = excluded.updated, body = excluded.body`)
	qCaseMove = prepared(`UPDATE case_file SET customer = $1::bigint WHERE customer = $2::bigint`)
	qCaseWipe = prepared(`DELETE FROM case_file WHERE customer = ANY ($1::bigint[])`)
)

// qWorkItemLists holds the list's statement for each set of filters: 1 state,
// 2 queue, 4 customer.
var qWorkItemLists = func() (out [8]query) {
	for i := range out {
		where := ""
		for bit, filter := range []string{"state = $4::text", "queue = $5::text", "customer = $6::bigint"} {
			if i&(1<<bit) != 0 {
				where += filter + ` AND `
			} else { // every parameter has a type, also where it says nothing
				where += []string{"$4::text IS NOT NULL", "$5::text IS NOT NULL", "$6::bigint IS NOT NULL"}[bit] + ` AND `
			}
		}
		out[i] = prepared(`SELECT body FROM work_item WHERE ` + where + `(created, id) < ($1::timestamptz, $2::text) ORDER BY created DESC, id DESC LIMIT $3::bigint`)
	}
	return out
}()

func (q *rows) workItem() (w domain.WorkItem) {
	q.decode(0, &w)
	w.CreatedAt, w.UpdatedAt = truncated(w.CreatedAt), truncated(w.UpdatedAt)
	return w
}

func (r *reader) workItems(q *rows) (out []domain.WorkItem) {
	for q.next() {
		out = append(out, q.workItem())
	}
	return out
}

func (r *reader) WorkItemGet(id string) (w domain.WorkItem, err error) {
	found := r.workItems(r.query(qWorkItemGet, r.arg().text(id)))
	if len(found) == 0 {
		return w, r.missing("work item", id)
	}
	return found[0], r.err
}

func (r *reader) WorkItemList(p store.WorkItemListParams) ([]domain.WorkItem, error) {
	created, id := forever, ""
	switch {
	case !p.At.IsZero():
		created, id = p.At, p.After
	case p.After != "":
		after, err := r.WorkItemGet(p.After)
		if err != nil {
			return nil, err
		}
		created, id = after.CreatedAt, p.After
	}
	limit := store.Limit(p.Limit)
	switch {
	case p.Holder != "": // who holds it holds it open
		return r.workItems(r.query(qWorkItemHeld, r.arg().time(created).text(id).int(int64(limit)).
			text(p.Holder).text(string(p.State)).text(p.Queue).int(int64(p.Customer)))), r.err
	case p.Open:
		return r.openWorkItems(p, created, id, limit), r.err
	}
	q, a := listWorkItems(p, r.arg(), created, id, limit)
	return r.workItems(r.query(q, a)), r.err
}

// listWorkItems gives the statement for a set of filters, and its parameters.
func listWorkItems(p store.WorkItemListParams, a *args, created time.Time, id string, limit int) (query, *args) {
	filter := 0
	for bit, set := range []bool{p.State != "", p.Queue != "", p.Customer != 0} {
		if set {
			filter |= 1 << bit
		}
	}
	return qWorkItemLists[filter], a.time(created).text(id).int(int64(limit)).text(string(p.State)).text(p.Queue).int(int64(p.Customer))
}

// openWorkItems asks for each open state by itself, all in one round trip: the
// index of states has them in order.
func (r *reader) openWorkItems(p store.WorkItemListParams, created time.Time, id string, limit int) (out []domain.WorkItem) {
	if p.Customer != 0 { // who has few
		q, a := listWorkItems(p, r.arg(), created, id, math.MaxInt32)
		out = slices.DeleteFunc(r.workItems(r.query(q, a)), func(w domain.WorkItem) bool { return !slices.Contains(store.OpenStates, w.State) })
		return out[:min(len(out), limit)]
	}
	states := p.States()
	if len(states) == 0 {
		return nil
	}
	b := r.batch()
	for _, p.State = range states {
		b.add(listWorkItems(p, b.arg(), created, id, limit))
	}
	b.send()
	for range states {
		out = append(out, r.workItems(b.next())...)
	}
	b.close()
	slices.SortFunc(out, func(a, b domain.WorkItem) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(b.ID, a.ID))
	})
	return out[:min(len(out), limit)]
}

func (r *reader) WorkItemScan(p store.WorkItemScanParams) ([]domain.WorkItem, error) {
	return r.workItems(r.query(qWorkItemScan, r.arg().text(p.After).int(int64(store.Limit(p.Limit))))), r.err
}

func (t *tx) WorkItemPut(items []domain.WorkItem) error {
	for i := range items {
		if items[i].ID == "" {
			return emptyKey("work item id")
		}
	}
	chunksOf(len(items), func(i int) string { return storable(items[i].ID) }, func(from, to int) {
		part := items[from:to]
		n := len(part)
		t.exec(qWorkItemPut, t.arg().
			ints(n, func(i int) int64 { return int64(part[i].Customer) }).
			texts(n, func(i int) string { return part[i].ID }).
			texts(n, func(i int) string { return string(part[i].State) }).
			texts(n, func(i int) string { return part[i].Queue }).
			times(n, func(i int) time.Time { return part[i].CreatedAt }).
			times(n, func(i int) time.Time { return part[i].UpdatedAt }).
			times(n, func(i int) time.Time { return part[i].NotBefore }).
			texts(n, func(i int) string { return part[i].Holder() }).
			nouns(n, func(i int) any { return &part[i] }))
	})
	return t.err
}

// moveWorkItems rewrites them: they name their customer.
func (t *tx) moveWorkItems(from, to domain.CustomerID) {
	items := t.workItems(t.query(qWorkItemOf, t.arg().int(int64(from))))
	for i := range items {
		items[i].Customer = to
	}
	t.fail(t.WorkItemPut(items))
}

func (r *reader) QueueStats(now time.Time) ([]store.QueueStats, error) {
	var out []store.QueueStats
	for q := r.query(qQueueStats, r.arg().time(now).time(now.Add(-24*time.Hour))); q.next(); {
		s := store.QueueStats{Queue: q.str(0), Waiting: int(q.i(1)), Handled: int(q.i(3))}
		if s.Waiting > 0 {
			s.Oldest = now.Sub(q.at(2)).Truncate(time.Microsecond)
		}
		if s.Handled > 0 {
			s.MeanWait = time.Duration(q.i(4)/q.i(3)) * time.Microsecond
		}
		out = append(out, s)
	}
	return out, r.err
}

func (q *rows) caseFile() (c domain.Case) {
	q.decode(0, &c)
	c.UpdatedAt = truncated(c.UpdatedAt)
	return c
}

func (r *reader) CaseGet(id string) (c domain.Case, err error) {
	q := r.query(qCaseGet, r.arg().text(id))
	if !q.next() {
		return c, r.missing("case", id)
	}
	c = q.caseFile()
	q.close()
	return c, r.err
}

func (r *reader) CaseList(customer domain.CustomerID, limit int) ([]domain.Case, error) {
	var out []domain.Case
	for q := r.query(qCaseList, r.arg().int(int64(customer)).int(int64(store.Limit(limit)))); q.next(); {
		out = append(out, q.caseFile())
	}
	return out, r.err
}

func (t *tx) CasePut(customer domain.CustomerID, cases []domain.Case) error {
	for i := range cases {
		if cases[i].ID == "" || customer <= 0 {
			return emptyKey("case id or customer")
		}
	}
	chunksOf(len(cases), func(i int) string { return storable(cases[i].ID) }, func(from, to int) {
		part := cases[from:to]
		n := len(part)
		t.exec(qCasePut, t.arg().int(int64(customer)).
			texts(n, func(i int) string { return part[i].ID }).
			times(n, func(i int) time.Time { return part[i].UpdatedAt }).
			nouns(n, func(i int) any { return &part[i] }))
	})
	return t.err
}
