package playbook

import (
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// Action is one resolved step of a rule: its arguments are plain values. It
// is one of the types below.
type Action interface{ action() }

type Reply struct {
	Template   string            // "" with Text
	Text       string            // already rendered
	Due        bool              // Text names the view's due time
	Visibility domain.Visibility // default private
	ValidFor   time.Duration     // 0: the policy's
	Needs      []string          // order ids the message speaks of: their proof is required
	Langs      []string          // languages the template has
}

type Lookup struct{ Component, ID, Query string }

type Subscribe struct {
	To    string
	Where []domain.Anchor // normalised, at least one
	For   time.Duration   // default 30 days
	Since time.Time       // zero: since the case opened

	Orders []string // orders that the rule's condition or these arguments read something of
	Linked bool     // they read whether, or as whom, the writer is known
}

type Unsubscribe struct {
	To    string
	Where []domain.Anchor // empty: all of the case's with this type
}

type WorkItem struct {
	Kind     domain.WorkItemKind
	Queue    string // "": the policy's default
	Skills   []string
	Priority int // 0: normal
	Due      time.Duration
	About    string // "post"
	Note     string
}

type Promise struct {
	What   string
	Within time.Duration // one of the two
	By     time.Time
	KeptBy string // optional: an event type that keeps it
}

type Remind struct {
	In   time.Duration
	At   time.Time
	Name string
}

// Update sets fields a playbook may set: on the case "topic" (adds one),
// "urgency", "sentiment", "intent"; on the customer "lang", "tier",
// "time_zone".
type Update struct {
	Case     map[string]string
	Customer map[string]string
}

type Verify struct{ Order string }

type Handover struct{ Queue, Why string }

type Resolve struct{ Outcome string }

type Notify struct{ Webhook, Role, Text string }

type Emit struct {
	Type string
	Data []byte // a JSON object
}

func (Reply) action()       {}
func (Lookup) action()      {}
func (Subscribe) action()   {}
func (Unsubscribe) action() {}
func (WorkItem) action()    {}
func (Promise) action()     {}
func (Remind) action()      {}
func (Update) action()      {}
func (Verify) action()      {}
func (Handover) action()    {}
func (Resolve) action()     {}
func (Notify) action()      {}
func (Emit) action()        {}
