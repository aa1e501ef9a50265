package memory

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

func compare(a, b string) int { return strings.Compare(a, b) }

func (r *reader) PostFind(keys []domain.PostKey) ([]store.PostRow, error) {
	out := make([]store.PostRow, len(keys))
	for i, k := range keys {
		out[i] = r.s.posts.rows[k]
	}
	return out, nil
}

func (r *reader) PostFindID(id string) ([]store.PostRow, error) {
	return r.s.posts.list(func(p store.PostRow) bool { return p.Key.ID == id },
		func(a, b store.PostRow) int {
			return then(compare(a.Key.Network, b.Key.Network), compare(a.Key.Account, b.Key.Account))
		}, 20), nil
}

func (t *tx) PostPut(rows []store.PostRow) error {
	for _, p := range rows {
		if p.Key.Network == "" || p.Key.ID == "" {
			return emptyKey("post key")
		}
	}
	for _, p := range rows {
		p.At = micros(p.At)
		t.s.posts.put(t.s, p.Key, p)
	}
	return nil
}

func (t *tx) SeenAdd(rows []store.SeenRow) ([]store.SeenResult, error) {
	out := make([]store.SeenResult, len(rows))
	for i, row := range rows {
		old, known := t.s.seen.get(row.Key)
		switch {
		case !known:
			row.At = micros(row.At)
			t.s.seen.put(t.s, row.Key, row)
			out[i] = store.SeenNew
		case old.Body == row.Body:
			out[i] = store.SeenSame
		default:
			out[i] = store.SeenConflict
		}
	}
	return out, nil
}

func (r *reader) InboxRead(customers []domain.CustomerID) ([]store.InboxRow, error) {
	wanted := map[domain.CustomerID]bool{}
	for _, c := range customers {
		wanted[c] = true
	}
	out := r.s.inbox.list(func(v store.InboxRow) bool { return wanted[v.Customer] },
		func(a, b store.InboxRow) int {
			return then(cmp.Compare(a.Customer, b.Customer), cmp.Compare(a.Seq, b.Seq))
		}, 0)
	for i := range out {
		out[i].Body = blob(out[i].Body)
	}
	return out, nil
}

func (r *reader) InboxSize() (int, error) { return len(r.s.inbox.rows), nil }

func (t *tx) InboxAppend(rows []store.InboxRow) error {
	for i := range rows {
		if rows[i].Customer <= 0 {
			return emptyKey("customer")
		}
	}
	for i := range rows {
		t.s.seq.inbox++
		rows[i].Seq = t.s.seq.inbox
		v := rows[i]
		v.ReadyAt, v.Body = micros(v.ReadyAt), blob(v.Body)
		t.s.inbox.put(t.s, store.InboxKey{Customer: v.Customer, Seq: v.Seq}, v)
	}
	return nil
}

func (t *tx) InboxDelete(rows []store.InboxKey) error {
	for _, k := range rows {
		t.s.inbox.del(t.s, k)
	}
	return nil
}

func (r *reader) InboxNext() (next time.Time, err error) {
	for _, v := range r.s.inbox.rows {
		if next.IsZero() || v.ReadyAt.Before(next) {
			next = v.ReadyAt
		}
	}
	return next, nil
}

func (t *tx) InboxClaim(now time.Time, limit int) ([]domain.CustomerID, error) {
	ready := map[domain.CustomerID]time.Time{}
	for k, v := range t.s.inbox.rows {
		if v.ReadyAt.After(now) {
			continue
		}
		if since, ok := ready[k.Customer]; !ok || v.ReadyAt.Before(since) {
			ready[k.Customer] = v.ReadyAt
		}
	}
	var out []domain.CustomerID
	for c := range ready {
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b domain.CustomerID) int { return then(ready[a].Compare(ready[b]), cmp.Compare(a, b)) })
	return out[:min(len(out), store.Limit(limit))], nil
}
