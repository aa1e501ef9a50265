package report

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/clock"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/socialtest"
	"github.com/contact-advocate/advocate/internal/store/memory"
	"github.com/contact-advocate/advocate/internal/virtual"
)

// reads understands every post as a question.
type reads struct{}

func (reads) Understand(string, string) domain.Understanding {
	return domain.Understanding{
		Lang: "en", Intent: domain.IntentQuestion, IntentConfidence: 0.9, NeedsAgent: true, NeedsAgentConfidence: 0.9, Sentiment: domain.Neutral, Urgency: domain.UrgencyNormal,
	}
}

const asksHowItWent = `
playbook: asks
csat: {after: 1h}
rules:
  - name: answer
    on: post
    do:
      - reply: {text: {en: "It works like this."}}
      - resolve: {outcome: answered}
`

// TestRatingsOfTheEngineAreCounted: what the real engine emits when it asks how
// a case went, and is told, is what a report counts.
func TestRatingsOfTheEngineAreCounted(t *testing.T) {
	t.Parallel()
	st, clk := memory.New(), clock.NewManual(day.Add(10*time.Hour))
	t.Cleanup(func() { st.Close() })
	network := socialtest.NewScripted(socialtest.ScriptedOptions{Name: "plaza", Now: clk.Now})
	e, err := engine.New(engine.Options{
		Store: st, Understander: reads{}, Networks: []social.Network{network}, Policy: domain.DefaultPolicy(), Clock: clk, Random: rand.NewChaCha8([32]byte{}), Workers: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	v := virtual.New(e, clk)
	version, err := e.PlaybookPublish(t.Context(), "asks", []byte(asksHowItWent), "test")
	if err == nil {
		err = e.PlaybookActivate(t.Context(), version, "test")
	}
	if err != nil {
		t.Fatal(err)
	}
	post := func(id, text, to string) {
		t.Helper()
		got, err := e.PostsSubmit(t.Context(), []domain.Post{{
			Network: "plaza", ID: id, Author: domain.Author{ID: "jo"}, Text: text, At: clk.Now(), Visibility: domain.Private, InReplyTo: to,
		}})
		if err == nil {
			err = got[0].Err
		}
		if err == nil {
			err = v.Settle(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	post("p1", "how does it work?", "")
	if err := v.Advance(t.Context(), clk.Now().Add(2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	sent := network.Sent()
	if len(sent) != 2 {
		t.Fatalf("%d messages, want the answer and the question how it went", len(sent))
	}
	post("p2", "4", sent[1].PostID)
	if _, err := CatchUp(t.Context(), st, clk.Now()); err != nil {
		t.Fatal(err)
	}
	rows := query(t, st, Params{By: ByIntent})
	i := slices.IndexFunc(rows, func(r Row) bool { return r.Key == string(domain.IntentQuestion) })
	if i < 0 || rows[i].CSAT == nil || rows[i].CSAT.Asked != 1 || rows[i].CSAT.Scores != [5]int64{3: 1} {
		t.Fatalf("%+v", rows)
	}
}
