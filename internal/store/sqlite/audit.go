package sqlite

import (
	"math"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

const auditColumns = `seq, at, customer, by, via, action, object, outcome, address, detail`

var (
	qAuditAdd    = prepared(`INSERT INTO audit (` + auditColumns + `) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
	qAuditForget = prepared(`UPDATE audit SET detail = NULL WHERE customer = ? AND customer <> 0`)
	qAuditPrune  = prepared(`DELETE FROM audit WHERE seq IN (SELECT seq FROM audit WHERE at < ? ORDER BY at, seq LIMIT ?)`)

	// The filter that leaves least leads; the others look at what it gives.
	qAuditList       = auditList(`seq < ?1`)
	qAuditOfCustomer = auditList(`customer = ?3 AND customer <> 0 AND seq < ?1`)
	qAuditOfObject   = auditList(`object = ?4 AND object <> '' AND seq < ?1`)
	qAuditOfAgent    = auditList(`by = ?5 AND seq < ?1`)
)

func auditList(lead string) query {
	return prepared(`SELECT ` + auditColumns + ` FROM audit WHERE ` + lead + ` AND +at >= ?2 AND (?3 = 0 OR +customer = ?3) AND (?4 = '' OR +object = ?4)
		AND (?5 = '' OR +by = ?5) AND (?6 = '' OR action = ?6) ORDER BY seq DESC LIMIT ?7`)
}

func (s *stmt) audit() store.AuditRow {
	return store.AuditRow{
		Seq: s.i(0), At: s.at(1), Customer: domain.CustomerID(s.i(2)), By: s.str(3), Via: s.str(4), Action: s.str(5), Object: s.str(6),
		Outcome: s.str(7), From: s.str(8), Detail: s.bytes(9),
	}
}

func (r *reader) AuditList(p store.AuditListParams) ([]store.AuditRow, error) {
	before, since := p.Before, int64(math.MinInt64)
	if before == 0 {
		before = math.MaxInt64
	}
	if !p.Since.IsZero() {
		since = truncated(p.Since).UnixMicro()
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
	for q := r.q(id).int(before).int(since).int(int64(p.Customer)).text(p.Object).text(p.By).text(p.Action).int(int64(store.Limit(p.Limit))); q.row(); {
		out = append(out, q.audit())
	}
	return out, r.err
}

func (t *tx) AuditAppend(rows []store.AuditRow) error {
	for i := range rows {
		t.w.count.audit++
		rows[i].Seq = t.w.count.audit
		a := rows[i]
		a.Cut()
		t.q(qAuditAdd).int(a.Seq).time(a.At).int(int64(a.Customer)).text(a.By).text(a.Via).text(a.Action).text(a.Object).
			text(a.Outcome).text(a.From).blob(a.Detail).exec()
	}
	return t.err
}

func (t *tx) AuditPrune(before time.Time, limit int) (int, error) {
	n := t.q(qAuditPrune).int(truncated(before).UnixMicro()).int(int64(store.Limit(limit))).exec()
	return int(n), t.err
}
