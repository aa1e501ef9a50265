package httpapi

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/caseload"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/wire"
)

// marks are words that stand in what a store holds, by who must not read them.
type marks struct {
	nobody   []string // secrets, their digests, and what the program notes for itself
	personal []string // a customer's, for whoever reads customers or work
	far      []string // of the other queue
	at       []string // addresses beside those of the matrix, of what was planted
}

// plant fills a store with marked data.
func plant(q *queues) marks {
	q.Helper()
	m := marks{
		nobody: []string{
			"$argon2id", "vaultvalue", "saidmark", "firedmark", "ordersecret@example.com", "QX9 9ZJ", "shownmark", "toldmark", "verifymark@example.com", "conversationmark",
		},
		personal: []string{nearWord, "Name maria", "+12025550143", "2025550143", "C-NEAR", near.String()},
		far:      []string{farWord, bothFarWord, "Name otto", "C-FAR"},
	}
	if err := q.vault.Set(q.Context(), "kim", "crm", "vaultvalue"); err != nil {
		q.Fatal(err)
	}
	hook := q.want(q.call("POST", "/v1/webhooks", `{"url":"https://example.com/x"}`, q.as(auth.RoleAdmin)), 201).json(q.T)
	m.nobody = append(m.nobody, hook["secret"].(string), strings.TrimPrefix(hook["secret"].(string), "whsec_"))

	id := domain.CustomerID(90)
	c := caseOf(id, 1)
	order := domain.Order{ID: "A-1", CustomerRef: "C-MARK", Status: domain.OrderShipped, Email: "ordersecret@example.com", Postcode: "QX9 9ZJ", UpdatedAt: testNow}
	k := domain.IdentityKey{Network: "sandbox", Author: "mark"}
	s := domain.Snapshot{
		Customer: domain.Customer{ID: id, Profile: domain.Profile{Ref: "C-MARK", Name: "Mark"}, Identities: []domain.Identity{
			{IdentityKey: k, Handle: "mark", Shown: []string{"shownmark"}, Evidence: []domain.Evidence{{Kind: domain.EvidenceSystem}}}}},
		Cases: []domain.Case{{
			ID: c, State: domain.CaseOpen, Identity: k, Quote: nearWord, Said: []string{"saidmark"}, Fired: []string{"firedmark"}, ToldOrder: "toldmark", OpenedAt: testNow, UpdatedAt: testNow,
			Promises: []domain.Promise{{ID: domain.ObjectID(id, domain.KindPromise, 1), What: nearWord, MadeAt: testNow, Due: testNow.Add(time.Minute), State: domain.PromiseOpen}},
			Known:    []domain.Fact{{Name: "orders", Found: true, At: testNow, Data: json.RawMessage(`{"email":"ordersecret@example.com","postcode":"QX9 9ZJ","id":"A-1"}`)}},
		}},
		Orders: []domain.KnownOrder{{Order: order, Open: true, Found: true, At: testNow}},
	}
	in := domain.Input{Kind: domain.InputAnswer, At: testNow, Answer: &domain.ComponentAnswer{Lookup: domain.Lookup{Component: "orders"}, Found: true, Orders: []domain.Order{order},
		Data: json.RawMessage(`{"email":"verifymark@example.com"}`)}}
	record := domain.Record{Customer: id, Version: 1, At: testNow, Inputs: []domain.Input{in}, Entries: []domain.Entry{{At: testNow, Kind: domain.EntryPost, Case: c, Text: nearWord}}}
	event := domain.Event{Source: "shop", ID: "m1", Type: "order.paid", OrderID: "A-1", Time: testNow, Accepted: testNow, Data: json.RawMessage(`{"email":"ordersecret@example.com"}`)}
	if err := q.store.Update(q.Context(), func(tx store.Tx) error {
		if err := tx.AdvocateInsert([]store.Advocate{{ID: id, Ref: "C-MARK", Search: "c-mark", State: wire.Marshal(&s), CreatedAt: testNow}}); err != nil {
			return err
		}
		if err := tx.AdvocateWrite([]store.AdvocateWriteRow{{ID: id, Version: 1, State: wire.Marshal(&s), Ref: "C-MARK", Search: "c-mark", At: testNow, Record: wire.Marshal(&record)}}); err != nil {
			return err
		}
		if err := tx.OrderPut([]domain.Order{order}); err != nil {
			return err
		}
		if err := tx.EffectAdd([]store.EffectRow{{State: domain.EffectHeld, CreatedAt: testNow, Effect: domain.Effect{
			ID: effectOf(id, 1), Customer: id, Case: c, Kind: domain.EffectEmit, Destination: "emit", Conversation: "conversationmark", MaxAttempts: 1, Emit: &event,
		}}}); err != nil {
			return err
		}
		rows, err := tx.TokenList()
		for _, r := range rows {
			m.nobody = append(m.nobody, hex.EncodeToString(r.Hash[:]), base64.StdEncoding.EncodeToString(r.Hash[:]), base64.RawURLEncoding.EncodeToString(r.Hash[:]))
		}
		return err
	}); err != nil {
		q.Fatal(err)
	}
	if err := caseload.CatchUp(q.Context(), q.store, func() time.Time { return testNow }); err != nil {
		q.Fatal(err)
	}
	for _, path := range []string{"", "/history", "/orders", "/cases", "/subscriptions", "/decisions", "/identities", "/merges"} {
		m.at = append(m.at, "/v1/customers/C-MARK"+path)
	}
	m.at = append(m.at, "/v1/cases/"+c)
	return m
}

// found are the words of a list that an answer has, in its body or its headers.
func (a answer) found(words []string) (out []string) {
	var b strings.Builder
	b.WriteString(a.body)
	for k, v := range a.header {
		if k != "Set-Cookie" {
			b.WriteString(k + strings.Join(v, " "))
		}
	}
	for _, w := range words {
		if strings.Contains(b.String(), w) {
			out = append(out, w)
		}
	}
	return out
}

// TestNoAnswerTellsTooMuch reads every answer to every caller.
func TestNoAnswerTellsTooMuch(t *testing.T) {
	t.Parallel()
	q, credentials := matrix(t)
	m := plant(q)
	for _, c := range credentials {
		for _, h := range c.headers {
			for _, before := range []string{"Authorization: Bearer ", "Cookie: "} {
				if secret, ok := strings.CutPrefix(h, before); ok {
					_, secret, named := strings.Cut(secret, "=")
					if !named {
						secret = strings.TrimPrefix(h, before)
					}
					sum := sha256.Sum256([]byte(secret))
					m.nobody = append(m.nobody, secret, hex.EncodeToString(sum[:]), base64.RawURLEncoding.EncodeToString(sum[:]))
				}
			}
		}
	}
	near := q.token("only-care", auth.RoleSupervisor, nil, "care")
	credentials = append(credentials, credential{"a token for the queue care", []string{near}, nil})
	type request struct {
		key, method string
		try
	}
	var requests []request
	for key, x := range tries() {
		method, path, _ := strings.Cut(key, " ")
		if x.path == "" {
			x.path = fill(path)
		}
		if key != "DELETE /v1/session" && key != "DELETE /v1/account/sessions" {
			requests = append(requests, request{key, method, x})
		}
	}
	for _, path := range m.at {
		requests = append(requests, request{"GET " + path, "GET", try{path: path}})
	}
	seen := map[string]bool{}
	for _, c := range credentials {
		role, _, _ := strings.Cut(c.name, "'")
		reads := slices.Contains(strings.Fields(held["read_customers"]), role) || c.want == nil
		for _, only := range []auth.Permission{auth.Ingest, auth.Reports} {
			reads = reads && c.name != role+"'s token for "+string(only)
		}
		for _, x := range requests {
			a := q.call(x.method, x.path, x.body, append(slices.Clone(c.headers), x.headers...)...)
			if strings.HasPrefix(x.path, "/openapi") || strings.HasPrefix(x.path, "/assets") {
				continue
			}
			if w := a.found(m.nobody); len(w) > 0 {
				t.Errorf("%s with %s tells %q", x.key, c.name, w)
			}
			if w := a.found(m.personal); len(w) > 0 {
				seen[role] = true
				if !reads || a.status >= 400 && !strings.Contains(x.path, w[0]) {
					t.Errorf("%s with %s tells %q: %d %.200s", x.key, c.name, w, a.status, a.body)
				}
			}
			if c.want == nil || strings.Contains(c.name, "another queue") {
				if w := a.found(m.far); len(w) > 0 {
					t.Errorf("%s with %s tells of another queue: %q", x.key, c.name, w)
				}
			}
		}
	}
	for _, role := range strings.Fields(held["read_customers"]) {
		if !seen[role] {
			t.Errorf("%s saw nothing: was anything planted?", role)
		}
	}
}
