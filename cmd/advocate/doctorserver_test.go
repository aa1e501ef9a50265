//go:build unix

package main

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/store/postgres"
	"github.com/contact-advocate/advocate/internal/store/postgres/pgtest"
)

// TestDoctorKnowsWhatIsHidden: how standbys stand is not judged where
// PostgreSQL does not show it.
func TestDoctorKnowsWhatIsHidden(t *testing.T) {
	t.Parallel()
	names := map[string]string{"synchronous_standby_names": "*"}
	there := postgres.Replica{Name: "walreceiver", State: "streaming", Sync: "sync"}
	for name, c := range map[string]struct {
		postgres.Condition
		want string // of every finding the state
	}{
		"hidden":            {postgres.Condition{Settings: names, Hidden: true, Replicas: []postgres.Replica{{Name: "walreceiver"}}}, ""},
		"hidden, none":      {postgres.Condition{Settings: names, Hidden: true}, "bad"},
		"seen":              {postgres.Condition{Settings: names, Replicas: []postgres.Replica{there}}, "ok"},
		"seen, not in step": {postgres.Condition{Settings: names, Replicas: []postgres.Replica{{Name: "walreceiver", State: "startup"}}}, "warning bad"},
		"a slot":            {postgres.Condition{Settings: names, Hidden: true, Replicas: []postgres.Replica{{Name: "walreceiver"}}, SlotBytes: 1 << 40}, "warning"},
	} {
		x := &examination{}
		x.standbys(&c.Condition)
		var got []string
		for _, f := range x.found {
			got = append(got, f.State)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %+v; want %q", name, x.found, c.want)
		}
	}
}

// TestNodeWithoutRights takes a right from a node's user: what comes in is
// refused with the reason, balancers and the operator are told, and work goes
// on by itself once the right is back.
func TestNodeWithoutRights(t *testing.T) {
	t.Parallel()
	url, dir := pgtest.URL(t), t.TempDir()
	if pgtest.Shared(t) == nil {
		t.Skip("the user's password does not belong into --store")
	}
	user, as, run := pgtest.Ordinary(t, url)
	run(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO `+user, `GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO `+user)
	write(t, dir, "advocate.yaml", "networks: {sandbox: {enabled: off}}\n")
	s := serve(t, dir, "serve", "--store", as)
	ready := func() (int, string) {
		code, body := s.call(t, "GET", "/readyz", nil)
		return code, string(body)
	}
	send := func() (int, string) {
		t.Helper()
		token, err := os.ReadFile(filepath.Join(s.dir, "admin.token"))
		if err != nil {
			t.Fatal(err)
		}
		req, err := http.NewRequestWithContext(t.Context(), "POST", s.url+"/v1/events", strings.NewReader(`{"specversion":"1.0","id":"1","source":"/shop","type":"order.shipped","orderid":"A-1"}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
		req.Header.Set("Content-Type", "application/cloudevents+json")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		return resp.StatusCode, string(body)
	}
	eventually(t, "ready", func() bool { code, _ := ready(); return code == http.StatusOK })
	privileges := func() (f finding) {
		t.Helper()
		r := command(t, dir, "", "doctor", "--quick", "--json", "--store", as)
		for _, f = range decode[struct{ Findings []finding }](t, r.stdout).Findings {
			if f.What == "privileges" {
				return f
			}
		}
		t.Fatalf("doctor: exit %d, %s%s", r.code, r.stdout, r.err)
		return f
	}
	if f := privileges(); f.State != "warning" || !strings.Contains(f.Says, "create") {
		t.Errorf("doctor: %+v", f)
	}

	const why = "the server's user lacks rights in the database"
	run(`REVOKE ALL ON SEQUENCE event_seq FROM ` + user)
	// Nobody has brought anything in, and what a node writes to see whether it
	// can needs no sequence.
	eventually(t, "readyz says no", func() bool {
		code, body := ready()
		return code == http.StatusServiceUnavailable && strings.Contains(body, "not ready: "+why)
	})
	if code, body := send(); code != http.StatusServiceUnavailable || !strings.Contains(body, why) {
		t.Errorf("an event: %d %s", code, body)
	}
	if f := privileges(); f.State != "bad" || !strings.Contains(f.Says, "event_seq") || !strings.Contains(f.Fix, "SEQUENCES") {
		t.Errorf("doctor: %+v", f)
	}
	run(`GRANT USAGE, SELECT ON SEQUENCE event_seq TO ` + user)
	eventually(t, "readyz says yes again", func() bool { code, _ := ready(); return code == http.StatusOK })
	if code, body := send(); code != http.StatusAccepted {
		t.Errorf("the event again: %d %s", code, body)
	}
}
