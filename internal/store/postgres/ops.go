package postgres

import (
	"fmt"
	"hash/fnv"
	"strconv"
	"sync"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

const playbookColumns = `version, name, hash, policy, at, by, active, activated_at, activated_by, `

var (
	qAttemptAdd = prepared(`INSERT INTO attempt (at, ref, network, shown)
		SELECT $1::timestamptz, u.ref, u.network, u.shown FROM unnest($2::text[], $3::text[], $4::text[]) u(ref, network, shown)`)
	qAttemptCount = prepared(`SELECT (SELECT count(*) FROM attempt WHERE ref = $1::text AND ref <> '' AND at >= $3::timestamptz AND shown = ''),
		(SELECT count(*) FROM attempt WHERE network = $2::text AND network <> '' AND at >= $3::timestamptz AND shown = '')`)
	qAttemptShown = prepared(`SELECT DISTINCT shown FROM attempt WHERE ref = $1::text AND shown <> '' AND at >= $2::timestamptz ORDER BY shown LIMIT $3::bigint`)
	qAttemptWipe  = prepared(`DELETE FROM attempt WHERE ref = ANY ($1::text[]) AND shown <> ''`)
	qAttemptPrune = prepared(`DELETE FROM attempt WHERE ctid = ANY (ARRAY(SELECT ctid FROM attempt WHERE at < $1::timestamptz ORDER BY at LIMIT $2::bigint))`)

	qPlaybookLight = prepared(`SELECT version, name, hash, NULL::bytea, at, by, active, activated_at, activated_by, NULL::bytea FROM playbook WHERE active`)
	qPlaybookGet   = prepared(`SELECT ` + playbookColumns + `source FROM playbook WHERE version = $1::bigint`)
	qPlaybookList  = prepared(`SELECT ` + playbookColumns + `NULL::bytea FROM playbook ORDER BY version DESC LIMIT $1::bigint`)
	qPlaybookLock  = prepared(`LOCK TABLE playbook IN SHARE ROW EXCLUSIVE MODE`)
	qPlaybookAdd   = prepared(`INSERT INTO playbook (version, name, hash, source, policy, at, by, active, activated_at, activated_by)
		VALUES ((SELECT coalesce(max(version), 0) + 1 FROM playbook), $1::text, $2::text, $3::bytea, $4::bytea, $5::timestamptz, $6::text, false, $7::timestamptz, '') RETURNING version`)
	qPlaybookIs  = prepared(`SELECT 1::bigint FROM playbook WHERE version = $1::bigint`)
	qPlaybookOff = prepared(`UPDATE playbook SET active = false WHERE active AND version <> $1::bigint`)
	qPlaybookOn  = prepared(`UPDATE playbook SET active = true, activated_at = $2::timestamptz, activated_by = $3::text WHERE version = $1::bigint`)

	qSwitchList = prepared(`SELECT scope, mode, by, at FROM switch ORDER BY scope`)
	qSwitchPut  = prepared(`INSERT INTO switch (scope, mode, by, at) VALUES ($1::text, $2::text, $3::text, $4::timestamptz)
		ON CONFLICT (scope) DO UPDATE SET mode = excluded.mode, by = excluded.by, at = excluded.at`)
	qSwitchDel = prepared(`DELETE FROM switch WHERE scope = $1::text`)

	qTokenFind = prepared(`SELECT name, hash, role, created, expires FROM token WHERE hash = $1::bytea`)
	qTokenList = prepared(`SELECT name, hash, role, created, expires FROM token ORDER BY name`)
	qTokenPut  = prepared(`INSERT INTO token (name, hash, role, created, expires) VALUES ($1::text, $2::bytea, $3::text, $4::timestamptz, $5::timestamptz)
		ON CONFLICT (name) DO UPDATE SET hash = excluded.hash, role = excluded.role, created = excluded.created, expires = excluded.expires`)
	qTokenDel = prepared(`DELETE FROM token WHERE name = $1::text`)

	// One node prunes at a time; another one that wants to finds nothing to do.
	qPruneLock = prepared(`SELECT pg_try_advisory_xact_lock($1::bigint)`)
)

const pruneLock = schemaLock + 1

// qAttemptLock takes its locks in one order everywhere.
var qAttemptLock = prepared(`SELECT pg_advisory_xact_lock(s.k) FROM (SELECT DISTINCT u.k FROM unnest($1::bigint[]) u(k) ORDER BY u.k) s`)

func (r *reader) AttemptCount(order, network string, since time.Time) (c domain.AttemptCounts, err error) {
	if q := r.query(qAttemptCount, r.arg().text(order).text(network).time(truncated(since))); q.next() {
		c = domain.AttemptCounts{Order: int(q.i(0)), Network: int(q.i(1))}
		q.close()
	}
	return c, r.err
}

func (r *reader) AttemptShown(order string, since time.Time, limit int) (out []string, err error) {
	for q := r.query(qAttemptShown, r.arg().text(order).time(truncated(since)).int(int64(store.Limit(limit)))); q.next(); {
		out = append(out, q.str(0))
	}
	return out, r.err
}

// AttemptLock waits for other transactions that decide about attempts: what
// they add must be counted, and only rows that are committed are. The locks
// are kept by a hash; two that share one wait for each other a little longer.
func (t *tx) AttemptLock(orders, networks []string) error {
	if len(orders)+len(networks) == 0 {
		return t.err
	}
	keys := make([]int64, 0, len(orders)+len(networks))
	for kind, names := range [...][]string{orders, networks} {
		for _, name := range names {
			h := fnv.New64a()
			fmt.Fprintf(h, "attempt %d %s", kind, name)
			keys = append(keys, int64(h.Sum64()))
		}
	}
	t.query(qAttemptLock, t.arg().ints(len(keys), func(i int) int64 { return keys[i] })).close()
	return t.err
}

func (t *tx) AttemptAdd(rows []domain.Attempt, at time.Time) error {
	chunks(len(rows), func(from, to int) {
		part := rows[from:to]
		t.exec(qAttemptAdd, t.arg().time(at).
			texts(len(part), func(i int) string { return part[i].Order }).
			texts(len(part), func(i int) string { return part[i].Network }).
			texts(len(part), func(i int) string { return part[i].Shown }))
	})
	return t.err
}

func (q *rows) playbook() store.PlaybookRow {
	return store.PlaybookRow{
		Version: q.i(0), Name: q.str(1), Hash: q.str(2), Policy: q.bytes(3), At: q.at(4), By: q.str(5), Active: q.bool(6),
		ActivatedAt: q.at(7), ActivatedBy: q.str(8), Source: q.bytes(9),
	}
}

func (r *reader) onePlaybook(q *rows, what string) (p store.PlaybookRow, err error) {
	if !q.next() {
		return p, r.missing("playbook version", what)
	}
	p = q.playbook()
	q.close()
	return p, r.err
}

// playbookCache keeps the large part of the playbook that was active last.
// Every turn asks which one that is, and a version's text never changes.
type playbookCache struct {
	mu   sync.Mutex
	last store.PlaybookRow
}

func (r *reader) PlaybookActive() (store.PlaybookRow, error) {
	p, err := r.onePlaybook(r.query(qPlaybookLight, r.arg()), "active")
	if err != nil {
		return p, err
	}
	c := &r.s.books
	c.mu.Lock()
	last := c.last
	c.mu.Unlock()
	if last.Version != p.Version || last.Hash != p.Hash || r.own != nil && r.own.published {
		if last, err = r.PlaybookGet(p.Version); err != nil {
			return p, err
		}
		if r.own == nil || !r.own.published { // what is not committed is nobody else's
			c.mu.Lock()
			c.last = last
			c.mu.Unlock()
		}
	}
	p.Source, p.Policy = append([]byte(nil), last.Source...), append([]byte(nil), last.Policy...)
	return p, nil
}

func (r *reader) PlaybookGet(version int64) (store.PlaybookRow, error) {
	return r.onePlaybook(r.query(qPlaybookGet, r.arg().int(version)), strconv.FormatInt(version, 10))
}

func (r *reader) PlaybookList(limit int) ([]store.PlaybookRow, error) {
	var out []store.PlaybookRow
	for q := r.query(qPlaybookList, r.arg().int(int64(store.Limit(limit)))); q.next(); {
		out = append(out, q.playbook())
	}
	return out, r.err
}

func (t *tx) PlaybookAdd(p store.PlaybookRow) (version int64, err error) {
	t.published = true
	t.exec(qPlaybookLock, t.arg())
	if q := t.query(qPlaybookAdd, t.arg().text(p.Name).text(p.Hash).blob(p.Source).blob(p.Policy).time(p.At).text(p.By).time(time.Time{})); q.next() {
		version = q.i(0)
		q.close()
	}
	return version, t.err
}

func (t *tx) PlaybookActivate(version int64, at time.Time, by string) error {
	t.exec(qPlaybookLock, t.arg())
	if q := t.query(qPlaybookIs, t.arg().int(version)); !q.next() {
		return t.missing("playbook version", strconv.FormatInt(version, 10))
	} else {
		q.close()
	}
	t.exec(qPlaybookOff, t.arg().int(version))
	t.exec(qPlaybookOn, t.arg().int(version).time(at).text(by))
	t.wake = true
	return t.err
}

func (r *reader) SwitchList() ([]store.Switch, error) {
	var out []store.Switch
	for q := r.query(qSwitchList, r.arg()); q.next(); {
		out = append(out, store.Switch{Scope: q.str(0), Mode: q.str(1), By: q.str(2), At: q.at(3)})
	}
	return out, r.err
}

func (t *tx) SwitchPut(sw store.Switch) error {
	if sw.Scope == "" {
		return emptyKey("switch scope")
	}
	t.exec(qSwitchPut, t.arg().text(sw.Scope).text(sw.Mode).text(sw.By).time(sw.At))
	t.wake = true
	return t.err
}

func (t *tx) SwitchDelete(scope string) error {
	t.exec(qSwitchDel, t.arg().text(scope))
	t.wake = true
	return t.err
}

func (q *rows) token() (tok store.Token) {
	tok = store.Token{Name: q.str(0), Role: q.str(2), CreatedAt: q.at(3), ExpiresAt: q.at(4)}
	copy(tok.Hash[:], q.raw(1))
	return tok
}

func (r *reader) TokenFind(hash [32]byte) (tok store.Token, err error) {
	q := r.query(qTokenFind, r.arg().blob(hash[:]))
	if !q.next() {
		if r.err != nil {
			return tok, r.err
		}
		return tok, fmt.Errorf("%w: no such token", store.ErrNotFound)
	}
	tok = q.token()
	q.close()
	return tok, r.err
}

func (r *reader) TokenList() ([]store.Token, error) {
	var out []store.Token
	for q := r.query(qTokenList, r.arg()); q.next(); {
		out = append(out, q.token())
	}
	return out, r.err
}

func (t *tx) TokenPut(tok store.Token) error {
	if tok.Name == "" || tok.Hash == [32]byte{} {
		return emptyKey("token name or hash")
	}
	if other, err := t.TokenFind(tok.Hash); err == nil && other.Name != storable(tok.Name) {
		return fmt.Errorf("%w: token %q has that secret", store.ErrConflict, other.Name)
	}
	t.exec(qTokenPut, t.arg().text(tok.Name).blob(tok.Hash[:]).text(tok.Role).time(tok.CreatedAt).time(tok.ExpiresAt))
	return t.err
}

func (t *tx) TokenDelete(name string) error {
	t.exec(qTokenDel, t.arg().text(name))
	return t.err
}

func (t *tx) Prune(before time.Time, limit int) (int, error) {
	before, limit = truncated(before), store.Limit(limit)
	mine := false
	if q := t.query(qPruneLock, t.arg().int(pruneLock)); q.next() {
		mine = q.bool(0)
		q.close()
	}
	if !mine {
		return 0, t.err
	}
	n := t.pruneEvents(before, limit)
	for _, q := range [...]query{qSeenPrune, qPostPrune, qAttemptPrune, qWorkItemPrune, qNoticePrune} {
		if n >= limit {
			break
		}
		gone := t.exec(q, t.arg().time(before).int(int64(limit-n)))
		if q == qPostPrune {
			t.delta.posts -= gone
		}
		n += int(gone)
	}
	return n, t.err
}
