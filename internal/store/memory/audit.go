package memory

import (
	"cmp"
	"time"

	"github.com/contact-advocate/advocate/internal/store"
)

func (r *reader) AuditList(p store.AuditListParams) ([]store.AuditRow, error) {
	since := micros(p.Since)
	out := r.s.audit.list(func(a store.AuditRow) bool {
		return (p.By == "" || a.By == p.By) && (p.Action == "" || a.Action == p.Action) && (p.Object == "" || a.Object == p.Object) &&
			(p.Customer == 0 || a.Customer == p.Customer) && (p.Since.IsZero() || !a.At.Before(since)) && (p.Before == 0 || a.Seq < p.Before)
	}, func(a, b store.AuditRow) int { return cmp.Compare(b.Seq, a.Seq) }, store.Limit(p.Limit))
	for i := range out {
		out[i].Detail = blob(out[i].Detail)
	}
	return out, nil
}

func (t *tx) AuditAppend(rows []store.AuditRow) error {
	for i := range rows {
		t.s.seq.audit++
		rows[i].Seq = t.s.seq.audit
		a := rows[i]
		a.Cut()
		a.At, a.Detail = micros(a.At), blob(a.Detail)
		t.s.audit.put(t.s, a.Seq, a)
	}
	return nil
}

func (t *tx) AuditPrune(before time.Time, limit int) (int, error) {
	before = micros(before)
	old := t.s.audit.list(func(a store.AuditRow) bool { return a.At.Before(before) },
		func(a, b store.AuditRow) int { return then(a.At.Compare(b.At), cmp.Compare(a.Seq, b.Seq)) }, store.Limit(limit))
	for _, a := range old {
		t.s.audit.del(t.s, a.Seq)
	}
	return len(old), nil
}
