package memory

import (
	"fmt"
	"slices"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

type caseRow struct {
	domain.Case
	customer domain.CustomerID
}

func (r *reader) WorkItemGet(id string) (domain.WorkItem, error) {
	w, ok := r.s.workItems.get(id)
	if !ok {
		return w, fmt.Errorf("%w: work item %.60q", store.ErrNotFound, id)
	}
	return copyOf(w)
}

func newestWorkItem(a, b domain.WorkItem) int {
	return then(b.CreatedAt.Compare(a.CreatedAt), compare(b.ID, a.ID))
}

func (r *reader) WorkItemList(p store.WorkItemListParams) ([]domain.WorkItem, error) {
	var after *domain.WorkItem
	switch {
	case !p.At.IsZero():
		after = &domain.WorkItem{ID: p.After, CreatedAt: p.At}
	case p.After != "":
		w, err := r.WorkItemGet(p.After)
		if err != nil {
			return nil, err
		}
		after = &w
	}
	return copies(r.s.workItems.list(func(w domain.WorkItem) bool {
		return (p.State == "" || w.State == p.State) && (p.Queue == "" || w.Queue == p.Queue) &&
			(p.Customer == 0 || w.Customer == p.Customer) && (p.Holder == "" || w.Holder() == p.Holder) && (!p.Open || slices.Contains(store.OpenStates, w.State)) && (after == nil || newestWorkItem(*after, w) < 0)
	}, newestWorkItem, store.Limit(p.Limit)))
}

func (r *reader) WorkItemScan(p store.WorkItemScanParams) ([]domain.WorkItem, error) {
	return copies(r.s.workItems.list(func(w domain.WorkItem) bool { return w.ID > p.After && slices.Contains(store.OpenStates, w.State) },
		func(a, b domain.WorkItem) int { return compare(a.ID, b.ID) }, store.Limit(p.Limit)))
}

func (t *tx) WorkItemPut(items []domain.WorkItem) error {
	for i := range items {
		if items[i].ID == "" {
			return emptyKey("work item id")
		}
	}
	kept, err := copies(items)
	if err != nil {
		return err
	}
	for _, w := range kept {
		w.CreatedAt, w.UpdatedAt = micros(w.CreatedAt), micros(w.UpdatedAt)
		t.s.workItems.put(t.s, w.ID, w)
	}
	return nil
}

func (r *reader) QueueStats(now time.Time) ([]store.QueueStats, error) {
	byName := map[string]*store.QueueStats{}
	waited := map[string]time.Duration{}
	for _, w := range r.s.workItems.rows {
		q := byName[w.Queue]
		if q == nil {
			q = &store.QueueStats{Queue: w.Queue}
			byName[w.Queue] = q
		}
		switch {
		case w.State == domain.WorkPending && !w.NotBefore.After(now) && !w.CreatedAt.After(now):
			since := w.CreatedAt
			if w.NotBefore.After(since) {
				since = w.NotBefore
			}
			q.Waiting++
			q.Oldest = max(q.Oldest, now.Sub(since).Truncate(time.Microsecond))
		case w.State == domain.WorkCompleted && w.UpdatedAt.After(now.Add(-24*time.Hour)):
			q.Handled++
			waited[w.Queue] += w.UpdatedAt.Sub(w.CreatedAt)
		}
	}
	var out []store.QueueStats
	for name, q := range byName {
		if q.Handled > 0 {
			q.MeanWait = (waited[name] / time.Duration(q.Handled)).Truncate(time.Microsecond)
		}
		out = append(out, *q)
	}
	slices.SortFunc(out, func(a, b store.QueueStats) int { return compare(a.Queue, b.Queue) })
	return out, nil
}

func (r *reader) CaseGet(id string) (domain.Case, error) {
	c, ok := r.s.cases.get(id)
	if !ok {
		return domain.Case{}, fmt.Errorf("%w: case %.60q", store.ErrNotFound, id)
	}
	return copyOf(c.Case)
}

func (r *reader) CaseList(customer domain.CustomerID, limit int) ([]domain.Case, error) {
	found := r.s.cases.list(func(c caseRow) bool { return customer != 0 && c.customer == customer },
		func(a, b caseRow) int { return then(b.UpdatedAt.Compare(a.UpdatedAt), compare(a.ID, b.ID)) }, store.Limit(limit))
	out := make([]domain.Case, len(found))
	for i := range found {
		out[i] = found[i].Case
	}
	return copies(out)
}

func (t *tx) CasePut(customer domain.CustomerID, cases []domain.Case) error {
	for i := range cases {
		if cases[i].ID == "" || customer <= 0 {
			return emptyKey("case id or customer")
		}
	}
	kept, err := copies(cases)
	if err != nil {
		return err
	}
	for _, c := range kept {
		c.UpdatedAt = micros(c.UpdatedAt)
		t.s.cases.put(t.s, c.ID, caseRow{c, customer})
	}
	return nil
}
