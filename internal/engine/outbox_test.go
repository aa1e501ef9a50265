package engine_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/component"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/social/socialtest"
	"github.com/contact-advocate/advocate/internal/store"
)

func TestALostAnswerIsTriedAgainWithTheSameKey(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{})
		id := k.take(k.post("ann", "hello"))
		k.net.Plan(socialtest.LostReply, socialtest.Down, socialtest.RateLimit)
		k.advance(10 * time.Minute)
		sent := k.net.Sent()
		if len(sent) != 1 || sent[0].Calls < 2 {
			t.Fatalf("sent %+v; want one message, tried more than once", sent)
		}
		if n := k.count(id, "reply done"); n != 1 {
			t.Fatalf("the outcome was told %d times", n)
		}
		if s := k.status(); s.Metrics.Retries != 3 {
			t.Fatalf("%d retries", s.Metrics.Retries)
		}
	})
}

func TestDeadLetters(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{})
		id := k.take(k.post("ann", "hello"))
		k.net.Plan(socialtest.BadAuth)
		k.settle()
		dead := k.effects(domain.EffectDead)
		if len(dead) != 1 || dead[0].LastError == "" {
			t.Fatalf("dead letters %+v", dead)
		}
		if n := k.count(id, "reply failed"); n != 1 {
			t.Fatalf("the advocate heard of it %d times: %v", n, k.inputs(id))
		}
		wantCode(t, k.engine.EffectRelease(k.ctx, dead[0].ID, "kim"), domain.CodeConflict)
		wantCode(t, k.engine.EffectRetry(k.ctx, "nothing", "kim"), domain.CodeNotFound)
		k.net.Plan(socialtest.Down)
		if err := k.engine.EffectRetry(k.ctx, dead[0].ID, "kim"); err != nil {
			t.Fatal(err)
		}
		k.settle()
		if dead = k.effects(domain.EffectDead); len(dead) != 1 {
			t.Fatalf("after a failed retry there are %d dead letters", len(dead))
		}
		if err := k.engine.EffectRetry(k.ctx, dead[0].ID, "kim"); err != nil {
			t.Fatal(err)
		}
		k.settle()
		if sent := k.net.Sent(); len(sent) != 1 || sent[0].Key != dead[0].ID {
			t.Fatalf("sent %+v", sent)
		}
		if n := k.count(id, "reply done"); n != 1 {
			t.Fatalf("its late success was told %d times: %v", n, k.inputs(id))
		}
	})
}

// TestRetrySendsWhatWasToBeSaid: a playbook that hands over what could not be
// delivered says nothing more on the way that has failed, so the operator's
// retry sends the original text, as long as it is worth sending.
func TestRetrySendsWhatWasToBeSaid(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{playbook: book[:strings.Index(book, "templates:")] + `
  - name: undelivered
    on: reply.failed
    do:
      - handover: {why: could not be delivered}
` + book[strings.Index(book, "templates:"):]})
		id := k.take(k.post("ann", "hello"))
		k.net.Plan(socialtest.BadAuth)
		k.settle()
		dead := k.effects(domain.EffectDead)
		if len(dead) != 1 || !strings.Contains(dead[0].Reply.Text, "we have read your message") || !k.snapshot(id).Cases[0].HandedOver {
			t.Fatalf("dead letters %+v", dead)
		}
		if err := k.engine.EffectRetry(k.ctx, dead[0].ID, "kim"); err != nil {
			t.Fatal(err)
		}
		k.settle()
		if sent := k.net.Sent(); len(sent) != 1 || !strings.Contains(sent[0].Text, "we have read your message") {
			t.Fatalf("sent %+v", sent)
		}
		k.take(k.post("ben", "hello"))
		k.net.Plan(socialtest.BadAuth)
		k.settle()
		dead = k.effects(domain.EffectDead)
		k.advance(dead[0].NotAfter.Sub(k.clock.Now()))
		err := k.engine.EffectRetry(k.ctx, dead[0].ID, "kim")
		wantCode(t, err, domain.CodeConflict)
		if !strings.Contains(err.Error(), "worth sending until") {
			t.Fatal(err)
		}
	})
}

func TestDroppedDeadLetter(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{})
		id := k.take(k.post("ann", "hello"))
		k.net.Plan(socialtest.BadAuth)
		k.settle()
		dead := k.effects(domain.EffectDead)
		if len(dead) != 1 {
			t.Fatalf("%d dead letters", len(dead))
		}
		if err := k.engine.EffectDrop(k.ctx, dead[0].ID, "kim"); err != nil {
			t.Fatal(err)
		}
		if n := k.count(id, "reply canceled"); n != 1 || len(k.effects("")) != 0 {
			t.Fatalf("told %d times, %d effects left", n, len(k.effects("")))
		}
		wantCode(t, k.engine.EffectDrop(k.ctx, dead[0].ID, "kim"), domain.CodeNotFound)
	})
}

func TestSwitches(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{})
		set := func(scope, mode string) {
			t.Helper()
			if err := k.engine.SwitchSet(k.ctx, store.Switch{Scope: scope, Mode: mode, By: "kim"}); err != nil {
				t.Fatal(err)
			}
		}
		wantCode(t, k.engine.SwitchSet(k.ctx, store.Switch{Scope: "planet", Mode: "live"}), domain.CodeInvalid)
		wantCode(t, k.engine.SwitchSet(k.ctx, store.Switch{Scope: "all", Mode: "maybe"}), domain.CodeInvalid)

		for scope, says := range map[string]string{
			"rule:nosuch": "no rule", "rule:helo": `did you mean "rule:hello"?`, "network:foo": "connected: sandbox", "network:sandbx": `"network:sandbox"?`,
		} {
			err := k.engine.SwitchSet(k.ctx, store.Switch{Scope: scope, Mode: engine.ModeShadow, By: "kim"})
			wantCode(t, err, domain.CodeInvalid)
			if !strings.Contains(err.Error(), says) {
				t.Errorf("%s: %v", scope, err)
			}
		}

		set("all", engine.ModeStopped)
		ann := k.take(k.post("ann", "hello"))
		k.advance(5 * time.Minute)
		if len(k.net.Sent()) != 0 || len(k.effects(domain.EffectPending)) != 1 || !k.status().Stopped {
			t.Fatal("something left while all sending was stopped, or was lost")
		}
		set("all", engine.ModeLive)
		k.settle()
		if len(k.net.Sent()) != 1 || k.count(ann, "reply done") != 1 {
			t.Fatal("it did not leave when the stop was over")
		}

		set("network:sandbox", engine.ModeShadow)
		ben := k.take(k.post("ben", "hello"))
		k.settle()
		if len(k.net.Sent()) != 1 || k.count(ben, "reply shadow") != 1 {
			t.Fatalf("shadow: sent %d, inputs %v", len(k.net.Sent()), k.inputs(ben))
		}

		set("rule:hello", engine.ModeApprove)
		cat := k.take(k.post("cat", "hello"))
		k.settle()
		held := k.effects(domain.EffectHeld)
		if len(held) != 1 || len(k.net.Sent()) != 1 {
			t.Fatalf("approve: held %d, sent %d", len(held), len(k.net.Sent()))
		}
		set("network:sandbox", engine.ModeLive)
		if err := k.engine.EffectRelease(k.ctx, held[0].ID, "kim"); err != nil {
			t.Fatal(err)
		}
		k.settle()
		if len(k.net.Sent()) != 2 || k.count(cat, "reply done") != 1 {
			t.Fatal("a released reply did not leave")
		}

		set("rule:hello", engine.ModeStopped)
		k.take(k.post("dan", "hello"))
		k.advance(5 * time.Minute)
		if len(k.net.Sent()) != 2 {
			t.Fatal("a stopped rule's reply left")
		}
		set("rule:hello", engine.ModeLive)
		k.advance(2 * time.Minute)
		if len(k.net.Sent()) != 3 {
			t.Fatal("a rule's reply did not leave after its stop was over")
		}
	})
}

func TestTakingACaseHoldsReplies(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{})
		id := k.take(k.post("ann", "hello"))
		c := k.snapshot(id).Cases[0].ID
		if err := k.engine.Command(k.ctx, 0, domain.Command{Kind: domain.CommandTake, By: "kim", Case: c}); err != nil {
			t.Fatal(err)
		}
		k.settle()
		if n := len(k.net.Sent()); n != 0 || len(k.effects("")) != 0 {
			t.Fatalf("%d replies left after a person took the case, %d wait", n, len(k.effects("")))
		}
		cmd := func(kind domain.CommandKind, by string) error {
			return k.engine.Command(k.ctx, id, domain.Command{Kind: kind, By: by, Case: c, Text: "Hi, this is Kim.", Disposition: "done"})
		}
		wantCode(t, cmd(domain.CommandTake, "lee"), domain.CodeConflict)
		wantCode(t, cmd(domain.CommandReply, "lee"), domain.CodeConflict)
		wantCode(t, cmd(domain.CommandTake, "kim"), domain.CodeConflict)
		if err := cmd(domain.CommandReply, "kim"); err != nil {
			t.Fatal(err)
		}
		k.settle()
		if sent := k.net.Sent(); len(sent) != 1 || !strings.Contains(sent[0].Text, "Kim") {
			t.Fatalf("sent %+v", sent)
		}
		if err := cmd(domain.CommandClose, "kim"); err != nil {
			t.Fatal(err)
		}
		wantCode(t, cmd(domain.CommandClose, "kim"), domain.CodeConflict)
		wantCode(t, k.engine.Command(k.ctx, id, domain.Command{Kind: domain.CommandTake, By: "kim", Case: id.String() + "-k99"}), domain.CodeNotFound)
		wantCode(t, k.engine.Command(k.ctx, 12345, domain.Command{Kind: domain.CommandTake, By: "kim", Case: c}), domain.CodeNotFound)
	})
}

// broken is a component that cannot be asked.
type brokenPart struct{ calls int }

func (b *brokenPart) Name() string { return "orders" }

func (b *brokenPart) Ask(context.Context, domain.Lookup, component.Asker) (domain.ComponentAnswer, error) {
	b.calls++
	if b.calls%2 == 0 {
		panic("out of order")
	}
	return domain.ComponentAnswer{}, &component.Error{Retry: true, Safe: "orders: down"}
}

func TestAComponentThatIsDownIsAnAnswer(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		part := &brokenPart{}
		k := newKit(t, open(t), setup{parts: []component.Component{part}})
		id := k.take(k.post("ann", "where is my order A-1000"))
		k.advance(10 * time.Minute)
		if part.calls != 2 {
			t.Fatalf("asked %d times", part.calls)
		}
		var got *domain.ComponentAnswer
		for _, r := range k.records(id) {
			for _, in := range r.Inputs {
				if in.Answer != nil {
					got = in.Answer
				}
			}
		}
		if got == nil || got.Error == "" || got.Component != "orders" {
			t.Fatalf("the answer is %+v", got)
		}
	})
}

type webhook struct {
	keys []string
	fail int
}

func (w *webhook) Send(_ context.Context, key string, _ domain.Notify) error {
	w.keys = append(w.keys, key)
	if w.fail--; w.fail >= 0 {
		return errors.New("refused")
	}
	return nil
}

func TestNotificationsAndOwnEvents(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		crm := &webhook{fail: 1}
		k := newKit(t, open(t), setup{webhooks: map[string]engine.WebhookSender{"crm": crm}, playbook: `
playbook: tell
rules:
  - name: tell
    on: post
    do:
      - subscribe: {to: "crm.*", where: {caseid: case.id}, for: 1d}
      - notify: {webhook: crm, text: "'a post came'"}
      - notify: {webhook: nobody, text: "'a post came'"}
      - emit: {type: crm.noted}
      - reply: {template: hello}
templates:
  hello: {en: "Hello."}
`})
		id := k.take(k.post("ann", "hello"))
		k.advance(time.Minute)
		if len(crm.keys) != 2 || crm.keys[0] != crm.keys[1] {
			t.Fatalf("the webhook was called with %v; want twice with one key", crm.keys)
		}
		if n := k.count(id, "notify failed"); n != 1 {
			t.Fatalf("a webhook that is not configured: told %d times, inputs %v", n, k.inputs(id))
		}
		if n := k.count(id, "crm.noted"); n != 1 {
			t.Fatalf("our own event came back %d times: %v", n, k.inputs(id))
		}
	})
}

func TestExpiredReply(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{})
		id := k.take(k.post("ann", "hello"))
		k.net.Plan(slices.Repeat([]socialtest.Behavior{socialtest.Down}, 100)...)
		k.clock.Advance(domain.DefaultPolicy().ReplyValid + time.Hour)
		k.settle()
		if k.count(id, "reply expired") != 1 || len(k.effects("")) != 0 || len(k.net.Sent()) != 0 {
			t.Fatalf("inputs %v, %d effects", k.inputs(id), len(k.effects("")))
		}
	})
}
