package httpapi

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/wire"
)

// TestAQueryThatDoesNotParse: a filter that cannot be read is no missing
// filter, at any address.
func TestAQueryThatDoesNotParse(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	for _, path := range []string{
		"/v1/customers?q=100%", "/v1/work-items?state=completed%", "/v1/effects?limit=1&state=held%zz", "/v1/work-items?state=completed;queue=care",
		"/v1/customers?%=1", "/healthz?x=%", "/docs?%zz",
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.URL.Path, r.URL.RawQuery, _ = strings.Cut(path, "?")
		r.RequestURI = path
		r.Header.Set("Authorization", "Bearer "+f.tokens[auth.RoleAdmin])
		rec := httptest.NewRecorder()
		f.api.ServeHTTP(rec, r)
		var p Problem
		if err := json.Unmarshal(rec.Body.Bytes(), &p); err != nil || rec.Code != 400 || len(p.Errors) != 1 {
			t.Errorf("%s: %d %s", path, rec.Code, rec.Body)
		}
	}
	f.want(f.call("GET", "/v1/customers?q=100%25+a%3Bb", "", f.as(auth.RoleAdmin)), 200)
}

// TestNamesThatStandTwiceInAPost are refused, as they are in events.
func TestNamesThatStandTwiceInAPost(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	for body, name := range map[string]string{
		`{"network":"x","id":"1","author":{"id":"a"},"text":"hi","text":"ho"}`:      `"field":"text"`,
		`[{"network":"x","id":"1","author":{"id":"a","id":"b"},"text":"hi"}]`:       `"field":"id"`,
		`{"network":"x","id":"1","author":{"id":"a"},"text":"hi","t\u0065xt":"ho"}`: `"field":"text"`,
	} {
		if a := f.want(f.call("POST", "/v1/posts", body, f.as(auth.RoleAdmin)), 400); !strings.Contains(a.body, name) || !strings.Contains(a.body, "twice") {
			t.Errorf("%s: %s", body, a.body)
		}
	}
	if len(f.engine.posts) > 0 {
		t.Errorf("posts %+v were taken", f.engine.posts)
	}
}

// TestATimeInTheYearOneIsATime: it is too old, and not missing.
func TestATimeInTheYearOneIsATime(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	f.want(f.call("POST", "/v1/posts", `{"network":"x","id":"1","author":{"id":"a"},"text":"hi","at":"0001-01-01T00:00:00Z"}`, f.as(auth.RoleAdmin)), 202)
	f.want(f.call("POST", "/v1/events", `{"specversion":"1.0","source":"s","id":"1","type":"order.paid","time":"0001-01-01T00:00:00Z","orderid":"A"}`, f.as(auth.RoleAdmin), "Content-Type: application/cloudevents+json"), 202)
	if p := f.engine.posts[0]; p.At.Year() != 1 {
		t.Errorf("the post is of %v", p.At)
	}
	if e := f.engine.events[0]; e.Time.Year() != 1 {
		t.Errorf("the event is of %v", e.Time)
	}
}

// TestABodyThatIsTooLarge names the limit, and its answer can be read by who
// sends the whole body first.
func TestABodyThatIsTooLarge(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	server := httptest.NewServer(f.api)
	defer server.Close()
	post := `{"network":"x","id":"1","author":{"id":"a"},"text":"` + strings.Repeat("x", 16000) + `"}`
	body := "[" + strings.Repeat(post+",", 499) + post + "]"
	r, err := http.NewRequest("POST", server.URL+"/v1/posts", struct{ io.Reader }{bytes.NewReader([]byte(body))})
	if err != nil {
		t.Fatal(err)
	}
	r.ContentLength = int64(len(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+f.tokens[auth.RoleAdmin])
	answer, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != 413 || !strings.Contains(string(text), "1 MiB") {
		t.Errorf("%d %s %v", answer.StatusCode, text, err)
	}
}

// TestAListOfOnePageHasNoCursor: whatever is given is none of ours.
func TestAListOfOnePageHasNoCursor(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	for _, list := range []string{"orders", "cases", "subscriptions", "history", "decisions"} {
		if a := f.call("GET", "/v1/customers/c0000000000077/"+list+"?cursor=garbage", "", f.as(auth.RoleAdmin)); a.status != 400 || !strings.Contains(a.body, "cursor") {
			t.Errorf("%s: %d %s", list, a.status, a.body)
		}
	}
}

// TestTheSecondDropSaysWhatBecame: who drops what another has dropped learns
// that, and not that there never was anything.
func TestTheSecondDropSaysWhatBecame(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	id := domain.ObjectID(77, domain.KindEffect, 3)
	record := domain.Record{Customer: 77, Version: 1, Inputs: []domain.Input{{Kind: domain.InputOutcome, Outcome: &domain.Outcome{
		Effect: id, Kind: domain.EffectReply, State: domain.OutcomeCanceled, Reason: "dropped by kim",
	}}}}
	if err := f.store.Update(t.Context(), func(tx store.Tx) error {
		if err := tx.AdvocateInsert([]store.Advocate{{ID: 77, CreatedAt: testNow}}); err != nil {
			return err
		}
		return tx.AdvocateWrite([]store.AdvocateWriteRow{{ID: 77, Version: 1, State: wire.Marshal(&domain.Snapshot{}), At: testNow, Record: wire.Marshal(&record)}})
	}); err != nil {
		t.Fatal(err)
	}
	if a := f.want(f.call("POST", "/v1/effects/"+id+"/drop", "", f.as(auth.RoleAdmin)), 409); !strings.Contains(a.body, "dropped by kim") {
		t.Error(a.body)
	}
	f.want(f.call("POST", "/v1/effects/"+domain.ObjectID(77, domain.KindEffect, 99)+"/drop", "", f.as(auth.RoleAdmin)), 404)
	f.want(f.call("POST", "/v1/effects/"+domain.ObjectID(78, domain.KindEffect, 3)+"/drop", "", f.as(auth.RoleAdmin)), 404)
}
