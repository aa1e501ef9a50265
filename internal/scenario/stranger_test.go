package scenario

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/playbook"
)

// TestAStrangerCannotTellAKnownOrderFromAnUnknownOne plays the same story
// where the order a stranger names exists and where it does not. Everything
// the stranger hears, and when, must be the same.
func TestAStrangerCannotTellAKnownOrderFromAnUnknownOne(t *testing.T) {
	t.Parallel()
	post := func(text string, private bool) playbook.ScenarioStep {
		return playbook.ScenarioStep{Post: &playbook.ScenarioPost{From: "stranger", Network: "sandbox", Text: text, Private: private}}
	}
	event := func(e domain.Event) playbook.ScenarioStep {
		e.Source = "shop"
		return playbook.ScenarioStep{Event: &e}
	}
	wait := func(d time.Duration) playbook.ScenarioStep { return playbook.ScenarioStep{Wait: d} }
	delayed := event(domain.Event{Type: "order.delayed", OrderID: "A-10234", CustomerRef: "C-1"})
	delivered := event(domain.Event{Type: "order.delivered", OrderID: "A-10234", CustomerRef: "C-1"})
	stories := map[string][]playbook.ScenarioStep{
		"furious":           {post("where is my order A-10234? it is late, I am furious!!", true)},
		"asks":              {post("where is A-10234?", false), delayed, wait(26 * time.Hour), delivered},
		"broken":            {post("A-10234 arrived broken, terrible", true), post("hello??? nobody answers", true)},
		"refund":            {post("I want a refund for A-10234", false), wait(time.Hour), post("I want a refund for A-10234", false)},
		"cancels":           {post("cancel A-10234 please", true), delivered, post("cancel A-10234 please", true)},
		"something else":    {post("why was I charged twice for A-10234", false), post("can't log in to my account A-10234", true)},
		"recall and outage": {post("where is A-10234?", true), event(domain.Event{Type: "recall.issued", SKU: "sku-1"}), event(domain.Event{Type: "outage.started", Area: "north"})},
		"guesses":           {post("where is A-10234?", true), post("12345", true), post("wrong@example.com", true), post("99999", true), delayed},
		"tracking":          {post("where is A-10234?", true), post("my parcel JD014600001234 has not arrived", true), post("my parcel JD014600001234 has not arrived", false)},
	}
	for _, status := range []domain.OrderStatus{domain.OrderDelayed, domain.OrderDelivered} {
		for name, steps := range stories {
			t.Run(fmt.Sprintf("%s/%s", status, name), func(t *testing.T) {
				t.Parallel()
				o := domain.Order{
					ID: "A-10234", CustomerRef: "C-1", Status: status, ETA: playbook.ScenarioStart.Add(-24 * time.Hour), Area: "north", Tracking: "JD014600001234",
					Email: "jane@example.com", Postcode: "90210", Items: []domain.OrderItem{{SKU: "sku-1", Name: "Red kettle"}},
				}
				known := heard(t, o, steps)
				o.ID, o.Tracking = "Z-77777", "ZZ000000000000"
				if unknown := heard(t, o, steps); !slices.Equal(known, unknown) || len(known) == 0 {
					t.Errorf("of a known order:\n  %s\nof an unknown one:\n  %s", strings.Join(known, "\n  "), strings.Join(unknown, "\n  "))
				}
			})
		}
	}
}

// heard is what reaches the stranger until two days after the story, and when.
func heard(t *testing.T, o domain.Order, steps []playbook.ScenarioStep) []string {
	t.Helper()
	sc := playbook.Scenario{File: "stranger", Name: t.Name(), Now: playbook.ScenarioStart}
	sc.Given.Orders = []domain.Order{o}
	sc.Given.Customers = []playbook.GivenCustomer{{
		Profile:    domain.Profile{Ref: "C-1", Name: "Jane Miller", Phone: "+15552340001"},
		Identities: []domain.Identity{{IdentityKey: domain.IdentityKey{Network: "sandbox", Author: "jane"}, Handle: "jane"}},
	}}
	w, err := newWorld(t.Context(), Options{Name: "default.yaml", Playbook: playbook.Default(), Policy: domain.DefaultPolicy()}, &sc)
	if err != nil {
		t.Fatal(err)
	}
	defer w.close()
	var out []string
	play := func(s *playbook.ScenarioStep) {
		w.log.begin()
		if err := w.play(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		for _, r := range w.log.step.replies {
			if r.To.Author == "stranger" {
				out = append(out, fmt.Sprintf("%s %s %s", w.clock.Now().Format(time.DateTime), r.Visibility, r.Text))
			}
		}
	}
	for i := range steps {
		s := steps[i]
		if s.Event != nil && s.Event.OrderID != "" {
			e := *s.Event
			e.OrderID, s.Event = o.ID, &e // what does not exist is not delayed
		}
		play(&s)
	}
	for range 16 {
		play(&playbook.ScenarioStep{Wait: 3 * time.Hour})
	}
	return out
}
