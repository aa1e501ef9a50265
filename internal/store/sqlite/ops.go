package sqlite

import (
	"fmt"
	"strconv"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

const playbookColumns = `version, name, hash, policy, at, by, active, activated_at, activated_by, `

var (
	qAttemptAdd     = prepared(`INSERT INTO attempt (at, ref, network, shown) VALUES (?, ?, ?, ?)`)
	qAttemptOrder   = prepared(`SELECT count(*) FROM attempt WHERE ref = ? AND ref <> '' AND at >= ? AND shown = ''`)
	qAttemptNetwork = prepared(`SELECT count(*) FROM attempt WHERE network = ? AND network <> '' AND at >= ? AND shown = ''`)
	qAttemptShown   = prepared(`SELECT DISTINCT shown FROM attempt WHERE ref = ? AND shown <> '' AND at >= ? ORDER BY shown LIMIT ?`)
	qAttemptWipe    = prepared(`DELETE FROM attempt WHERE ref = ? AND shown <> ''`)
	qAttemptPrune   = prepared(`DELETE FROM attempt WHERE n IN (SELECT n FROM attempt WHERE at < ? ORDER BY at LIMIT ?)`)

	qPlaybookActive = prepared(`SELECT ` + playbookColumns + `source FROM playbook WHERE active = 1`)
	qPlaybookGet    = prepared(`SELECT ` + playbookColumns + `source FROM playbook WHERE version = ?`)
	qPlaybookList   = prepared(`SELECT ` + playbookColumns + `NULL FROM playbook ORDER BY version DESC LIMIT ?`)
	qPlaybookAdd    = prepared(`INSERT INTO playbook (version, name, hash, source, policy, at, by, active, activated_at, activated_by)
		VALUES ((SELECT coalesce(max(version), 0) + 1 FROM playbook), ?, ?, ?, ?, ?, ?, 0, ?, '') RETURNING version`)
	qPlaybookRest = prepared(`UPDATE playbook SET active = 0 WHERE active = 1 AND version <> ?`)
	qPlaybookOn   = prepared(`UPDATE playbook SET active = 1, activated_at = ?, activated_by = ? WHERE version = ?`)

	qSwitchList = prepared(`SELECT scope, mode, by, at FROM switch ORDER BY scope`)
	qSwitchPut  = prepared(`INSERT OR REPLACE INTO switch (scope, mode, by, at) VALUES (?, ?, ?, ?)`)
	qSwitchDel  = prepared(`DELETE FROM switch WHERE scope = ?`)

	qTokenFind = prepared(`SELECT name, hash, role, created, expires FROM token WHERE hash = ?`)
	qTokenList = prepared(`SELECT name, hash, role, created, expires FROM token ORDER BY name`)
	qTokenPut  = prepared(`INSERT INTO token (name, hash, role, created, expires) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (name) DO UPDATE SET hash = excluded.hash, role = excluded.role, created = excluded.created, expires = excluded.expires`)
	qTokenDel = prepared(`DELETE FROM token WHERE name = ?`)

	// For the index, as in qEffectState.
	qCountEffects = prepared(`SELECT count(*) FROM effect WHERE state = ? AND state <> 'pending'`)
	qCountOpen    = prepared(`SELECT count(*) FROM work_item WHERE state IN ('pending', 'reserved', 'assigned', 'wrapping')`)
)

// count runs a statement that gives one number.
func (r *reader) countOf(q *stmt) (n int64) {
	if q.row() {
		n = q.i(0)
		q.reset()
	}
	return n
}

func (r *reader) AttemptCount(order, network string, since time.Time) (domain.AttemptCounts, error) {
	since = truncated(since)
	return domain.AttemptCounts{
		Order:   int(r.countOf(r.q(qAttemptOrder).text(order).time(since))),
		Network: int(r.countOf(r.q(qAttemptNetwork).text(network).time(since))),
	}, r.err
}

func (r *reader) AttemptShown(order string, since time.Time, limit int) (out []string, err error) {
	for q := r.q(qAttemptShown).text(order).time(truncated(since)).int(int64(store.Limit(limit))); q.row(); {
		out = append(out, q.str(0))
	}
	return out, r.err
}

// AttemptLock implements store.Tx: one transaction writes at a time.
func (t *tx) AttemptLock(orders, networks []string) error { return t.err }

func (t *tx) AttemptAdd(rows []domain.Attempt, at time.Time) error {
	for _, a := range rows {
		t.q(qAttemptAdd).time(at).text(a.Order).text(a.Network).text(a.Shown).exec()
	}
	return t.err
}

func (s *stmt) playbook() store.PlaybookRow {
	return store.PlaybookRow{
		Version: s.i(0), Name: s.str(1), Hash: s.str(2), Policy: s.bytes(3), At: s.at(4), By: s.str(5), Active: s.i(6) != 0,
		ActivatedAt: s.at(7), ActivatedBy: s.str(8), Source: s.bytes(9),
	}
}

func (r *reader) onePlaybook(q *stmt, what string) (p store.PlaybookRow, err error) {
	if !q.row() {
		return p, r.missing("playbook version", what)
	}
	p = q.playbook()
	q.reset()
	return p, r.err
}

func (r *reader) PlaybookActive() (store.PlaybookRow, error) {
	return r.onePlaybook(r.q(qPlaybookActive), "active")
}

func (r *reader) PlaybookGet(version int64) (store.PlaybookRow, error) {
	return r.onePlaybook(r.q(qPlaybookGet).int(version), strconv.FormatInt(version, 10))
}

func (r *reader) PlaybookList(limit int) ([]store.PlaybookRow, error) {
	var out []store.PlaybookRow
	for q := r.q(qPlaybookList).int(int64(store.Limit(limit))); q.row(); {
		out = append(out, q.playbook())
	}
	return out, r.err
}

func (t *tx) PlaybookAdd(p store.PlaybookRow) (version int64, err error) {
	q := t.q(qPlaybookAdd).text(p.Name).text(p.Hash).blob(p.Source).blob(p.Policy).time(p.At).text(p.By).time(time.Time{})
	for q.row() {
		version = q.i(0)
	}
	return version, t.err
}

func (t *tx) PlaybookActivate(version int64, at time.Time, by string) error {
	if t.q(qPlaybookOn).time(at).text(by).int(version).exec() == 0 {
		return t.missing("playbook version", strconv.FormatInt(version, 10))
	}
	t.q(qPlaybookRest).int(version).exec()
	return t.err
}

func (r *reader) SwitchList() ([]store.Switch, error) {
	var out []store.Switch
	for q := r.q(qSwitchList); q.row(); {
		out = append(out, store.Switch{Scope: q.str(0), Mode: q.str(1), By: q.str(2), At: q.at(3)})
	}
	return out, r.err
}

func (t *tx) SwitchPut(sw store.Switch) error {
	if sw.Scope == "" {
		return emptyKey("switch scope")
	}
	t.q(qSwitchPut).text(sw.Scope).text(sw.Mode).text(sw.By).time(sw.At).exec()
	return t.err
}

func (t *tx) SwitchDelete(scope string) error {
	t.q(qSwitchDel).text(scope).exec()
	return t.err
}

func (s *stmt) token() (tok store.Token) {
	tok = store.Token{Name: s.str(0), Role: s.str(2), CreatedAt: s.at(3), ExpiresAt: s.at(4)}
	copy(tok.Hash[:], s.raw(1))
	return tok
}

func (r *reader) TokenFind(hash [32]byte) (tok store.Token, err error) {
	q := r.q(qTokenFind).blob(hash[:])
	if !q.row() {
		if r.err != nil {
			return tok, r.err
		}
		return tok, fmt.Errorf("%w: no such token", store.ErrNotFound)
	}
	tok = q.token()
	q.reset()
	return tok, r.err
}

func (r *reader) TokenList() ([]store.Token, error) {
	var out []store.Token
	for q := r.q(qTokenList); q.row(); {
		out = append(out, q.token())
	}
	return out, r.err
}

func (t *tx) TokenPut(tok store.Token) error {
	if tok.Name == "" || tok.Hash == [32]byte{} {
		return emptyKey("token name or hash")
	}
	if other, err := t.TokenFind(tok.Hash); err == nil && other.Name != tok.Name {
		return fmt.Errorf("%w: token %q has that secret", store.ErrConflict, other.Name)
	}
	t.q(qTokenPut).text(tok.Name).blob(tok.Hash[:]).text(tok.Role).time(tok.CreatedAt).time(tok.ExpiresAt).exec()
	return t.err
}

func (t *tx) TokenDelete(name string) error {
	t.q(qTokenDel).text(name).exec()
	return t.err
}

func (r *reader) Counts() (store.Counts, error) {
	c := r.counted()
	held := r.countOf(r.q(qCountEffects).text(string(domain.EffectHeld)))
	dead := r.countOf(r.q(qCountEffects).text(string(domain.EffectDead)))
	return store.Counts{
		Customers: c.customers, Posts: c.posts, Events: c.events, Subscriptions: c.subscriptions, Inbox: c.inputs, Orders: c.ordersOf,
		WorkItemsOpen:  r.countOf(r.q(qCountOpen)),
		EffectsPending: c.effects - held - dead, EffectsHeld: held, EffectsDead: dead,
	}, r.err
}

func (t *tx) Prune(before time.Time, limit int) (int, error) {
	old, limit := truncated(before).UnixMicro(), store.Limit(limit)
	n := t.pruneEvents(old, limit)
	if n < limit {
		t.w.anchors.prune(t, old) // no event is left that they could point at
		n += t.w.seen.prune(t, old, limit-n)
	}
	if n < limit {
		gone := t.q(qPostPrune).int(old).int(int64(limit - n)).exec()
		t.w.count.posts -= gone
		n += int(gone)
	}
	for _, q := range []query{qAttemptPrune, qWorkItemPrune, qNoticePrune} {
		if n < limit {
			n += int(t.q(q).int(old).int(int64(limit - n)).exec())
		}
	}
	return n, t.err
}
