package sqlite

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

var (
	qWorkItemGet = prepared(`SELECT created, body FROM work_item WHERE id = ?`)
	qWorkItemPut = prepared(`INSERT INTO work_item (id, customer, state, queue, created, updated, not_before, holder, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET customer = excluded.customer, state = excluded.state, queue = excluded.queue, created = excluded.created,
			updated = excluded.updated, not_before = excluded.not_before, holder = excluded.holder, body = excluded.body`)
	qWorkItemOf   = prepared(`SELECT body FROM work_item WHERE customer = ?`)
	qWorkItemHeld = prepared(`SELECT body FROM work_item WHERE holder = ?3 AND holder <> '' AND (created, id) < (?1, ?2) AND (?4 = '' OR state = ?4)
		AND (?5 = '' OR queue = ?5) AND (?6 = 0 OR customer = ?6) ORDER BY created DESC, id DESC LIMIT ?7`)
	// By itself SQLite takes the index of states here and below, and sorts.
	qWorkItemScan  = prepared(`SELECT body FROM work_item INDEXED BY work_item_open WHERE id > ? AND state IN ('pending', 'reserved', 'assigned', 'wrapping') ORDER BY id LIMIT ?`)
	qWorkItemWipe  = prepared(`DELETE FROM work_item WHERE customer = ?`)
	qWorkItemPrune = prepared(`DELETE FROM work_item WHERE n IN (SELECT n FROM work_item INDEXED BY work_item_closed WHERE state IN ('completed', 'canceled') AND updated < ? ORDER BY updated LIMIT ?)`)

	qQueueNext    = prepared(`SELECT queue FROM work_item WHERE queue > ? ORDER BY queue LIMIT 1`)
	qQueueEmpty   = prepared(`SELECT 1 FROM work_item WHERE queue = '' LIMIT 1`)
	qQueueWaiting = prepared(`SELECT count(*), min(max(created, not_before)) FROM work_item WHERE queue = ? AND state = 'pending' AND not_before <= ?2 AND created <= ?2`)
	qQueueHandled = prepared(`SELECT count(*), sum(updated - created) FROM work_item WHERE queue = ? AND state = 'completed' AND updated > ?`)

	qCaseGet  = prepared(`SELECT body FROM case_file WHERE id = ?`)
	qCaseList = prepared(`SELECT body FROM case_file WHERE customer = ? ORDER BY updated DESC, id LIMIT ?`)
	qCasePut  = prepared(`INSERT OR REPLACE INTO case_file (id, customer, updated, body) VALUES (?, ?, ?, ?)`)
	qCaseMove = prepared(`UPDATE case_file SET customer = ? WHERE customer = ?`)
	qCaseWipe = prepared(`DELETE FROM case_file WHERE customer = ?`)
)

// qWorkItemLists holds the list's statement for each set of filters: 1 state,
// 2 queue, 4 customer.
var qWorkItemLists = func() (out [8]query) {
	for i := range out {
		where := ""
		for bit, column := range []string{"state", "queue", "customer"} {
			if i&(1<<bit) != 0 {
				where += column + ` = ? AND `
			}
		}
		out[i] = prepared(`SELECT body FROM work_item WHERE ` + where + `(created, id) < (?, ?) ORDER BY created DESC, id DESC LIMIT ?`)
	}
	return out
}()

func (s *stmt) workItem(col int) (w domain.WorkItem) {
	s.decode(col, &w)
	w.CreatedAt, w.UpdatedAt = truncated(w.CreatedAt), truncated(w.UpdatedAt)
	return w
}

func (r *reader) WorkItemGet(id string) (w domain.WorkItem, err error) {
	q := r.q(qWorkItemGet).text(id)
	if !q.row() {
		return w, r.missing("work item", id)
	}
	w = q.workItem(1)
	q.reset()
	return w, r.err
}

// missing is what a read of one thing returns when it found nothing.
func (r *reader) missing(what, id string) error {
	if r.err != nil {
		return r.err
	}
	return fmt.Errorf("%w: %s %.60q", store.ErrNotFound, what, id)
}

func (r *reader) WorkItemList(p store.WorkItemListParams) ([]domain.WorkItem, error) {
	created, id := int64(1<<63-1), ""
	switch {
	case !p.At.IsZero():
		created, id = p.At.UnixMicro(), p.After
	case p.After != "":
		after, err := r.WorkItemGet(p.After)
		if err != nil {
			return nil, err
		}
		created, id = after.CreatedAt.UnixMicro(), p.After
	}
	var out []domain.WorkItem
	limit := store.Limit(p.Limit)
	switch {
	case p.Holder != "": // who holds it holds it open
		for q := r.q(qWorkItemHeld).int(created).text(id).text(p.Holder).text(string(p.State)).text(p.Queue).int(int64(p.Customer)).int(int64(limit)); q.row(); {
			out = append(out, q.workItem(0))
		}
	case p.Open && p.Customer != 0: // who has few
		for _, w := range r.workItems(p, created, id, math.MaxInt32) {
			if slices.Contains(store.OpenStates, w.State) {
				out = append(out, w)
			}
		}
		out = out[:min(len(out), limit)]
	case p.Open:
		for _, p.State = range p.States() {
			out = append(out, r.workItems(p, created, id, limit)...)
		}
		slices.SortFunc(out, func(a, b domain.WorkItem) int {
			return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), strings.Compare(b.ID, a.ID))
		})
		out = out[:min(len(out), limit)]
	default:
		out = r.workItems(p, created, id, limit)
	}
	return out, r.err
}

// workItems gives those behind a place that the filters let through.
func (r *reader) workItems(p store.WorkItemListParams, created int64, id string, limit int) (out []domain.WorkItem) {
	filter := 0
	for bit, set := range []bool{p.State != "", p.Queue != "", p.Customer != 0} {
		if set {
			filter |= 1 << bit
		}
	}
	q := r.q(qWorkItemLists[filter])
	if p.State != "" {
		q.text(string(p.State))
	}
	if p.Queue != "" {
		q.text(p.Queue)
	}
	if p.Customer != 0 {
		q.int(int64(p.Customer))
	}
	for q.int(created).text(id).int(int64(limit)); q.row(); {
		out = append(out, q.workItem(0))
	}
	return out
}

func (r *reader) WorkItemScan(p store.WorkItemScanParams) ([]domain.WorkItem, error) {
	var out []domain.WorkItem
	for q := r.q(qWorkItemScan).text(p.After).int(int64(store.Limit(p.Limit))); q.row(); {
		out = append(out, q.workItem(0))
	}
	return out, r.err
}

func (t *tx) WorkItemPut(items []domain.WorkItem) error {
	for i := range items {
		if items[i].ID == "" {
			return emptyKey("work item id")
		}
	}
	for i := range items {
		w := &items[i]
		t.q(qWorkItemPut).text(w.ID).int(int64(w.Customer)).text(string(w.State)).text(w.Queue).
			time(w.CreatedAt).time(w.UpdatedAt).time(w.NotBefore).text(w.Holder()).noun(w).exec()
	}
	return t.err
}

func (t *tx) moveWorkItems(from, to domain.CustomerID) {
	var items []domain.WorkItem
	for q := t.q(qWorkItemOf).int(int64(from)); q.row(); {
		w := q.workItem(0)
		w.Customer = to
		items = append(items, w)
	}
	t.fail(t.WorkItemPut(items))
}

func (r *reader) QueueStats(now time.Time) ([]store.QueueStats, error) {
	var names []string
	if q := r.q(qQueueEmpty); q.row() {
		names = append(names, "")
		q.reset()
	}
	for last, more := "", true; more; {
		q := r.q(qQueueNext).text(last)
		if more = q.row(); more {
			last = q.str(0)
			names = append(names, last)
			q.reset()
		}
	}
	var out []store.QueueStats
	for _, name := range names {
		s := store.QueueStats{Queue: name}
		if q := r.q(qQueueWaiting).text(name).time(now); q.row() {
			if s.Waiting = int(q.i(0)); s.Waiting > 0 {
				s.Oldest = now.Sub(q.at(1)).Truncate(time.Microsecond)
			}
			q.reset()
		}
		if q := r.q(qQueueHandled).text(name).time(now.Add(-24 * time.Hour)); q.row() {
			if s.Handled = int(q.i(0)); s.Handled > 0 {
				s.MeanWait = time.Duration(q.i(1)/q.i(0)) * time.Microsecond
			}
			q.reset()
		}
		out = append(out, s)
	}
	return out, r.err
}

func (r *reader) CaseGet(id string) (c domain.Case, err error) {
	q := r.q(qCaseGet).text(id)
	if !q.row() {
		return c, r.missing("case", id)
	}
	q.decode(0, &c)
	q.reset()
	c.UpdatedAt = truncated(c.UpdatedAt)
	return c, r.err
}

func (r *reader) CaseList(customer domain.CustomerID, limit int) ([]domain.Case, error) {
	var out []domain.Case
	for q := r.q(qCaseList).int(int64(customer)).int(int64(store.Limit(limit))); q.row(); {
		var c domain.Case
		q.decode(0, &c)
		c.UpdatedAt = truncated(c.UpdatedAt)
		out = append(out, c)
	}
	return out, r.err
}

func (t *tx) CasePut(customer domain.CustomerID, cases []domain.Case) error {
	for i := range cases {
		if cases[i].ID == "" || customer <= 0 {
			return emptyKey("case id or customer")
		}
	}
	for i := range cases {
		t.q(qCasePut).text(cases[i].ID).int(int64(customer)).time(cases[i].UpdatedAt).noun(&cases[i]).exec()
	}
	return t.err
}

// truncated brings a time into the form that comes back.
func truncated(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
