package storetest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

func testAudit(t *testing.T, open Factory) {
	s := open(t)
	rows := []store.AuditRow{
		{At: at(time.Second), By: "ann", Via: "session", Action: "customer.read", Object: "c1", Customer: 1, Outcome: "ok", Detail: []byte(`{"人":1}`), From: "192.0.2.1"},
		{At: T0, By: "bob", Action: "customer.read", Object: "c2", Customer: 2},
		{At: at(2 * time.Second), By: "ann", Action: "workitem.cancel", Object: "c1-w1", Customer: 1},
		{At: at(2 * time.Second), Action: "session.refused", Outcome: "wrong password", From: "2001:db8::1"},
	}
	update(t, s, func(tx store.Tx) { ok(t, tx.AuditAppend(rows[:2])) })
	update(t, s, func(tx store.Tx) { ok(t, tx.AuditAppend(rows[2:])) })
	for i := 1; i < len(rows); i++ {
		if rows[i].Seq <= rows[i-1].Seq {
			t.Fatalf("seqs do not ascend: %+v", rows)
		}
	}
	both(t, s, func(r store.Reader) {
		list := func(p store.AuditListParams) (out []int) {
			out = []int{}
			for _, a := range must[[]store.AuditRow](t)(r.AuditList(p)) {
				for i := range rows {
					if rows[i].Seq == a.Seq {
						want(t, "row", a, rows[i])
						out = append(out, i)
					}
				}
			}
			return out
		}
		want(t, "newest first", list(store.AuditListParams{}), []int{3, 2, 1, 0})
		want(t, "page", list(store.AuditListParams{Before: rows[3].Seq, Limit: 2}), []int{2, 1})
		want(t, "by", list(store.AuditListParams{By: "ann"}), []int{2, 0})
		want(t, "action", list(store.AuditListParams{Action: "customer.read"}), []int{1, 0})
		want(t, "object", list(store.AuditListParams{Object: "c1"}), []int{0})
		want(t, "customer", list(store.AuditListParams{Customer: 1, Before: rows[2].Seq}), []int{0})
		want(t, "since", list(store.AuditListParams{Since: at(time.Second)}), []int{3, 2, 0})
		want(t, "all filters", list(store.AuditListParams{By: "ann", Action: "workitem.cancel", Object: "c1-w1", Customer: 1, Since: at(time.Second), Before: rows[3].Seq}), []int{2})
		want(t, "none", list(store.AuditListParams{By: "ann", Customer: 2}), []int{})
	})
	long := []store.AuditRow{{At: T0, Object: strings.Repeat("é", store.MaxName)}}
	update(t, s, func(tx store.Tx) {
		ok(t, tx.AuditAppend(long))
		got := must[[]store.AuditRow](t)(tx.AuditList(store.AuditListParams{Limit: 1}))[0]
		want(t, "cut", []any{got.Seq, got.Object}, []any{long[0].Seq, strings.Repeat("é", store.MaxName/2)})
	})
	update(t, s, func(tx store.Tx) {
		want(t, "the oldest", must[int](t)(tx.AuditPrune(at(2*time.Second), 2)), 2)
		left := must[[]store.AuditRow](t)(tx.AuditList(store.AuditListParams{}))
		want(t, "left", ids(left, func(a store.AuditRow) string { return a.Action }), []string{"session.refused", "workitem.cancel", "customer.read"})
		want(t, "pruned", must[int](t)(tx.AuditPrune(at(time.Hour), 0)), 3)
		var many []store.AuditRow
		for i := range 1200 {
			many = append(many, store.AuditRow{At: T0, Customer: domain.CustomerID(i % 7), Object: fmt.Sprint(i)})
		}
		ok(t, tx.AuditAppend(many))
		if many[0].Seq <= long[0].Seq {
			t.Fatalf("number %d was given before", many[0].Seq)
		}
		want(t, "of one", len(must[[]store.AuditRow](t)(tx.AuditList(store.AuditListParams{Customer: 3, Limit: 2000}))), 171)
	})
}
