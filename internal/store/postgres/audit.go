package postgres

import (
	"math"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

const auditColumns = `seq, at, customer, by, via, action, object, outcome, address, detail`

const auditUnnest = `unnest($1::bigint[], $2::timestamptz[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::bytea[])`

var (
	// Numbers are given out first, so that each row is sure of its own.
	qAuditSeq    = prepared(`SELECT nextval('audit_seq') FROM generate_series(1, $1::bigint)`)
	qAuditAdd    = prepared(`INSERT INTO audit (` + auditColumns + `) SELECT * FROM ` + auditUnnest)
	qAuditForget = prepared(`UPDATE audit SET detail = NULL WHERE customer = ANY ($1::bigint[]) AND customer <> 0 AND detail IS NOT NULL`)
	qAuditPrune  = prepared(`DELETE FROM audit WHERE seq = ANY (ARRAY(SELECT seq FROM audit WHERE at < $1::timestamptz ORDER BY at, seq LIMIT $2::bigint))`)

	// The filter that leaves least leads; the others look at what it gives.
	qAuditList       = auditList(``)
	qAuditOfCustomer = auditList(`customer = $3::bigint AND customer <> 0 AND `)
	qAuditOfObject   = auditList(`object = $4::text AND object <> '' AND `)
	qAuditOfAgent    = auditList(`by = $5::text AND `)
)

func auditList(lead string) query {
	return prepared(`SELECT ` + auditColumns + ` FROM audit WHERE ` + lead + `seq < $1::bigint AND at >= $2::timestamptz
		AND ($3::bigint = 0 OR customer = $3::bigint) AND ($4::text = '' OR object = $4::text)
		AND ($5::text = '' OR by = $5::text) AND ($6::text = '' OR action = $6::text) ORDER BY seq DESC LIMIT $7::bigint`)
}

func (q *rows) audit() store.AuditRow {
	return store.AuditRow{
		Seq: q.i(0), At: q.at(1), Customer: domain.CustomerID(q.i(2)), By: q.str(3), Via: q.str(4), Action: q.str(5), Object: q.str(6),
		Outcome: q.str(7), From: q.str(8), Detail: q.bytes(9),
	}
}

func (r *reader) AuditList(p store.AuditListParams) ([]store.AuditRow, error) {
	before, since := p.Before, beginning
	if before == 0 {
		before = math.MaxInt64
	}
	if !p.Since.IsZero() {
		since = truncated(p.Since)
	}
	id := qAuditList
	switch {
	case p.Customer != 0:
		id = qAuditOfCustomer
	case p.Object != "":
		id = qAuditOfObject
	case p.By != "":
		id = qAuditOfAgent
	}
	var out []store.AuditRow
	for q := r.query(id, r.arg().int(before).time(since).int(int64(p.Customer)).text(p.Object).text(p.By).text(p.Action).int(int64(store.Limit(p.Limit)))); q.next(); {
		out = append(out, q.audit())
	}
	return out, r.err
}

func (t *tx) AuditAppend(rows []store.AuditRow) error {
	n := 0
	for q := t.query(qAuditSeq, t.arg().int(int64(len(rows)))); q.next(); n++ {
		rows[n].Seq = q.i(0)
	}
	chunks(len(rows), func(from, to int) { t.loadAudit(rows[from:to]) })
	return t.err
}

// loadAudit writes rows with the numbers that they have.
func (t *tx) loadAudit(rows []store.AuditRow) {
	part := make([]store.AuditRow, len(rows))
	for i := range rows {
		part[i] = rows[i]
		part[i].Cut()
	}
	n := len(part)
	text := func(of func(*store.AuditRow) string) func(int) string {
		return func(i int) string { return of(&part[i]) }
	}
	t.exec(qAuditAdd, t.arg().
		ints(n, func(i int) int64 { return part[i].Seq }).
		times(n, func(i int) time.Time { return part[i].At }).
		ints(n, func(i int) int64 { return int64(part[i].Customer) }).
		texts(n, text(func(a *store.AuditRow) string { return a.By })).
		texts(n, text(func(a *store.AuditRow) string { return a.Via })).
		texts(n, text(func(a *store.AuditRow) string { return a.Action })).
		texts(n, text(func(a *store.AuditRow) string { return a.Object })).
		texts(n, text(func(a *store.AuditRow) string { return a.Outcome })).
		texts(n, text(func(a *store.AuditRow) string { return a.From })).
		blobs(n, func(i int) []byte { return part[i].Detail }))
}

func (t *tx) AuditPrune(before time.Time, limit int) (int, error) {
	n := t.exec(qAuditPrune, t.arg().time(truncated(before)).int(int64(store.Limit(limit))))
	return int(n), t.err
}
