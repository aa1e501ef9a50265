package playbook

import (
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

var testNow = time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC) // a Tuesday

func mustCompile(t testing.TB, src string) *Playbook {
	t.Helper()
	p, err := Compile("test.yaml", []byte(src), domain.DefaultPolicy())
	if err != nil {
		t.Fatalf("compile:\n%v", err)
	}
	return p
}

// testView is an unhappy, proven customer with a late order.
func testView() *View {
	key := domain.IdentityKey{Network: "sandbox", Author: "u1"}
	snap := &domain.Snapshot{
		Customer: domain.Customer{ID: 7, Profile: domain.Profile{Ref: "C-1", Name: "Dr. Jane Miller", Tier: "gold", Phone: "+15551234567", Email: "jane@example.com", TimeZone: "Etc/UTC"},
			Identities: []domain.Identity{{IdentityKey: key, Handle: "jane_m", Name: "Jane M", Evidence: []domain.Evidence{{Kind: domain.EvidenceSystem, At: testNow}}}}},
		Cases: []domain.Case{{ID: "k1", State: domain.CaseOpen, Identity: key, Intent: domain.IntentOrderStatus, Topics: []domain.Topic{domain.TopicLate},
			Sentiment: domain.Negative, Lang: "en", OrderRefs: []string{"A-10234"}, OpenedAt: testNow.Add(-time.Hour),
			Known:    []domain.Fact{{Name: "orders", Key: "A-10234", Found: true}, {Name: "knowledge", Found: true, Data: []byte(`{"title":"How to return","url":"https://help.example.com/returns","n":3}`)}},
			Promises: []domain.Promise{{What: "callback", State: domain.PromiseOpen}, {What: "update", State: domain.PromiseKept}}}},
		Orders: []domain.KnownOrder{{Found: true, Open: true, Order: domain.Order{ID: "A-10234", CustomerRef: "C-1", Status: domain.OrderDelayed,
			ETA: testNow.Add(50 * time.Hour), Promised: testNow.Add(-26 * time.Hour), Carrier: "DHL", Tracking: "JD0146000012", Total: "59.90", Currency: "EUR",
			Items: []domain.OrderItem{{SKU: "s1", Name: "Red kettle"}, {Name: "Mug @everyone evil.com"}}, Reason: "snow", Postcode: "SW1A 1AA"}}},
	}
	v := &View{Now: testNow, Zone: time.UTC, Snapshot: snap, Case: &snap.Cases[0], Identity: &snap.Customer.Identities[0], Order: &snap.Orders[0],
		Post:    &domain.Post{Network: "sandbox", ID: "p1", Text: "where is A-10234", Author: domain.Author{ID: "u1", Handle: "jane_m", Name: "Jane M"}, Visibility: domain.Public, At: testNow},
		Meaning: &domain.Understanding{Lang: "en", Intent: domain.IntentOrderStatus, IntentConfidence: 0.9, Sentiment: domain.Negative, NeedsAgent: true, Topics: []domain.Topic{domain.TopicLate}, Entities: []domain.Entity{{Kind: domain.EntityOrder, Text: "A-10234", Value: "A-10234"}}},
		Due:     testNow.Add(7 * time.Hour), Number: "+15551234567",
	}
	return v
}

func TestRuleFromTheInterface(t *testing.T) {
	t.Parallel()
	p := mustCompile(t, string(Default()))
	v := testView()
	v.Order, v.Case.Known = nil, nil
	rules := p.Rules("post")
	if len(rules) == 0 {
		t.Fatal("nothing listens to posts")
	}
	_ = rules
}

func BenchmarkCondition(b *testing.B) {
	p := mustCompile(b, `
playbook: b
rules:
  - name: r
    on: post
    when: case.sentiment == "negative" && order.late && !case.knows("outages") && !(post.intent in ["praise", "spam"])
    do: [{resolve: {}}]
`)
	v := testView()
	r := p.Rules("post")[0]
	a := v.ready("")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.when.eval(a); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCompileDefault(b *testing.B) {
	for b.Loop() {
		if _, err := Compile("default.yaml", Default(), domain.DefaultPolicy()); err != nil {
			b.Fatal(err)
		}
	}
}
