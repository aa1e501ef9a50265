package advocate_test

import (
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/understand"
)

// reads makes a post as the understanding reads it.
func (k *kit) reads(author, text string) domain.Input {
	k.t.Helper()
	u, err := understand.New(understand.Options{})
	if err != nil {
		k.t.Fatal(err)
	}
	in := k.post(author, text, domain.Private, domain.Understanding{})
	m := u.Understand(text, "")
	in.Understanding = &m
	return in
}

// asked is a stranger who was asked for the secret of A-10234.
func asked(t *testing.T) *kit {
	t.Helper()
	k := newKit(t, book)
	k.decide(k.post("mallory", "where is A-10234?", domain.Public, about("A-10234", domain.Neutral)))
	k.decide(k.answer(k.lookup(), lateOrder()))
	if k.onlyReply().Template != "verify" {
		t.Fatal("no question")
	}
	k.now = k.now.Add(time.Minute)
	return k
}

// TestWhatIsNoAttemptAtASecret: what cannot be an e-mail address or a postcode
// is no failed proof, and is heard as what it says.
func TestWhatIsNoAttemptAtASecret(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"I want to die 2day", "it is 3 weeks late!!", "where is my order A-10234?", "where is my order T-10005?", "Hello? T-10005", "Hello? A-10234",
		"A-10180 caught fire!", "it exploded, 2 people hurt", "I will sue you 100%", "A-10234", "#A-10234", "10234", "a 10234", "order 10234",
		"since 12 March", "4 days now", "20 euros", "ordered 2 lamps in 2026", "3 weeks", "100%", "5pm", "24/7?", "1Z999AA10123456784",
		"it cost £25.99", "no lo sé, 3 días ya", "ya van 3 semanas",
	} {
		k := asked(t)
		k.decide(k.reads("mallory", text))
		if len(k.last.Attempts) != 0 || len(k.snap.Attempts) != 0 {
			t.Errorf("%q was taken for a failed proof", text)
		}
		for _, r := range replies(k.last) {
			if r.Template == "verify-again" || r.Template == "verify-failed" || r.Template == "verify-later" {
				t.Errorf("%q was answered with %s", text, r.Template)
			}
		}
		if c := k.oneCase(); c.Verify == nil || c.Verify.Attempts != 0 {
			t.Errorf("%q: the question is %s", text, mustJSON(t, c.Verify))
		}
	}
}

// TestWhatIsAnAttemptAtASecret: a wrong postcode or address of any country
// counts.
func TestWhatIsAnAttemptAtASecret(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"10001", "it is 10001", "my postcode is 10001", "28001 Madrid", "SW1A 1AA", "sw1a1aa", "K1A 0B1", "1012 AB", "00-950", "110 00", "123 45",
		"SE-123 45", "100-0001", "01310-100", "4051", "D02 X285", "1000-205", "10001-1234", "anna@example.com", "A-10234, it is 10001",
		"10 001", "zip 4051", "A-10234 anna@example.com", "where is my order? my postcode is 10001",
	} {
		k := asked(t)
		k.decide(k.reads("mallory", text))
		if len(k.last.Attempts) != 1 {
			t.Errorf("%q is no attempt: %s", text, mustJSON(t, replies(k.last)))
		}
	}
	for _, text := range []string{"90210", "90 210", "it is 90210!", "(90210)", "A-10234: 90210", "maria@example.com", "Maria@Example.com 2 weeks late"} {
		k := asked(t)
		k.decide(k.reads("mallory", text))
		if !k.snap.Customer.Identities[0].KnowsSecretOf("A-10234") {
			t.Errorf("%q did not prove the order", text)
		}
	}
}

// TestACryForHelpBeatsTheProof: the one reply is the one about it, also when an
// address stands beside it.
func TestACryForHelpBeatsTheProof(t *testing.T) {
	t.Parallel()
	const grave = `
  - name: grave
    on: post
    when: post.intent == "legal_safety"
    do:
      - reply: {template: help}
      - handover: {queue: care, why: grave}
templates:
  help: {en: "We take this very seriously."}
`
	for _, text := range []string{"I want to die 2day", "A-10234 caught fire! anna@example.com", "it exploded, 2 people hurt, 10001"} {
		k := newKit(t, strings.Replace(book, "templates:\n", strings.TrimPrefix(grave, "\n"), 1))
		k.decide(k.post("mallory", "where is A-10234?", domain.Public, about("A-10234", domain.Neutral)))
		k.decide(k.answer(k.lookup(), lateOrder()))
		k.decide(k.reads("mallory", text))
		if r := k.onlyReply(); r.Template != "help" || len(k.last.Attempts) != 0 || !k.oneCase().HandedOver {
			t.Errorf("%q: %s", text, mustJSON(t, r))
		}
	}
}

// TestTheLimitOfOthersIsNoMismatch: while strangers have used up what an order
// may be tried, a right and a wrong answer end in the same words and neither
// is a failed proof; afterwards the right one counts.
func TestTheLimitOfOthersIsNoMismatch(t *testing.T) {
	t.Parallel()
	policy := domain.DefaultPolicy()
	for name, seen := range map[string]domain.AttemptCounts{"order": {Order: policy.MaxVerifyOrder}, "network": {Network: policy.MaxVerifyNetwork}} {
		var told []string
		for _, text := range []string{"90210", "10001"} {
			k := asked(t)
			in := k.reads("mallory", text)
			in.Attempts = seen
			k.decide(in)
			r := k.onlyReply()
			told = append(told, r.Text)
			if r.Template != "verify-later" || len(k.last.Attempts)+len(k.snap.Attempts) != 0 || !k.oneCase().HandedOver {
				t.Errorf("%s, %q: reply %s, attempts %v", name, text, mustJSON(t, r), k.last.Attempts)
			}
			if c := k.oneCase(); c.Verify == nil || c.Verify.Failed || c.Verify.Attempts != 0 || k.snap.Customer.Identities[0].KnowsSecretOf("A-10234") {
				t.Errorf("%s, %q: %s", name, text, mustJSON(t, c))
			}
			again := k.reads("mallory", text)
			again.Attempts = seen
			k.now = k.now.Add(time.Minute)
			k.decide(again)
			for _, r := range replies(k.last) {
				told[len(told)-1] += "\n" + r.Text
			}
			k.now = k.now.Add(time.Hour)
			k.decide(k.reads("mallory", "90210"))
			if !k.snap.Customer.Identities[0].KnowsSecretOf("A-10234") {
				t.Errorf("%s: the right answer does not count when there are attempts again", name)
			}
		}
		if told[0] != told[1] {
			t.Errorf("%s: a right answer is told %q, a wrong one %q", name, told[0], told[1])
		}
	}
}
