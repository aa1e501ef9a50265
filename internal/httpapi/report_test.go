package httpapi

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/report"
	"github.com/contact-advocate/advocate/internal/store"
)

func TestReports(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	err := f.store.Update(t.Context(), func(tx store.Tx) error {
		return tx.EventAppend([]domain.Event{{
			Source: "advocate", ID: domain.ObjectID(7, domain.KindEmitted, 1), Type: "advocate.workitem.assigned", Time: testNow,
			Data: json.RawMessage(`{"queue":"=care","waited_seconds":30,"in_target":true}`),
		}})
	})
	if err == nil {
		_, err = report.CatchUp(t.Context(), f.store, testNow)
	}
	if err != nil {
		t.Fatal(err)
	}
	to := "&to=2026-03-02"
	var got reportView
	a := f.want(f.call("GET", "/v1/reports?by=queue"+to, "", f.as(auth.RoleAuditor)), 200)
	if err := json.Unmarshal([]byte(a.body), &got); err != nil || len(got.Rows) != 1 {
		t.Fatalf("%v %s", err, a.body)
	}
	if r := got.Rows[0]; r.Key != "=care" || r.Work == nil || r.Work.InTarget != 1 || *r.Work.ServiceLevel != 1 || r.Work.CallsReached != nil || r.Cases != nil {
		t.Errorf("%s", a.body)
	}
	if !strings.Contains(a.body, `"calls_per_reached":null`) {
		t.Errorf("a share of nothing is no null: %s", a.body)
	}
	for _, ask := range [][]string{{"/v1/reports?by=queue&format=csv" + to}, {"/v1/reports?by=queue" + to, "Accept: text/csv"}} {
		a := f.want(f.call("GET", ask[0], "", append(ask[1:], f.as(auth.RoleSupervisor))...), 200)
		if !strings.HasPrefix(a.body, "key,from,to,") || !strings.Contains(a.body, "\n'=care,") {
			t.Errorf("%v: %s", ask, a.body)
		}
	}
	for _, bad := range []string{"from=yesterday", "by=agent", "tz=Nowhere/Else", "from=2026-03-02&to=2026-03-01", "from=2020-01-01"} {
		if a := f.call("GET", "/v1/reports?"+bad, "", f.as(auth.RoleAuditor)); a.status != 400 && a.status != 422 {
			t.Errorf("%s: %d %s", bad, a.status, a.body)
		}
	}
}
