package source

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/secret"
)

const testKey = "correct horse battery"

func sum(key, msg string) []byte {
	m := hmac.New(sha256.New, []byte(key))
	m.Write([]byte(msg))
	return m.Sum(nil)
}

func hook(t testing.TB, c WebhookConfig) *Webhook {
	t.Helper()
	if c.Name == "" {
		c.Name = "shop"
	}
	if c.Secrets == nil {
		c.Secrets = []secret.Ref{{Value: "an older secret"}, {Value: testKey}}
	}
	if c.Map == "" {
		c.Map = `{id: .id, type: "order.\(.status)", orderid: .order, data: .}`
	}
	w, err := NewWebhook(c)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

const hookBody = `{"id":17,"status":"shipped","order":"a-1"}`

// Each scheme takes its own signature, and nothing that differs by one thing.
func TestWebhookSchemes(t *testing.T) {
	t.Parallel()
	stamp := strconv.FormatInt(now.Unix(), 10)
	old := strconv.FormatInt(now.Add(-6*time.Minute).Unix(), 10)
	ahead := strconv.FormatInt(now.Add(6*time.Minute).Unix(), 10)
	hx := func(s string) string { return hex.EncodeToString(sum(testKey, s)) }
	b64 := func(s string) string { return base64.StdEncoding.EncodeToString(sum(testKey, s)) }
	standardKey := []secret.Ref{{Value: "whsec_" + base64.StdEncoding.EncodeToString([]byte(testKey))}}
	standard := WebhookConfig{Scheme: SchemeStandard, Secrets: standardKey}
	stamped := WebhookConfig{Scheme: SchemeHMAC, Header: "X-Sig", TimestampHeader: "X-Time"}
	for _, c := range []struct {
		name    string
		config  WebhookConfig
		headers []string
		ok      bool
	}{
		{"standard", standard, []string{"Webhook-Id", "m1", "Webhook-Timestamp", stamp, "Webhook-Signature", "v1a,x v1,AAAA v1," + b64("m1."+stamp+"."+hookBody)}, true},
		{"standard, another id", standard, []string{"Webhook-Id", "m2", "Webhook-Timestamp", stamp, "Webhook-Signature", "v1," + b64("m1."+stamp+"."+hookBody)}, false},
		{"standard, another version", standard, []string{"Webhook-Id", "m1", "Webhook-Timestamp", stamp, "Webhook-Signature", "v2," + b64("m1."+stamp+"."+hookBody)}, false},
		{"standard, old", standard, []string{"Webhook-Id", "m1", "Webhook-Timestamp", old, "Webhook-Signature", "v1," + b64("m1."+old+"."+hookBody)}, false},
		{"standard, ahead", standard, []string{"Webhook-Id", "m1", "Webhook-Timestamp", ahead, "Webhook-Signature", "v1," + b64("m1."+ahead+"."+hookBody)}, false},
		{"standard, no id", standard, []string{"Webhook-Timestamp", stamp, "Webhook-Signature", "v1," + b64("."+stamp+"."+hookBody)}, false},
		{"github", WebhookConfig{Scheme: SchemeGitHub}, []string{"X-Hub-Signature-256", "sha256=" + hx(hookBody)}, true},
		{"github, no prefix", WebhookConfig{Scheme: SchemeGitHub}, []string{"X-Hub-Signature-256", hx(hookBody)}, false},
		{"github, another body", WebhookConfig{Scheme: SchemeGitHub}, []string{"X-Hub-Signature-256", "sha256=" + hx(hookBody+" ")}, false},
		{"github, empty", WebhookConfig{Scheme: SchemeGitHub}, []string{"X-Hub-Signature-256", "sha256="}, false},
		{"github, none", WebhookConfig{Scheme: SchemeGitHub}, nil, false},
		{"hmac hex", WebhookConfig{Scheme: SchemeHMAC, Header: "X-Sig"}, []string{"X-Sig", strings.ToUpper(hx(hookBody))}, true},
		{"hmac base64", WebhookConfig{Scheme: SchemeHMAC, Header: "X-Sig", Encoding: "base64"}, []string{"X-Sig", b64(hookBody)}, true},
		{"hmac with time", stamped, []string{"X-Sig", hx(stamp + "." + hookBody), "X-Time", stamp}, true},
		{"hmac, time not signed", stamped, []string{"X-Sig", hx(hookBody), "X-Time", stamp}, false},
		{"hmac, old", stamped, []string{"X-Sig", hx(old + "." + hookBody), "X-Time", old}, false},
		{"hmac, time is no number", stamped, []string{"X-Sig", hx("x." + hookBody), "X-Time", "x"}, false},
		{"stripe", WebhookConfig{Scheme: SchemeStripe}, []string{"Stripe-Signature", "t=" + stamp + ",v1=00,v1=" + hx(stamp+"."+hookBody) + ",v0=x"}, true},
		{"stripe, old", WebhookConfig{Scheme: SchemeStripe}, []string{"Stripe-Signature", "t=" + old + ",v1=" + hx(old+"."+hookBody)}, false},
		{"stripe, no time", WebhookConfig{Scheme: SchemeStripe}, []string{"Stripe-Signature", "v1=" + hx("."+hookBody)}, false},
		{"stripe, wrong version", WebhookConfig{Scheme: SchemeStripe}, []string{"Stripe-Signature", "t=" + stamp + ",v0=" + hx(stamp+"."+hookBody)}, false},
		{"token", WebhookConfig{Scheme: SchemeToken}, []string{"X-Webhook-Token", testKey}, true},
		{"token, older", WebhookConfig{Scheme: SchemeToken}, []string{"X-Webhook-Token", "an older secret"}, true},
		{"token, start of it", WebhookConfig{Scheme: SchemeToken}, []string{"X-Webhook-Token", testKey[:10]}, false},
		{"token, bearer", WebhookConfig{Scheme: SchemeToken, Header: "Authorization"}, []string{"Authorization", "Bearer " + testKey}, true},
	} {
		events, err := hook(t, c.config).Events(headers(c.headers...), []byte(hookBody), now)
		if c.ok && (err != nil || len(events) != 1 || events[0].ID != "17" || events[0].Type != "order.shipped" || events[0].OrderID != "A-1") {
			t.Errorf("%s: %+v, %v", c.name, events, err)
		}
		if !c.ok && (domain.ErrorCode(err) != domain.CodeUnauthorized || len(events) > 0) {
			t.Errorf("%s: %+v, %v; want it refused", c.name, events, err)
		}
	}
	// GitHub's documented example.
	v := verifier{scheme: SchemeGitHub, keys: [][]byte{[]byte("It's a Secret to Everybody")}, header: "X-Hub-Signature-256", prefix: "sha256="}
	if !v.verify(headers("X-Hub-Signature-256", "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"), []byte("Hello, World!"), now) {
		t.Error("GitHub's own example is refused")
	}
}

func deliver(w *Webhook, body string, kv ...string) ([]domain.Event, error) {
	h := headers(append(kv, "X-Webhook-Token", testKey)...)
	return w.Events(h, []byte(body), now)
}

func TestWebhookMapping(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ program, body, want string }{
		{`empty`, `{}`, ``},
		{`null`, `{}`, ``},
		{`[]`, `{}`, ``},
		{`{id: "x", type: "t"}`, `{}`, `/hooks/shop x t`},
		{`{id, source: "/crm", type: "t"}`, `{"id":12345678901234567890}`, `/crm 12345678901234567890 t`},
		{`.[] | {id: .n, type: "t"}`, `[{"n":1},{"n":2}]`, `/hooks/shop 1 t|/hooks/shop 2 t`},
		{`map({id: .n, type: "t"})`, `[{"n":1},{"n":2}]`, `/hooks/shop 1 t|/hooks/shop 2 t`},
		{`[{type: "t"}, {type: "u"}]`, `{}`, `/hooks/shop d-1/0 t|/hooks/shop d-1/1 u`},
		{`{type: $headers["x-event"]}`, `{}`, `/hooks/shop d-1 ping`},
		{`{type: "t", subject: ($headers["x-webhook-token"] // "hidden")}`, `{}`, `/hooks/shop d-1 t`},
		{`if .kind == "a" then {type: "t"} else empty end`, `{"kind":"b"}`, ``},
	} {
		w := hook(t, WebhookConfig{Scheme: SchemeToken, Map: c.program, IDHeader: "X-Delivery"})
		events, err := deliver(w, c.body, "X-Event", "ping", "X-Delivery", "d-1")
		var got []string
		for _, e := range events {
			got = append(got, e.Source+" "+e.ID+" "+e.Type)
			if e.Subject != "" && e.Subject != "hidden" {
				t.Errorf("the mapping saw the token: %q", e.Subject)
			}
		}
		if err != nil || strings.Join(got, "|") != c.want {
			t.Errorf("%s: %v, %v; want %s", c.program, got, err, c.want)
		}
	}
}

// A delivery that comes again must be known by source and id.
func TestWebhookRepeatIsTheSame(t *testing.T) {
	t.Parallel()
	w := hook(t, WebhookConfig{Scheme: SchemeToken, Map: `{type: "t", data: .}`})
	first, err := deliver(w, `{"a":1}`)
	if err != nil {
		t.Fatal(err)
	}
	again, _ := deliver(w, `{"a":1}`)
	other, _ := deliver(w, `{"a":2}`)
	if first[0].DedupeKey() != again[0].DedupeKey() || first[0].BodyHash() != again[0].BodyHash() || first[0].DedupeKey() == other[0].DedupeKey() {
		t.Errorf("ids: %s, %s, %s", first[0].ID, again[0].ID, other[0].ID)
	}
}

func TestWebhookErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		program, body string
		code          domain.Code
		want          string
	}{
		{`.`, `{"a":`, domain.CodeInvalid, `the body is not valid JSON: at byte 5: the text ends, want a value`},
		{`.`, `a=b`, domain.CodeInvalid, `the body is not valid JSON: at byte 0: found "a", want a value`},
		{`.`, strings.Repeat("[", 65) + strings.Repeat("]", 65), domain.CodeInvalid, `the body is nested 65 deep; at most 64 are accepted`},
		{`.`, strings.Repeat(" ", MaxWebhookBody+1), domain.CodeTooLarge, `the body is larger than 1 MiB`},
		{`.`, `{"a":{"type":"t","type":"u"}}`, domain.CodeInvalid, `the body names "type" twice in one object; want each name once`},
		{`.a.b`, `{"a":"secret text"}`, domain.CodeInvalid, `the mapping of shop does not take this body`},
		{`"text"`, `{}`, domain.CodeInvalid, `the mapping of shop gave a string; want an object with type and data, an array of such, or empty`},
		{`{id: "x"}`, `{}`, domain.CodeInvalid, `events[0].type: is required and must not be empty`},
		{`{type: "t", orderId: 1}`, `{}`, domain.CodeInvalid, `events[0].orderId: is not a field of an event; known are id, source, type, subject, time, orderid, customerid, sku, area, caseid, workitemid, hops, data`},
		{`[{type: "t"}, {type: 5}]`, `{}`, domain.CodeInvalid, `events[1].type: is a number; want a string`},
		{`{type: "t", time: 5}`, `{}`, domain.CodeInvalid, `events[0].time: is a number; want a string`},
		{`[range(101) | {type: "t"}]`, `{}`, domain.CodeTooLarge, `the mapping of shop gave 101 events; at most 100 are accepted from one delivery`},
		{`{type: "t", data: ("x" * 70000)}`, `{}`, domain.CodeTooLarge, `events[0].data: is larger than 64 KiB`},
		{`{id: .id, type: "t"}`, "{\"id\":\"e\xf6\"}", domain.CodeInvalid, `events[0].id: ` + lost},
		{`def f: f; f`, `{}`, domain.CodeInvalid, `the mapping of shop does not take this body`},
		{`{type: "t", data: nan}`, `{}`, "", ``},
	} {
		events, err := deliver(hook(t, WebhookConfig{Scheme: SchemeToken, Map: c.program}), c.body)
		if c.want == "" && err == nil && len(events) == 1 {
			continue
		}
		if err == nil || err.Error() != c.want || domain.ErrorCode(err) != c.code || len(events) > 0 {
			t.Errorf("%.60s: %v (%s)\nwant %s (%s)", c.program, err, domain.ErrorCode(err), c.want, c.code)
		}
	}
	// An attacker learns nothing about the body's meaning without a signature.
	_, err := hook(t, WebhookConfig{Scheme: SchemeToken}).Events(headers("X-Webhook-Token", "wrong"), []byte("not JSON"), now)
	if domain.ErrorCode(err) != domain.CodeUnauthorized {
		t.Errorf("unsigned: %v", err)
	}
}

func TestWebhookConfigErrors(t *testing.T) {
	ok := WebhookConfig{Name: "shop", Scheme: SchemeGitHub, Secrets: []secret.Ref{{Value: testKey}}, Map: ".", Place: "c.yaml: webhooks[0]"}
	for _, c := range []struct {
		change func(*WebhookConfig)
		want   string
	}{
		{func(c *WebhookConfig) { c.Name = "a/b" }, `name: is "a/b"; want 1 to 60 of a-z, 0-9, "-" and "_", since it is part of an address`},
		{func(c *WebhookConfig) { c.Scheme = "md5" }, `scheme: is "md5"; want one of standard, github, hmac, stripe, token`},
		{func(c *WebhookConfig) { c.Scheme = "hmac" }, `header: is required with scheme hmac; want the name of the header that carries the signature`},
		{func(c *WebhookConfig) { c.Secrets = nil }, `secrets: has 0 entries; want 1 to 4, each with env or file`},
		{func(c *WebhookConfig) { c.Secrets = []secret.Ref{{Env: "HOOK_NOT_SET"}} }, `secrets[0]: environment variable HOOK_NOT_SET is not set`},
		{func(c *WebhookConfig) { c.Secrets = []secret.Ref{{Value: "short"}} }, `secrets[0]: value in the configuration holds 5 bytes; want at least 8`},
		{func(c *WebhookConfig) { c.Scheme = "standard" }, `secrets[0]: value in the configuration is not "whsec_" and base64 of at least 8 bytes, as Standard Webhooks secrets are`},
		{func(c *WebhookConfig) { c.Map = "{" }, `map: jq line 1, column 2: the program ends too early; is a bracket or an "end" missing?`},
		{func(c *WebhookConfig) { c.Tolerance = 48 * time.Hour }, `tolerance: is 48h0m0s; want from 1s to 24h`},
		{func(c *WebhookConfig) { c.Encoding = "hex" }, `encoding: is for scheme hmac only`},
		{func(c *WebhookConfig) { c.Header = "X Sig" }, `header: "X Sig" is not a header's name`},
		{func(c *WebhookConfig) { c.TimestampHeader = "X-T" }, `timestamp_header: is for the schemes hmac and standard only`},
	} {
		config := ok
		c.change(&config)
		if _, err := NewWebhook(config); err == nil || err.Error() != "c.yaml: webhooks[0]: "+c.want {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}
}

// schemes are all that a source can be signed with.
var schemes = []Scheme{SchemeStandard, SchemeGitHub, SchemeHMAC, SchemeStripe, SchemeToken}

func FuzzWebhook(f *testing.F) {
	for _, scheme := range schemes {
		f.Add(string(scheme), hookBody, "sha256=00", "1772357400", "id", false)
		f.Add(string(scheme), `[{"type":"a","hops":9}]`, "t=1772357400,v1=00", "0", "", true)
	}
	hooks := map[Scheme]*Webhook{}
	for _, s := range schemes {
		c := WebhookConfig{Scheme: s, Map: `if type == "array" then .[] else . end`, Secrets: []secret.Ref{{Value: "whsec_" + base64.StdEncoding.EncodeToString([]byte(testKey))}}}
		if s == SchemeHMAC {
			c.Header, c.TimestampHeader = "X-Sig", "X-Time"
		}
		hooks[s] = hook(f, c)
	}
	token, err := NewWebhook(WebhookConfig{Name: "t", Scheme: SchemeToken, Map: `.. | objects`, Secrets: []secret.Ref{{Value: testKey}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, scheme, body, sig, stamp, id string, signed bool) {
		w := hooks[Scheme(scheme)]
		h := http.Header{}
		if signed || w == nil {
			w = token
			sig = testKey
		}
		h.Set(w.config.Header, sig)
		h.Set("webhook-id", id)
		h.Set("webhook-timestamp", stamp)
		h.Set("X-Time", stamp)
		events, err := w.Events(h, []byte(body), now)
		var de *domain.Error
		if err != nil && (len(events) > 0 || !errors.As(err, &de)) {
			t.Fatalf("%v with %d events", err, len(events))
		}
		if w != token && err == nil {
			t.Fatal("a signature was guessed")
		}
		for _, e := range events {
			if err := e.Validate(); err != nil {
				t.Fatal(fmt.Errorf("accepted: %w", err))
			}
		}
	})
}
