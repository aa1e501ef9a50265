package httpapi

import (
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// TestExplainTellsNobodysBeing: a customer out of reach and one who never was
// are answered with the same sentence.
func TestExplainTellsNobodysBeing(t *testing.T) {
	t.Parallel()
	q := newQueues(t, nil)
	sue := q.token("sue", auth.RoleSupervisor, nil, "care")
	q.explained("customer", far.String(), far)
	gone := q.want(q.call("GET", "/v1/explain/"+far.String(), "", sue), 404)
	q.engine.explain, q.engine.fail = Explanation{}, domain.Errorf(domain.CodeNotFound, "there is no customer %v", domain.CustomerID(999))
	none := q.want(q.call("GET", "/v1/explain/"+domain.CustomerID(999).String(), "", sue), 404)
	if gone.body != strings.ReplaceAll(none.body, domain.CustomerID(999).String(), far.String()) {
		t.Errorf("one can be told from the other:\n%s\n%s", gone.body, none.body)
	}
}

// TestExplainTellsNoNetworks: on which networks there is a post out of reach is
// not told; who sees all is asked which is meant.
func TestExplainTellsNoNetworks(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	ana := s.write("ana", "Where is my order A-10234?", "public")
	if err := s.store.Update(t.Context(), func(tx store.Tx) error {
		known, err := tx.PostFindID(ana)
		if err != nil {
			return err
		}
		for _, network := range []string{"forum", "reviews"} {
			row := known[0]
			row.Key = domain.PostKey{Network: network, ID: "4711"}
			known = append(known, row)
		}
		return tx.PostPut(known[1:])
	}); err != nil {
		t.Fatal(err)
	}
	secret, err := auth.Create(t.Context(), s.store, auth.CreateParams{Name: "vip", Role: auth.RoleAgent, Queues: []string{"vip"}, Now: testNow})
	if err != nil {
		t.Fatal(err)
	}
	vip := "Authorization: Bearer " + secret
	two := s.want(s.call("GET", "/v1/explain/4711", "", vip), 404)
	none := s.want(s.call("GET", "/v1/explain/4712", "", vip), 404)
	if two.body != strings.ReplaceAll(none.body, "4712", "4711") {
		t.Errorf("one can be told from the other:\n%s\n%s", two.body, none.body)
	}
	if r := s.want(s.call("GET", "/v1/explain/4711", "", s.as(auth.RoleAgent)), 409); !strings.Contains(r.body, "forum/4711, reviews/4711") {
		t.Errorf("who may see both is told %s", r.body)
	}
}

// TestAnIdentityOutOfReachIsNobodysByName: that an identity is another
// customer's is told, and whose to those alone who may see them.
func TestAnIdentityOutOfReachIsNobodysByName(t *testing.T) {
	t.Parallel()
	q := newQueues(t, nil)
	whose := "customer " + far.String() + "'s"
	q.engine.fail = domain.Errorf(domain.CodeConflict, "the identity sandbox/otto is %s", whose)
	const path, body = "/v1/customers/C-NEAR/identities/link", `{"network":"sandbox","author":"otto"}`
	if a := q.want(q.call("POST", path, body, q.as(auth.RoleAgent)), 409); !strings.Contains(a.body, whose) {
		t.Errorf("who may see all is not told: %s", a.body)
	}
	if a := q.want(q.call("POST", path, body, q.token("sue", auth.RoleSupervisor, nil, "care")), 409); strings.Contains(a.body, far.String()) {
		t.Errorf("it is told whose: %s", a.body)
	}
}

// TestNothingOfAPersonUnderAKey: what is kept of a refused request for its
// repetition quotes nothing that was sent.
func TestNothingOfAPersonUnderAKey(t *testing.T) {
	t.Parallel()
	q := newQueues(t, nil)
	q.engine.fail = domain.Errorf(domain.CodeConflict, "the identity sandbox/zebulon is customer 1's")
	const path, body = "/v1/customers/C-NEAR/identities/link", `{"network":"sandbox","author":"zebulon"}`
	first := q.want(q.call("POST", path, body, q.as(auth.RoleAgent), "Idempotency-Key: k"), 409)
	if !strings.Contains(first.body, "zebulon") {
		t.Fatalf("it does not say what is wrong: %s", first.body)
	}
	if err := q.store.View(t.Context(), func(r store.Reader) error {
		docs, err := r.DocumentList(store.DocumentListParams{Kind: idempotencyKind, Limit: 10})
		if len(docs) != 1 || strings.Contains(string(docs[0].Body), "zebulon") {
			t.Errorf("kept: %s", docs[0].Body)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	q.engine.fail = nil
	again := q.want(q.call("POST", path, body, q.as(auth.RoleAgent), "Idempotency-Key: k"), 409).json(t)
	said, _ := again["detail_said"].([]any)
	if again["code"] != "conflict" || again["detail"] != refusedBefore || len(said) != 1 || said[0].(map[string]any)["code"] != "err_refused_before" {
		t.Errorf("repeated: %v", again)
	}
}
