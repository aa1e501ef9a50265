package engine

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/contact-advocate/advocate/internal/advocate"
	"github.com/contact-advocate/advocate/internal/clock"
	"github.com/contact-advocate/advocate/internal/component"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/playbook"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/store"
)

// Understander reads a text. langHint is what the network or the author says
// the language is, "" for nothing. It is safe for concurrent use.
type Understander interface {
	Understand(text, langHint string) domain.Understanding
}

// WebhookSender delivers a notification to one configured place. Key is the
// same for every attempt. A *social.Error or *component.Error says whether
// trying again makes sense; any other error is tried again.
type WebhookSender interface {
	Send(ctx context.Context, key string, n domain.Notify) error
}

// Options say what an engine works with. Store and Understander are required.
type Options struct {
	Store        store.Store
	Understander Understander
	Networks     []social.Network
	Components   []component.Component
	Questions    map[string]int // that may be under way at once, by component; default component.DefaultConcurrency
	Webhooks     map[string]WebhookSender
	Policy       domain.Policy
	Clock        clock.Clock   // default: the machine's
	Random       io.Reader     // for customer ids; default crypto/rand
	Logger       *slog.Logger  // default: nowhere
	Settle       time.Duration // a post's input is ready only after it; 0: at once
	Workers      int           // effects under way at once; default 16, 1 carries them out one after the other
	Turns        int           // of intake that may be under way at once; default 2, or 4 where the store is not serial
	Observer     func(Change)  // called after each commit with what it changed; must not block
	AuditKept    time.Duration // how long the audit log keeps its rows; default DefaultAuditKept
	Woken        func()        // called when another process may have written to the store; must not block
}

// Change is one committed decision. Its parts must not be changed. Changes are
// told in the order of their commits where the store is Serial; elsewhere those
// of one customer are, as far as this engine made them.
type Change struct {
	Customer domain.CustomerID
	Record   *domain.Record
	Decision *domain.Decision
}

// Receipt says what became of one post or event that was handed in. Err is
// that item's alone; the others of its batch are taken all the same.
type Receipt struct {
	Customer  domain.CustomerID // of a post; 0 for an event and for what was set aside
	Duplicate bool
	Older     bool   // of an outage's or a recall's event: it is older than what is known and changed nothing
	Aside     string // why it was set aside: one of the Aside constants
	Err       error  // *domain.Error

	waits bool // a late post that there is no room for yet
}

// Why a post is set aside by intake. A decision may set posts aside for
// further reasons.
const (
	AsideTooOld      = "too_old"      // older than domain.SeenWindow
	AsideUnknownPost = "unknown_post" // the deletion of a post that never came
	AsideOwnPost     = "own_post"     // our own account's, and no answer to a customer
	AsideReshare     = "reshare"      // without words of its own
	AsideIgnored     = "ignored"      // the author is on the ignore list
	AsideDeleted     = "deleted"      // its deletion came before it
)

// Engine takes posts, events and commands in, lets advocates decide, commits
// what they decided and carries out its effects. See the package's doc.
type Engine struct {
	store        store.Store
	understander Understander
	networks     map[netKey]social.Network
	components   *component.Set
	webhooks     map[string]WebhookSender
	policy       domain.Policy
	clock        clock.Clock
	random       io.Reader
	randomMu     sync.Mutex
	log          *slog.Logger
	settle       time.Duration
	auditKept    time.Duration
	workers      int
	observer     func(Change)
	told         tickets
	tellers      tellers
	woken        func()
	turns        int

	decide func(*playbook.Playbook, domain.Snapshot, []domain.Input, time.Time) domain.Decision // advocate.Decide; tests break it

	playbook   atomic.Pointer[loadedPlaybook]
	playbookMu sync.Mutex // one load at a time
	brokenSeen atomic.Int64
	fanoutNext atomic.Int64 // which fan-out's turn it is

	intake   intakeQueue
	leaders  chan struct{} // held by those who commit the queue
	loops    loops
	metrics  counters
	stuck    stuckSet
	late     lates
	links    links
	owns     owns
	health   storeHealth
	due      wakeHint // the scheduler's
	effects  wakeHint // the dispatcher's
	shortcut shortcut // to the dispatcher

	footing atomic.Pointer[footing] // nil where it has none
}

type netKey struct{ name, account string }

// New makes an engine and loads the store's active playbook, if there is one
// yet. One that does not compile under the policy is left where it is, so that
// another can be activated: until then nothing is decided. It starts nothing.
func New(o Options) (*Engine, error) {
	if o.Store == nil || o.Understander == nil {
		panic("engine: Store and Understander are required")
	}
	e := &Engine{
		store: o.Store, understander: o.Understander, policy: o.Policy, clock: o.Clock, random: o.Random,
		log: o.Logger, settle: o.Settle, workers: o.Workers, observer: o.Observer,
		networks: map[netKey]social.Network{}, webhooks: map[string]WebhookSender{},
		decide: advocate.Decide, woken: o.Woken, turns: o.Turns,
	}
	if e.turns <= 0 {
		if e.turns = 2; !e.store.Serial() {
			e.turns = 4
		}
	}
	e.leaders = make(chan struct{}, e.turns)
	if e.clock == nil {
		e.clock = clock.Real()
	}
	if e.random == nil {
		e.random = rand.Reader
	}
	if e.log == nil {
		e.log = slog.New(slog.DiscardHandler)
	}
	if e.auditKept = o.AuditKept; e.auditKept <= 0 {
		e.auditKept = DefaultAuditKept
	}
	if e.workers <= 0 {
		e.workers = 16
	}
	e.due.init()
	e.effects.init()
	e.shortcut.init()
	for _, n := range o.Networks {
		k := netKey{n.Name(), n.Account()}
		if _, taken := e.networks[k]; taken {
			return nil, domain.Errorf(domain.CodeInvalid, "network %q account %q is configured twice", k.name, k.account)
		}
		if h, ok := n.(social.Hook); ok {
			if other, taken := e.hookOf(h.HookName()); taken != nil {
				return nil, domain.Errorf(domain.CodeInvalid, "the networks %q and %q both listen at %q", other.name, k.name, h.HookName())
			}
		}
		e.networks[k] = n
	}
	var err error
	if e.components, err = component.NewSet(o.Components, o.Questions); err != nil {
		return nil, &domain.Error{Code: domain.CodeInvalid, Message: err.Error(), Cause: err}
	}
	for name, w := range o.Webhooks {
		e.webhooks[name] = w
	}
	if err := e.playbookReload(context.Background()); err != nil && domain.ErrorCode(err) != domain.CodeNotFound && !errors.Is(err, errBroken) {
		return nil, err
	}
	if err := e.loadOwns(context.Background()); err != nil {
		return nil, e.edge("read who our accounts are", err)
	}
	return e, nil
}

var _ social.Sink = (*Engine)(nil)
