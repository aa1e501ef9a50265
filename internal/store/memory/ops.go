package memory

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

type attempt struct {
	domain.Attempt
	at time.Time
}

func (r *reader) AttemptCount(order, network string, since time.Time) (domain.AttemptCounts, error) {
	var out domain.AttemptCounts
	since = micros(since)
	for _, a := range r.s.attempts.rows {
		if a.at.Before(since) || a.Shown != "" {
			continue
		}
		if order != "" && a.Order == order {
			out.Order++
		}
		if network != "" && a.Network == network {
			out.Network++
		}
	}
	return out, nil
}

func (r *reader) AttemptShown(order string, since time.Time, limit int) ([]string, error) {
	var out []string
	since = micros(since)
	for _, a := range r.s.attempts.rows {
		if a.Shown != "" && a.Order == order && !a.at.Before(since) {
			out = append(out, a.Shown)
		}
	}
	slices.Sort(out)
	out = slices.Compact(out)
	return out[:min(len(out), store.Limit(limit))], nil
}

// AttemptLock implements store.Tx: one transaction writes at a time.
func (t *tx) AttemptLock(orders, networks []string) error { return nil }

func (t *tx) AttemptAdd(rows []domain.Attempt, at time.Time) error {
	for _, a := range rows {
		t.s.seq.attempt++
		t.s.attempts.put(t.s, t.s.seq.attempt, attempt{a, micros(at)})
	}
	return nil
}

func (r *reader) PlaybookActive() (store.PlaybookRow, error) {
	for _, p := range r.s.playbooks.rows {
		if p.Active {
			return copyPlaybook(p), nil
		}
	}
	return store.PlaybookRow{}, fmt.Errorf("%w: no playbook is active", store.ErrNotFound)
}

func copyPlaybook(p store.PlaybookRow) store.PlaybookRow {
	p.Source, p.Policy = blob(p.Source), blob(p.Policy)
	return p
}

func (r *reader) PlaybookList(limit int) ([]store.PlaybookRow, error) {
	out := r.s.playbooks.list(all, func(a, b store.PlaybookRow) int { return cmp.Compare(b.Version, a.Version) }, store.Limit(limit))
	for i := range out {
		out[i] = copyPlaybook(out[i])
		out[i].Source = nil
	}
	return out, nil
}

func (r *reader) PlaybookGet(version int64) (store.PlaybookRow, error) {
	p, ok := r.s.playbooks.get(version)
	if !ok {
		return p, fmt.Errorf("%w: playbook version %d", store.ErrNotFound, version)
	}
	return copyPlaybook(p), nil
}

func (t *tx) PlaybookAdd(p store.PlaybookRow) (int64, error) {
	t.s.seq.playbook++
	t.s.playbooks.put(t.s, t.s.seq.playbook, store.PlaybookRow{
		Version: t.s.seq.playbook, Name: p.Name, Hash: p.Hash, Source: blob(p.Source), Policy: blob(p.Policy), At: micros(p.At), By: p.By,
	})
	return t.s.seq.playbook, nil
}

func (t *tx) PlaybookActivate(version int64, at time.Time, by string) error {
	next, ok := t.s.playbooks.get(version)
	if !ok {
		return fmt.Errorf("%w: playbook version %d", store.ErrNotFound, version)
	}
	for _, p := range t.s.playbooks.rows {
		if p.Active {
			p.Active = false
			t.s.playbooks.put(t.s, p.Version, p)
		}
	}
	next.Active, next.ActivatedAt, next.ActivatedBy = true, micros(at), by
	t.s.playbooks.put(t.s, version, next)
	return nil
}

func (r *reader) SwitchList() ([]store.Switch, error) {
	return r.s.switches.list(all, func(a, b store.Switch) int { return compare(a.Scope, b.Scope) }, 0), nil
}

func (t *tx) SwitchPut(sw store.Switch) error {
	if sw.Scope == "" {
		return emptyKey("switch scope")
	}
	sw.At = micros(sw.At)
	t.s.switches.put(t.s, sw.Scope, sw)
	return nil
}

func (t *tx) SwitchDelete(scope string) error {
	t.s.switches.del(t.s, scope)
	return nil
}

func (r *reader) TokenFind(hash [32]byte) (store.Token, error) {
	for _, tok := range r.s.tokens.rows {
		if tok.Hash == hash {
			return tok, nil
		}
	}
	return store.Token{}, fmt.Errorf("%w: no such token", store.ErrNotFound)
}

func (r *reader) TokenList() ([]store.Token, error) {
	return r.s.tokens.list(all, func(a, b store.Token) int { return compare(a.Name, b.Name) }, 0), nil
}

func (t *tx) TokenPut(tok store.Token) error {
	if tok.Name == "" || tok.Hash == [32]byte{} {
		return emptyKey("token name or hash")
	}
	for _, other := range t.s.tokens.rows {
		if other.Hash == tok.Hash && other.Name != tok.Name {
			return fmt.Errorf("%w: token %q has that secret", store.ErrConflict, other.Name)
		}
	}
	tok.CreatedAt, tok.ExpiresAt = micros(tok.CreatedAt), micros(tok.ExpiresAt)
	t.s.tokens.put(t.s, tok.Name, tok)
	return nil
}

func (t *tx) TokenDelete(name string) error {
	t.s.tokens.del(t.s, name)
	return nil
}

func (r *reader) Counts() (store.Counts, error) {
	s := r.s
	out := store.Counts{
		Posts: int64(len(s.posts.rows)), Events: int64(len(s.events.rows)), Subscriptions: int64(len(s.subscriptions.rows)),
		Inbox: int64(len(s.inbox.rows)), Orders: int64(len(s.orders.rows)),
	}
	for _, a := range s.advocates.rows {
		if a.Redirect == 0 && !a.Erased {
			out.Customers++
		}
	}
	for _, w := range s.workItems.rows {
		if !w.State.Final() {
			out.WorkItemsOpen++
		}
	}
	for _, e := range s.effects.rows {
		switch e.State {
		case domain.EffectPending, domain.EffectSending:
			out.EffectsPending++
		case domain.EffectHeld:
			out.EffectsHeld++
		case domain.EffectDead:
			out.EffectsDead++
		}
	}
	return out, nil
}

func (t *tx) Prune(before time.Time, limit int) (int, error) {
	before, limit = micros(before), store.Limit(limit)
	s, n := t.s, 0
	n += prune(s, &s.events, func(e event) time.Time { return e.AcceptedAt() }, before, limit-n)
	n += prune(s, &s.seen, func(r store.SeenRow) time.Time { return r.At }, before, limit-n)
	n += prune(s, &s.posts, func(p store.PostRow) time.Time { return p.At }, before, limit-n)
	n += prune(s, &s.attempts, func(a attempt) time.Time { return a.at }, before, limit-n)
	n += prune(s, &s.workItems, func(w domain.WorkItem) time.Time {
		if !w.State.Final() {
			return before
		}
		return w.UpdatedAt
	}, before, limit-n)
	n += prune(s, &s.notices, func(e notice) time.Time {
		if !store.NoticeEnds(&e.Event) {
			return before
		}
		return e.Time
	}, before, limit-n)
	return n, nil
}

// prune deletes at most limit rows from before a time, the oldest first.
func prune[K comparable, V any](s *Store, t *table[K, V], at func(V) time.Time, before time.Time, limit int) int {
	var old []K
	for k, v := range t.rows {
		if at(v).Before(before) {
			old = append(old, k)
		}
	}
	slices.SortFunc(old, func(a, b K) int { return at(t.rows[a]).Compare(at(t.rows[b])) })
	old = old[:max(0, min(len(old), limit))]
	for _, k := range old {
		t.del(s, k)
	}
	return len(old)
}
