package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/contact-advocate/advocate/examples/data"
	"github.com/contact-advocate/advocate/internal/component"
	"github.com/contact-advocate/advocate/internal/config"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/httpapi"
	"github.com/contact-advocate/advocate/internal/said"
	"github.com/contact-advocate/advocate/internal/secret"
)

// TestSampleCompany holds that the demo's files are what they should be.
func TestSampleCompany(t *testing.T) {
	t.Parallel()
	customers, _, err := sampleRows("customers.csv", data.Customers, []string{"ref"}, customerColumns, customerOf)
	if err != nil || len(customers) != 30 {
		t.Fatalf("%d customers, %v", len(customers), err)
	}
	orders, _, err := sampleRows("orders.csv", data.Orders, []string{"id"}, orderColumns, orderOf)
	if err != nil || len(orders) < 55 {
		t.Fatalf("%d orders, %v", len(orders), err)
	}
	known := map[string]bool{}
	for _, o := range orders {
		known[o.ID] = true
		if o.ID == "A-10234" && (!o.Late(data.Reference) || o.CustomerRef != "K-1001") {
			t.Errorf("A-10234 is not maria's late order: %+v", o)
		}
	}
	acts := shuffledActs(1)
	if len(acts) != bytes.Count(data.Traffic, []byte("\n")) {
		t.Errorf("%d acts of %d lines", len(acts), bytes.Count(data.Traffic, []byte("\n")))
	}
	for _, a := range acts {
		if a.Order != "" && !known[a.Order] || a.Handle == "" && a.Event == "" {
			t.Errorf("%+v", a)
		}
	}
	if again := shuffledActs(1); again[3] != acts[3] || shuffledActs(2)[0] == acts[0] && shuffledActs(3)[0] == acts[0] {
		t.Error("the order does not follow the seed")
	}
	people, err := demoPeople()
	if err != nil || len(people) != 5 {
		t.Errorf("%d people, %v", len(people), err)
	}
	for _, o := range orders {
		if o.Reason != "" && !slices.ContainsFunc(said.DemoReasons, func(s *said.Sentence) bool { return s.Text() == o.Reason }) {
			t.Errorf("nothing says %q, the reason of %s, in the viewer's language", o.Reason, o.ID)
		}
	}
	named := regexp.MustCompile(`A-\d+`)
	for _, p := range people {
		for _, s := range p.Samples {
			for _, id := range named.FindAllString(s, -1) {
				if p.Known && !slices.ContainsFunc(p.Orders, func(o httpapi.DemoOrder) bool { return o.ID == id }) {
					t.Errorf("%s is to ask for somebody else's order: %s", p.Handle, s)
				}
			}
		}
	}
}

func TestWrapAndClean(t *testing.T) {
	t.Parallel()
	if got := clean("a\x1b[31mb\u202ec\nd\x00"); got != "a[31mbc d" {
		t.Errorf("clean: %q", got)
	}
	for _, line := range wrap(strings.Repeat("wort ", 40)+strings.Repeat("x", 95), 30) {
		if utf8.RuneCountInString(line) > 30 {
			t.Errorf("%q is too long", line)
		}
	}
}

func TestWebhookSender(t *testing.T) {
	t.Parallel()
	answer := http.StatusNoContent
	var got *http.Request
	var body []byte
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
		w.WriteHeader(answer)
	}))
	t.Cleanup(srv.Close)
	c := config.Webhook{Name: "crm", URL: srv.URL, Secret: secret.Ref{Value: "a long secret"}}
	closed, err := newWebhookSender(c)
	if err != nil {
		t.Fatal(err)
	}
	if err := closed.Send(t.Context(), "k", domain.Notify{Text: "hello"}); err == nil || got != nil {
		t.Errorf("an address inside was reached: %v", err)
	}
	c.AllowPrivate = true
	w, err := newWebhookSender(c)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Send(t.Context(), "effect-1", domain.Notify{Text: "hello", Alarm: true}); err != nil {
		t.Fatal(err)
	}
	want := "v1," + sign("a long secret", "effect-1."+got.Header.Get("Webhook-Timestamp")+"."+string(body))
	if got.Header.Get("Webhook-Id") != "effect-1" || got.Header.Get("Webhook-Signature") != want || !bytes.Contains(body, []byte(`"alarm":true`)) {
		t.Errorf("%v %s", got.Header, body)
	}
	for status, retry := range map[int]bool{500: true, 429: true, 400: false, 301: false} {
		answer = status
		var e *component.Error
		if err := w.Send(context.Background(), "k", domain.Notify{}); !errors.As(err, &e) || e.Retry != retry {
			t.Errorf("%d: %v", status, err)
		}
	}
}

func FuzzRows(f *testing.F) {
	for _, s := range []string{"{\"text\":\"x\"}\n", "text,author\nhello,ann\n", "id;text\n1;\"a\nb\"\n", "\xff\xfet\x00e\x00", "[1]", "text\n\"", "{\"text\":{}}\n{\"id\":1e99,\"text\":\"\"}",
		"id,text\nA\xd6,x\n", "{\"id\":\"A\\u0000\",\"ref\":\"K\\ud800\",\"author\":\"j\\ufffd\",\"identities\":\"a/\\ufffd\",\"text\":\"x\"}"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, name := range []string{"x", "x.csv", "x.jsonl"} {
			r, err := newRows(name, bytes.NewReader(b), io.NopCloser(nil), []string{"text"}, postColumns)
			if err != nil {
				continue
			}
			for range 1000 {
				row, err := r.next()
				if err != nil {
					break
				}
				if p, err := postOf(row); err == nil {
					if p.ID == "" || p.Author.ID == "" || !utf8.ValidString(p.Text) || strings.ContainsRune(p.ID+p.Author.ID, '\uFFFD') {
						t.Errorf("%+v", p)
					}
				}
				if o, err := orderOf(row); err == nil && strings.ContainsRune(o.ID+o.CustomerRef, '\uFFFD') {
					t.Errorf("%+v", o)
				}
				if c, err := customerOf(row); err == nil && strings.ContainsRune(c.Ref, '\uFFFD') {
					t.Errorf("%+v", c)
				}
			}
		}
	})
}
