package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/contact-advocate/advocate/internal/clock"
	"github.com/contact-advocate/advocate/internal/component"
	"github.com/contact-advocate/advocate/internal/component/builtin"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/socialtest"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/memory"
	"github.com/contact-advocate/advocate/internal/store/postgres"
	"github.com/contact-advocate/advocate/internal/store/postgres/pgtest"
	"github.com/contact-advocate/advocate/internal/store/sqlite"
	"github.com/contact-advocate/advocate/internal/understand"
	"github.com/contact-advocate/advocate/internal/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(withServer{m}) }

// withServer ends the database server that tests have started.
type withServer struct{ m *testing.M }

func (w withServer) Run() int { return pgtest.Main(w.m) }

// book uses what the engine has to carry out: lookups, subscriptions, replies,
// work items, promises.
const book = `
playbook: test
rules:
  - name: person
    on: post
    when: post.wants_person
    do:
      - handover: {queue: care, why: asked for a person}
  - name: look-up
    on: post
    when: size(post.order_refs) > 0
    do:
      - subscribe: {to: "order.*", where: {orderid: "post.order_refs[0]"}, for: 30d}
      - lookup: {component: orders, id: "post.order_refs[0]"}
  - name: hello
    on: post
    when: size(post.order_refs) == 0 && !post.wants_person
    do:
      - reply: {template: hello}
  - name: tell
    on: answer.orders
    do:
      - reply: {template: status}
  - name: call-when-late
    on: order.delayed
    once: case
    do:
      - work_item: {kind: callback, queue: care, due: 2h, about: post}
      - promise: {what: callback, within: 2h}
      - reply: {template: will-call}
templates:
  hello: {en: "Hello, we have read your message and look into it."}
  status: {en: "Your order {order.id} is {order.status}."}
  will-call: {en: "We will call you by {time(due)}."}
`

var start = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

// kit is an engine with everything around it, on a clock that the test moves.
type kit struct {
	t       testing.TB
	ctx     context.Context
	store   store.Store
	clock   *clock.Manual
	net     *socialtest.Scripted
	engine  *engine.Engine
	options engine.Options

	mu      sync.Mutex
	changes []engine.Change
	posts   int
}

type setup struct {
	playbook string
	wrap     func(store.Store) store.Store
	settle   time.Duration
	parts    []component.Component
	networks []social.Network
	webhooks map[string]engine.WebhookSender
}

// onStores runs a test on every store.
func onStores(t *testing.T, f func(t *testing.T, open func(*testing.T) store.Store)) {
	t.Parallel()
	t.Run("memory", func(t *testing.T) {
		t.Parallel()
		f(t, func(*testing.T) store.Store { return memory.New() })
	})
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		f(t, func(t *testing.T) store.Store {
			s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "test.db"), sqlite.Options{Relaxed: true})
			if err != nil {
				t.Fatal(err)
			}
			return s
		})
	})
	t.Run("postgres", func(t *testing.T) {
		if testing.Short() {
			t.Skip("needs PostgreSQL; not with -short")
		}
		t.Parallel()
		f(t, func(t *testing.T) store.Store { return pgtest.Open(t, postgres.Options{MaxConns: 8}) })
	})
}

func newKit(t testing.TB, s store.Store, o setup) *kit {
	t.Helper()
	k := &kit{t: t, ctx: context.Background(), store: s, clock: clock.NewManual(start)}
	t.Cleanup(func() { _ = s.Close() })
	if o.wrap != nil {
		k.store = o.wrap(s)
	}
	k.net = socialtest.NewScripted(socialtest.ScriptedOptions{Name: "sandbox", Now: k.clock.Now})
	reader, err := understand.New(understand.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var seed [32]byte
	copy(seed[:], t.Name())
	parts := o.parts
	if parts == nil {
		parts = []component.Component{builtin.Orders(k.store)}
	}
	k.options = engine.Options{
		Store: k.store, Understander: reader, Networks: append([]social.Network{k.net}, o.networks...), Components: parts,
		Policy: domain.DefaultPolicy(), Clock: k.clock, Random: rand.NewChaCha8(seed), Settle: o.settle, Workers: 1,
		Webhooks: o.webhooks, Logger: slog.New(slog.DiscardHandler), Observer: k.observe,
	}
	k.open()
	src := o.playbook
	if src == "" {
		src = book
	}
	k.publish(src)
	return k
}

// open makes the engine anew, as after a crash.
func (k *kit) open() {
	k.t.Helper()
	e, err := engine.New(k.options)
	if err != nil {
		k.t.Fatal(err)
	}
	k.engine = e
}

func (k *kit) publish(src string) int64 {
	k.t.Helper()
	v, err := k.engine.PlaybookPublish(k.ctx, "test.yaml", []byte(src), "test")
	if err != nil {
		k.t.Fatal(err)
	}
	if err := k.engine.PlaybookActivate(k.ctx, v, "test"); err != nil {
		k.t.Fatal(err)
	}
	return v
}

func (k *kit) observe(c engine.Change) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.changes = append(k.changes, c)
}

// post makes a private post by an author.
func (k *kit) post(author, text string) domain.Post {
	k.posts++
	return domain.Post{
		Network: "sandbox", ID: fmt.Sprintf("p%d", k.posts), Author: domain.Author{ID: author, Handle: author},
		Text: text, At: k.clock.Now(), Visibility: domain.Private,
	}
}

// fillInbox posts as often as an author's inbox takes, where posts settle.
func (k *kit) fillInbox(author string) domain.CustomerID {
	k.t.Helper()
	var posts []domain.Post
	for range domain.MaxInbox {
		posts = append(posts, k.post(author, "again"))
	}
	receipts := k.submit(posts...)
	for _, r := range receipts {
		if r.Err != nil {
			k.t.Fatal(r.Err)
		}
	}
	return receipts[0].Customer
}

func (k *kit) submit(posts ...domain.Post) []engine.Receipt {
	k.t.Helper()
	r, err := k.engine.PostsSubmit(k.ctx, posts)
	if err != nil {
		k.t.Fatal(err)
	}
	return r
}

// take submits one post that must be taken.
func (k *kit) take(p domain.Post) domain.CustomerID {
	k.t.Helper()
	r := k.submit(p)[0]
	if r.Err != nil || r.Aside != "" || r.Duplicate || r.Customer == 0 {
		k.t.Fatalf("post %s was not taken: %+v", p.ID, r)
	}
	return r.Customer
}

func (k *kit) events(events ...domain.Event) []engine.Receipt {
	k.t.Helper()
	r, err := k.engine.EventsSubmit(k.ctx, events)
	if err != nil {
		k.t.Fatal(err)
	}
	for i := range r {
		if r[i].Err != nil {
			k.t.Fatalf("event %d: %v", i, r[i].Err)
		}
	}
	return r
}

func orderEvent(id, kind, order string) domain.Event {
	return domain.Event{Source: "shop", ID: id, Type: "order." + kind, OrderID: order, Data: json.RawMessage(`{"customer_ref":"C-1"}`)}
}

// settle steps the engine until nothing is left to do now.
func (k *kit) settle() {
	k.t.Helper()
	end := time.Now().Add(heldFor)
	for steps := 0; steps < 1000; {
		did := 0
		for _, step := range []func(context.Context) (int, error){
			k.engine.StepReady, k.engine.StepDue, k.engine.StepFanout, k.engine.StepCatchUp, k.engine.StepDispatch,
		} {
			n, err := step(k.ctx)
			if err != nil {
				k.t.Fatal(err)
			}
			did += n
		}
		switch {
		case did > 0:
			steps++
		case !k.held(end):
			return
		}
	}
	k.t.Fatal("the engine does not come to rest")
}

// heldFor is how long settle waits for others.
const heldFor = 10 * time.Second

// held waits for a moment where subscriptions catch up and transactions of
// somebody else, such as the server's own, hold them up; false when there are
// none, or it is no use to wait. Rows that are held up are in no list.
func (k *kit) held(end time.Time) bool {
	if k.store.Serial() || !time.Now().Before(end) {
		return false
	}
	n := int64(0)
	k.view(func(r store.Reader) (err error) {
		n, err = r.(store.Dumper).DumpCount(store.TableCatchUp)
		return err
	})
	if n > 0 {
		time.Sleep(5 * time.Millisecond)
	}
	return n > 0
}

// advance lets time pass, stopping whenever something is due.
func (k *kit) advance(d time.Duration) {
	k.t.Helper()
	end := k.clock.Now().Add(d)
	for {
		k.settle()
		at, err := k.engine.NextWake(k.ctx)
		if err != nil {
			k.t.Fatal(err)
		}
		if at.IsZero() || at.After(end) {
			break
		}
		if !at.After(k.clock.Now()) {
			k.t.Fatalf("something is due at %v, and at %v nothing was done about it", at, k.clock.Now())
		}
		k.clock.Set(at)
	}
	k.clock.Set(end)
	k.settle()
}

func (k *kit) view(f func(r store.Reader) error) {
	k.t.Helper()
	if err := k.store.View(k.ctx, f); err != nil {
		k.t.Fatal(err)
	}
}

func (k *kit) snapshot(id domain.CustomerID) domain.Snapshot {
	k.t.Helper()
	var snap domain.Snapshot
	k.view(func(r store.Reader) error {
		rows, err := r.AdvocateGet([]domain.CustomerID{id})
		if err != nil {
			return err
		}
		if rows[0].ID == 0 {
			return fmt.Errorf("there is no advocate %v", id)
		}
		return wire.Unmarshal(rows[0].State, &snap)
	})
	return snap
}

// records reads a customer's records, oldest first.
func (k *kit) records(id domain.CustomerID) []domain.Record {
	k.t.Helper()
	x, err := k.engine.Explain(k.ctx, id.String())
	if err != nil {
		k.t.Fatal(err)
	}
	return x.Records
}

// inputs lists what a customer has decided on, in order, as short words.
func (k *kit) inputs(id domain.CustomerID) []string {
	k.t.Helper()
	var out []string
	for _, r := range k.records(id) {
		for _, in := range r.Inputs {
			out = append(out, inputWord(in))
		}
	}
	return out
}

func inputWord(in domain.Input) string {
	switch in.Kind {
	case domain.InputPost:
		switch {
		case in.Post.Deleted:
			return "deleted " + in.Post.ID
		case in.Edited:
			return "edited " + in.Post.ID
		}
		return "post " + in.Post.ID
	case domain.InputOwnReply:
		return "own " + in.Post.ID
	case domain.InputEvent:
		return in.Event.Type + " " + in.Event.ID
	case domain.InputAnswer:
		return "answer " + in.Answer.Component
	case domain.InputOutcome:
		return string(in.Outcome.Kind) + " " + string(in.Outcome.State)
	case domain.InputCommand:
		return "command " + string(in.Command.Kind)
	}
	return string(in.Kind)
}

// count says how many inputs of a customer begin with a word.
func (k *kit) count(id domain.CustomerID, prefix string) int {
	k.t.Helper()
	n := 0
	for _, s := range k.inputs(id) {
		if strings.HasPrefix(s, prefix) {
			n++
		}
	}
	return n
}

func (k *kit) effects(state domain.EffectState) []store.EffectRow {
	k.t.Helper()
	var rows []store.EffectRow
	k.view(func(r store.Reader) (err error) {
		rows, err = r.EffectList(store.EffectListParams{State: state})
		return err
	})
	return rows
}

func (k *kit) status() engine.Status {
	k.t.Helper()
	s, err := k.engine.Status(k.ctx)
	if err != nil {
		k.t.Fatal(err)
	}
	return s
}

func wantCode(t *testing.T, err error, code domain.Code) {
	t.Helper()
	if domain.ErrorCode(err) != code {
		t.Fatalf("got %v (%s), want code %s", err, domain.ErrorCode(err), code)
	}
}

// failing is a store whose writing transactions fail where a test says.
type failing struct {
	store.Store
	mu     sync.Mutex
	before int // so many Updates from now fails without running
	after  int // … fails after it was durable
}

var errCrash = errors.New("crash")

func (f *failing) Update(ctx context.Context, fn func(store.Tx) error) error {
	f.mu.Lock()
	before, after := f.before == 1, f.after == 1
	f.before, f.after = max(0, f.before-1), max(0, f.after-1)
	f.mu.Unlock()
	if before {
		// The transaction does all its work and is then lost.
		return errors.Join(f.Store.Update(ctx, func(tx store.Tx) error { return errors.Join(errCrash, fn(tx)) }))
	}
	err := f.Store.Update(ctx, fn)
	if err == nil && after {
		return errCrash
	}
	return err
}

func (f *failing) crash(before, after int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.before, f.after = before, after
}
