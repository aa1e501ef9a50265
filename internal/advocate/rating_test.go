package advocate_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/advocate"
	"github.com/contact-advocate/advocate/internal/domain"
)

// rated is a playbook that asks how it went, and acts on bad marks.
const rated = `
playbook: rated
csat: {after: 24h, every: 90d, when: case.intent != "praise"}
rules:
  - name: answer
    on: post
    when: post.intent == "question"
    do:
      - reply: {text: {en: "Here is how {post.text} works."}}
      - resolve: {outcome: answered}
  - name: complaint
    on: post
    when: post.intent == "service_complaint"
    do:
      - handover: {why: a complaint}
  - name: bad-marks
    on: rated
    when: case.rating <= 2
    do:
      - work_item: {kind: review, due: 8h, note: "'Marks: ' + string(case.rating) + ' ' + case.rating_comment"}
`

func question() domain.Understanding {
	return domain.Understanding{Intent: domain.IntentQuestion, IntentConfidence: 0.9, NeedsAgent: true}
}

func unclear() domain.Understanding { return domain.Understanding{Intent: domain.IntentUnclear} }

// answeredKit has one case that was answered and resolved.
func answeredKit(t testing.TB) *kit {
	k := newKit(t, rated).known()
	k.decide(k.post("maria", "washing?", domain.Private, question()))
	k.decide(k.sent())
	if c := k.oneCase(); c.IsOpen() || c.Rating != nil {
		t.Fatalf("%s", mustJSON(t, c))
	}
	return k
}

// askedKit has the customer asked how it went.
func askedKit(t testing.TB) *kit {
	k := answeredKit(t)
	k.pass(25 * time.Hour)
	k.onlyReply()
	k.decide(k.sent())
	return k
}

func (k *kit) emitted(kind string) []map[string]any {
	k.t.Helper()
	var out []map[string]any
	for _, e := range k.last.Emitted {
		if e.Type == kind {
			data := map[string]any{}
			if err := json.Unmarshal(e.Data, &data); err != nil {
				k.t.Fatal(err)
			}
			out = append(out, data)
		}
	}
	return out
}

// reply is a post in the thread of our question.
func (k *kit) rates(text string, m domain.Understanding) domain.Input {
	in := k.post("maria", text, domain.Private, m)
	in.Post.InReplyTo = k.snap.Cases[0].Rating.Message
	return in
}

func TestAskedADayLaterInPrivate(t *testing.T) {
	t.Parallel()
	k := answeredKit(t)
	k.pass(23 * time.Hour)
	if k.snap.Cases[0].Rating != nil {
		t.Fatal("asked too early")
	}
	k.pass(2 * time.Hour)
	r := k.onlyReply()
	if r.Template != advocate.RatingTemplate || r.Visibility != domain.Private || !r.Proactive {
		t.Fatalf("%s", mustJSON(t, r))
	}
	k.contains(r.Text, "from 1 (badly) to 5")
	if c := k.oneCase(); c.Rating == nil || !c.Rating.AskedAt.IsZero() || c.IsOpen() {
		t.Fatalf("it has not left: %s", mustJSON(t, c))
	}
	if len(k.emitted("advocate.case.asked")) > 0 {
		t.Error("told before it left")
	}
	k.decide(k.sent())
	if got := k.emitted("advocate.case.asked"); len(got) != 1 || got[0]["network"] != network || got[0]["intent"] != "question" {
		t.Errorf("%v", got)
	}
	if !k.snap.Cases[0].Rating.Awaited(k.now) {
		t.Error("no answer is waited for")
	}
}

func TestMarks(t *testing.T) {
	t.Parallel()
	positive, negative := unclear(), unclear()
	positive.Sentiment, negative.Sentiment = domain.Positive, domain.Negative
	for _, x := range []struct {
		text    string
		m       domain.Understanding
		score   int
		comment bool
	}{
		{"5", unclear(), 5, false}, {"4/5, quick answer", unclear(), 4, true}, {"it went smoothly", positive, 4, true}, {"hmm, that was a long story", negative, 2, true},
		{"no comment at this point really", unclear(), 0, true},
	} {
		k := askedKit(t)
		k.decide(k.rates(x.text, x.m))
		c := k.oneCase()
		if c.Rating.Score != x.score || (c.Rating.Comment == x.text) != x.comment || c.Rating.At != k.now || c.Rating.Post == "" {
			t.Errorf("%q: %s", x.text, mustJSON(t, c.Rating))
		}
		if got := k.emitted("advocate.case.rated"); x.score > 0 && (len(got) != 1 || got[0]["score"] != float64(x.score)) || x.score == 0 && len(got) > 0 {
			t.Errorf("%q: emitted %v", x.text, got)
		}
		if x.score != 2 {
			if r := k.onlyReply(); r.Template != "rating-thanks" || r.Proactive || c.IsOpen() {
				t.Errorf("%q: %s, case %s", x.text, mustJSON(t, r), c.State)
			}
		}
	}
}

// TestMoreWords: what is added within a day is kept with the rating, without
// another thank-you; the marks stand.
func TestMoreWords(t *testing.T) {
	t.Parallel()
	k := askedKit(t)
	k.decide(k.rates("4", unclear()))
	k.now = k.now.Add(time.Minute)
	k.decide(k.rates("because it was quick", unclear()))
	k.noReply()
	if c := k.oneCase(); c.Rating.Score != 4 || c.Rating.Comment != "because it was quick" || c.IsOpen() || len(k.emitted("advocate.case.rated")) > 0 {
		t.Errorf("%s", mustJSON(t, c))
	}
	k.decide(domain.Input{Kind: domain.InputPost, Post: &domain.Post{
		Network: network, ID: k.snap.Cases[0].Rating.Post, Author: domain.Author{ID: "maria"}, Visibility: domain.Private, Deleted: true,
	}})
	if r := k.snap.Cases[0].Rating; r.Score != 4 || r.Comment != "" {
		t.Errorf("words of a deleted post are kept: %s", mustJSON(t, r))
	}
}

func TestBadMarksMakeWorkByARule(t *testing.T) {
	t.Parallel()
	k := askedKit(t)
	k.decide(k.rates("2", unclear()))
	if len(k.snap.WorkItems) != 1 || k.snap.WorkItems[0].Rule != "bad-marks" || !strings.Contains(k.snap.WorkItems[0].Note, "Marks: 2") {
		t.Fatalf("%s", mustJSON(t, k.snap.WorkItems))
	}
}

// TestAComplaintGoesOn: words that complain are a rating and reopen the case.
func TestAComplaintGoesOn(t *testing.T) {
	t.Parallel()
	k := askedKit(t)
	complaint := domain.Understanding{Intent: domain.IntentServiceComplaint, IntentConfidence: 0.8, NeedsAgent: true, Sentiment: domain.Negative}
	for _, threaded := range []bool{true, false} {
		k := askedKit(t)
		in := k.rates("1, nobody ever listened to me", complaint)
		if !threaded {
			in.Post.InReplyTo = ""
		}
		k.decide(in)
		c := k.oneCase()
		if c.Rating.Score != 1 || !c.IsOpen() || !c.HandedOver || c.Reopened != 1 {
			t.Errorf("%s", mustJSON(t, c))
		}
		fired := slices.ContainsFunc(k.last.Record.Rules, func(r domain.RuleTrace) bool { return r.Rule == "bad-marks" })
		if !fired || len(k.emitted("advocate.case.rated")) != 1 {
			t.Error("the rules on rated were not tried")
		}
	}
	k.decide(k.rates("nobody ever listened to me", complaint))
	if c := k.oneCase(); !c.IsOpen() || !c.Rating.At.IsZero() {
		t.Errorf("a complaint without marks: %s", mustJSON(t, c))
	}
}

func TestNoRating(t *testing.T) {
	t.Parallel()
	for name, post := range map[string]func(*kit) domain.Input{
		"somebody else": func(k *kit) domain.Input {
			in := k.rates("5", unclear())
			in.Post.Author.ID = "other"
			return in
		},
		"in public": func(k *kit) domain.Input {
			in := k.rates("5", unclear())
			in.Post.Visibility = domain.Public
			return in
		},
		"too late": func(k *kit) domain.Input {
			in := k.rates("5", unclear())
			k.now = k.now.Add(domain.RatingOpenFor)
			return in
		},
		"a question back": func(k *kit) domain.Input { return k.rates("why do you ask?", unclear()) },
		"stop": func(k *kit) domain.Input {
			m := unclear()
			m.Stop = true
			return k.rates("stop 1", m)
		},
	} {
		k := askedKit(t)
		k.decide(post(k))
		if r := k.snap.Cases[0].Rating; !r.At.IsZero() || r.Score != 0 || len(k.emitted("advocate.case.rated")) > 0 {
			t.Errorf("%s counts: %s", name, mustJSON(t, r))
		}
	}
}

// TestNotAsked: whatever speaks against asking when the time has come, or when
// the message is about to leave.
func TestNotAsked(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*kit){
		"stopped":            func(k *kit) { k.snap.Customer.Consent.Stopped = true },
		"no messages":        func(k *kit) { k.snap.Customer.Consent.Messages = domain.Refused },
		"ignored":            func(k *kit) { k.snap.Customer.Identities[0].Ignored = true },
		"grave":              func(k *kit) { k.snap.Cases[0].Topics = []domain.Topic{domain.TopicFraud} },
		"asked not long ago": func(k *kit) { k.snap.RatingAsked = k.now.Add(-80 * 24 * time.Hour) },
		"contact cap":        func(k *kit) { k.now = k.now.Add(23 * time.Hour); k.snap.Contacts = []time.Time{k.now, k.now, k.now} },
		"condition":          func(k *kit) { k.snap.Cases[0].Intent = domain.IntentPraise },
		"never heard":        func(k *kit) { k.snap.Cases[0].RepliedAt = time.Time{} },
		"another matter": func(k *kit) {
			k.decide(k.post("maria", "my order is late", domain.Public, domain.Understanding{Intent: domain.IntentBilling, IntentConfidence: 0.9, NeedsAgent: true}))
		},
	} {
		k := answeredKit(t)
		change(k)
		k.pass(25 * time.Hour)
		if r := k.snap.Cases[0].Rating; r != nil {
			t.Errorf("%s: asked", name)
		}
		if name == "another matter" {
			continue // the newest record is another's
		}
		if !slices.ContainsFunc(k.last.Record.Effects, func(n domain.EffectNote) bool {
			return n.What == advocate.RatingTemplate && n.Suppressed != "" && n.Rule == advocate.RatingRule
		}) {
			t.Errorf("%s: the record does not say why: %s", name, mustJSON(t, k.last.Record.Effects))
		}
	}
	if k := newKit(t, book); k.pb.CSAT() != nil {
		t.Error("a playbook that does not say so asks")
	}
}

// TestAskWaitsOutTheNight: it leaves in the customer's day, and only if nothing
// has come up until then.
func TestAskWaitsOutTheNight(t *testing.T) {
	t.Parallel()
	k := newKit(t, rated).known()
	k.now = start.Add(10 * time.Hour) // 22:00
	k.decide(k.post("maria", "washing?", domain.Private, question()))
	k.decide(k.sent())
	k.pass(24*time.Hour + time.Minute)
	var ask *domain.Effect
	for i := range k.last.Effects {
		ask = &k.last.Effects[i]
	}
	if ask == nil || ask.NotBefore.Hour() != k.pb.Policy().QuietTo {
		t.Fatalf("%s", mustJSON(t, ask))
	}
	if v := advocate.Recheck(k.pb.Policy(), &k.snap, ask, k.now); v.Send || v.Until.IsZero() {
		t.Errorf("it may leave at night: %+v", v)
	}
	effect := *ask
	k.decide(k.post("maria", "and ironing?", domain.Public, domain.Understanding{Intent: domain.IntentBilling, IntentConfidence: 0.9, NeedsAgent: true}))
	if v := advocate.Recheck(k.pb.Policy(), &k.snap, &effect, ask.NotBefore); v.Send {
		t.Error("it leaves although the customer has another matter open")
	}
	k.decide(domain.Input{Kind: domain.InputOutcome, Outcome: &domain.Outcome{Effect: effect.ID, Kind: domain.EffectReply, Case: effect.Case, State: domain.OutcomeCanceled}})
	if c := k.snap.Case(effect.Case); c.Rating != nil || !k.snap.RatingAsked.IsZero() {
		t.Error("what did not leave counts as asked")
	}
}

// TestAskThatCannotLeave: a network without private messages is not tried again
// for every case; what failed raises no alarm and can be tried again by hand.
func TestAskThatCannotLeave(t *testing.T) {
	t.Parallel()
	for state, reason := range map[domain.OutcomeState]string{domain.OutcomeCanceled: advocate.ReasonNoPrivate, domain.OutcomeFailed: "refused"} {
		k := answeredKit(t)
		k.pass(25 * time.Hour)
		in := k.sent()
		done := *in.Outcome
		in.Outcome.State, in.Outcome.Reason, in.Outcome.PostID = state, reason, ""
		k.decide(in)
		if len(k.last.Alarms) > 0 || k.snap.RatingAsked.IsZero() || k.oneCase().IsOpen() {
			t.Errorf("%s: alarms %v, asked %v", state, k.last.Alarms, k.snap.RatingAsked)
		}
		if state == domain.OutcomeFailed {
			k.decide(domain.Input{Kind: domain.InputOutcome, Outcome: &done})
			if !k.oneCase().Rating.Awaited(k.now) {
				t.Error("an operator's retry left and no answer is waited for")
			}
		}
	}
}

// TestAskedCaseIsKept: thirty newer cases do not push it out of the state.
func TestAskedCaseIsKept(t *testing.T) {
	t.Parallel()
	k := askedKit(t)
	id := k.snap.Cases[0].ID
	old := k.snap.Cases[0]
	for i := range 2 * domain.MaxKeptCases {
		c := old
		c.ID, c.Rating, c.ResolvedAt = domain.ObjectID(77, domain.KindCase, int64(i+100)), nil, k.now.Add(time.Duration(i)*time.Second)
		k.snap.Cases = append(k.snap.Cases, c)
	}
	k.decide(domain.Input{Kind: domain.InputTimer})
	if k.snap.Case(id) == nil || len(k.snap.Cases) != domain.MaxKeptCases {
		t.Fatalf("%d cases, the asked one among them: %v", len(k.snap.Cases), k.snap.Case(id) != nil)
	}
	k.decide(k.rates("5", unclear()))
	if k.snap.Case(id).Rating.Score != 5 {
		t.Error("the answer was lost")
	}
}

// TestAskedOnceForTwoCases: of two cases whose time comes at once the customer
// is asked about one.
func TestAskedOnceForTwoCases(t *testing.T) {
	t.Parallel()
	k := answeredKit(t)
	other := k.snap.Cases[0]
	other.ID = domain.ObjectID(77, domain.KindCase, 9)
	k.snap.Cases = append(k.snap.Cases, other)
	tm := k.snap.Timers[0]
	tm.Name, tm.Case = "rating:k9", other.ID
	k.snap.Timers = append(k.snap.Timers, tm)
	k.now = k.now.Add(25 * time.Hour)
	k.decide(domain.Input{Kind: domain.InputTimer})
	k.onlyReply()
}
