package advocate_test

import (
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/advocate"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/playbook"
)

// inPublicOnly is an input of a decision about a network that takes nothing
// private from us.
func inPublicOnly(in domain.Input) domain.Input {
	in.NoWays = []domain.NoWay{{Network: network, Visibility: domain.Private}}
	return in
}

func (k *kit) contact(source, contact string) *kit {
	k.t.Helper()
	policy := domain.DefaultPolicy()
	policy.Contact = contact
	pb, err := playbook.Compile("test.yaml", []byte(source), policy)
	if err != nil {
		k.t.Fatal(err)
	}
	k.pb = pb
	return k
}

// TestWithoutPrivateMessagesAPersonTakesIt: no proof is asked for where it could
// only be given in public. The customer reads one line, in their language, and
// a promise stands behind the time that it names.
func TestWithoutPrivateMessagesAPersonTakesIt(t *testing.T) {
	t.Parallel()
	for lang, words := range map[string]string{
		"en": "can't send private messages", "es": "no podemos enviar mensajes privados", "de": "keine privaten Nachrichten", "fr": "messages privés",
	} {
		k := newKit(t, book).contact(book, "care@shop.example.com, +1 415 555 0100")
		post := k.post("eve", "where is A-10234?", domain.Public, about("A-10234", domain.Neutral))
		post.Understanding.Lang = lang
		k.decide(inPublicOnly(post))
		k.noReply()
		k.decide(inPublicOnly(k.answer(k.lookup(), lateOrder())))
		r := k.onlyReply()
		if r.Visibility != domain.Public || r.Template != "no-private" || !strings.Contains(r.Text, words) || !strings.Contains(r.Text, "care@shop.example.com, +1 415 555 0100") {
			t.Errorf("%s: %+v", lang, r)
		}
		c := k.oneCase()
		if !c.HandedOver || c.Verify != nil || c.OpenWorkItem(domain.Review) == nil || !c.HasOpenPromise(advocate.PromisedReply) {
			t.Errorf("%s: the case is %s", lang, mustJSON(t, c))
		}
		if len(k.last.Alarms) > 0 {
			t.Errorf("%s: alarms %v", lang, k.last.Alarms)
		}
		k.decide(k.sent())
		k.decide(inPublicOnly(k.post("eve", "so where is it?", domain.Public, about("A-10234", domain.Negative))))
		k.noReply()
	}
}

// TestWithoutPrivateMessagesPublicWordsAreSaidInPublic: what its author has
// marked as fit for everybody. What the guard finds in it is not.
func TestWithoutPrivateMessagesPublicWordsAreSaidInPublic(t *testing.T) {
	t.Parallel()
	for text, template := range map[string]string{"We have read it and look into it.": "hello", "Call us on 0800 555 0100 please.": "no-private"} {
		src := "playbook: test\nrules: [{name: hello, on: post, do: [{reply: {template: hello}}]}]\ntemplates:\n  hello: {public: true, en: \"" + text + "\"}\n"
		k := newKit(t, src)
		k.decide(inPublicOnly(k.post("eve", "hello there", domain.Public, domain.Understanding{})))
		if r := k.onlyReply(); r.Visibility != domain.Public || r.Template != template {
			t.Errorf("%+v; want %s in public", r, template)
		}
	}
}

// TestNewsIsNotSpread: what nobody asked for is told in private or by a person,
// and nothing is said in public.
func TestNewsIsNotSpread(t *testing.T) {
	t.Parallel()
	k := newKit(t, book).known()
	k.decide(k.post("maria", "where is A-10234?", domain.Public, about("A-10234", domain.Neutral)))
	k.decide(k.answer(k.lookup(), lateOrder()))
	k.decide(k.sent())
	k.now = k.now.Add(time.Hour)
	k.decide(inPublicOnly(k.event("order.delayed", lateOrder())))
	k.noReply()
	if c := k.oneCase(); !c.HandedOver || c.OpenWorkItem(domain.Review) == nil {
		t.Errorf("nobody tells the customer: %s", mustJSON(t, c))
	}
}

// TestCallWithoutANumberIsOfferedAtOnce where the number cannot be asked for.
func TestCallWithoutANumberIsOfferedAtOnce(t *testing.T) {
	t.Parallel()
	src := "playbook: test\nrules: [{name: call, on: post, do: [{work_item: {kind: callback, due: 2h, about: post}}, {promise: {what: callback, within: 4h}}, {reply: {text: {en: A colleague will call you.}}}]}]\n"
	k := newKit(t, src)
	k.decide(inPublicOnly(k.post("eve", "this is a mess", domain.Public, domain.Understanding{})))
	if r := k.onlyReply(); r.Visibility != domain.Public || r.Template != "no-private" || strings.Contains(r.Text, "umber") {
		t.Errorf("%+v", r)
	}
	if len(k.last.WorkItems) != 1 || !k.last.WorkItems[0].NotBefore.IsZero() {
		t.Errorf("the call waits for a number that nobody asks for: %s", mustJSON(t, k.last.WorkItems))
	}
}

// TestPrivateMessagesThatEndedMeanwhile: what was decided while there were some
// is no dead letter, and its matter goes on.
func TestPrivateMessagesThatEndedMeanwhile(t *testing.T) {
	t.Parallel()
	k := newKit(t, book)
	k.decide(k.post("eve", "where is A-10234?", domain.Public, about("A-10234", domain.Neutral)))
	k.decide(k.answer(k.lookup(), lateOrder()))
	if r := k.onlyReply(); r.Template != "verify" {
		t.Fatalf("%+v", r)
	}
	in := k.sent()
	in.Outcome.State, in.Outcome.PostID, in.Outcome.Reason, in.Outcome.Refused = domain.OutcomeFailed, "", advocate.ReasonNoPrivate, true
	k.decide(inPublicOnly(in))
	if r := k.onlyReply(); r.Visibility != domain.Public || r.Template != "no-private" {
		t.Errorf("%+v", r)
	}
	if c := k.oneCase(); !c.HandedOver || c.Verify != nil || len(c.Dead) > 0 || len(k.last.Alarms) > 0 {
		t.Errorf("alarms %v, case %s", k.last.Alarms, mustJSON(t, c))
	}
}

// TestWhoTakesNoMessagesIsInvited: they can write first, and are told so once.
func TestWhoTakesNoMessagesIsInvited(t *testing.T) {
	t.Parallel()
	k := newKit(t, book)
	refused := func() {
		in := k.sent()
		in.Outcome.State, in.Outcome.PostID, in.Outcome.Reason, in.Outcome.Refused, in.Outcome.Closed = domain.OutcomeFailed, "", "they take no messages", true, true
		k.decide(in)
	}
	k.decide(k.post("eve", "where is A-10234?", domain.Public, about("A-10234", domain.Neutral)))
	k.decide(k.answer(k.lookup(), lateOrder()))
	refused()
	if r := k.onlyReply(); r.Visibility != domain.Public || r.Template != "invite-private" {
		t.Errorf("%+v", r)
	}
	if c := k.oneCase(); !c.HandedOver || len(c.Dead) > 0 {
		t.Errorf("case %s", mustJSON(t, c))
	}
	k.decide(k.sent())
	k.now = k.now.Add(time.Minute)
	k.decide(k.post("eve", "so where is A-10234?", domain.Public, about("A-10234", domain.Neutral)))
	k.decide(k.answer(k.lookup(), lateOrder()))
	if r := k.onlyReply(); r.Visibility != domain.Private {
		t.Fatalf("%+v", r)
	}
	refused()
	k.noReply()
}

// TestDangerWithoutPrivateMessages: what the playbook says to somebody in danger
// is for them alone; whom they should call first is said in public all the same.
func TestDangerWithoutPrivateMessages(t *testing.T) {
	t.Parallel()
	for _, topic := range []domain.Topic{domain.TopicSafety, domain.TopicVulnerable} {
		src := "playbook: test\nrules: [{name: danger, on: post, do: [{reply: {template: danger}}]}]\ntemplates:\n  danger: {en: \"You are not alone with it.\"}\n"
		k := newKit(t, src)
		k.decide(inPublicOnly(k.post("eve", "the charger caught fire", domain.Public, domain.Understanding{Topics: []domain.Topic{topic}})))
		r := k.onlyReply()
		if r.Visibility != domain.Public || r.Template != "no-private-danger" || !strings.Contains(r.Text, "emergency number first") {
			t.Errorf("%s: %+v", topic, r)
		}
	}
}
