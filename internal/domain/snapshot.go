package domain

import "time"

// Snapshot is everything an advocate knows when it decides: one customer's
// state, of one version. Lists are bounded (see the Max constants).
type Snapshot struct {
	Customer      Customer       `json:"customer"`
	Version       int64          `json:"version"` // decisions so far
	LastAt        time.Time      `json:"last_at,omitzero"`
	Numbers       Numbers        `json:"numbers,omitzero"`
	Cases         []Case         `json:"cases,omitempty"`
	Orders        []KnownOrder   `json:"orders,omitempty"`
	WorkItems     []WorkItem     `json:"work_items,omitempty"` // the open ones
	Subscriptions []Subscription `json:"subscriptions,omitempty"`
	Timers        []Timer        `json:"timers,omitempty"`      // sorted by Due, then Name
	LastAgent     string         `json:"last_agent,omitempty"`  // who worked for this customer last
	Contacts      []time.Time    `json:"contacts,omitempty"`    // when we last wrote without being asked; the contact cap's memory
	Sent          []time.Time    `json:"sent,omitempty"`        // when we last replied at all; the reply cap's memory
	Attempts      []time.Time    `json:"attempts,omitempty"`    // failed proofs by this customer's identities, the last day's
	RatingAsked   time.Time      `json:"rating_asked,omitzero"` // when the customer was last asked how a case went
}

// KnownOrder is an order as this advocate knows it. Open is false while no
// identity of the customer may hear of it: then rules see it as unknown, and it
// enters nothing the customer sees
// (docs/decisions/0006-an-unproven-order-drives-nothing.md).
type KnownOrder struct {
	Order
	Open  bool      `json:"open,omitempty"`
	Found bool      `json:"found"` // false: asked for and unknown
	At    time.Time `json:"at"`
}

// Numbers are the last numbers given out per kind of object.
type Numbers struct {
	Case         int64 `json:"k,omitempty"`
	WorkItem     int64 `json:"w,omitempty"`
	Promise      int64 `json:"p,omitempty"`
	Subscription int64 `json:"s,omitempty"`
	Effect       int64 `json:"e,omitempty"`
	Emitted      int64 `json:"v,omitempty"`
}

// TimerKind says who set a timer.
type TimerKind string

const (
	TimerDeadline     TimerKind = "deadline"     // a post must have ended in something
	TimerPromise      TimerKind = "promise"      // a promise falls due
	TimerNumber       TimerKind = "number"       // offer the call without a number
	TimerWorkItem     TimerKind = "work_item"    // a work item is past its due time
	TimerReminder     TimerKind = "reminder"     // a playbook's "remind"
	TimerVerify       TimerKind = "verify"       // nobody answered the question for the secret
	TimerSubscription TimerKind = "subscription" // a subscription ends
	TimerClose        TimerKind = "close"        // a quiet case resolves by itself
	TimerLookup       TimerKind = "lookup"       // an answer that never came
	TimerReservation  TimerKind = "reservation"  // an offer that nobody answered
	TimerWrap         TimerKind = "wrap"         // after-contact work ends by itself
	TimerStale        TimerKind = "stale"        // a case in a person's hands that nobody moves
	TimerRating       TimerKind = "rating"       // the customer is asked how a resolved case went
)

// Timer wakes the advocate at a time. Name is unique within the snapshot.
type Timer struct {
	Name string    `json:"name"`
	Kind TimerKind `json:"kind"`
	Due  time.Time `json:"due"`
	Case string    `json:"case,omitempty"`
	Ref  string    `json:"ref,omitempty"` // the promise, work item or subscription
}

// NextDue returns when the advocate must be woken; zero for never.
func (s *Snapshot) NextDue() time.Time {
	var due time.Time
	for i := range s.Timers {
		if due.IsZero() || s.Timers[i].Due.Before(due) {
			due = s.Timers[i].Due
		}
	}
	return due
}

// Case finds a case by id; nil if it is not in the snapshot.
func (s *Snapshot) Case(id string) *Case {
	for i := range s.Cases {
		if s.Cases[i].ID == id {
			return &s.Cases[i]
		}
	}
	return nil
}

// Order finds a known order by its folded id; nil if there is none.
func (s *Snapshot) Order(id string) *KnownOrder {
	if id == "" {
		return nil
	}
	for i := range s.Orders {
		if s.Orders[i].ID == id {
			return &s.Orders[i]
		}
	}
	return nil
}

// PendingVerification returns the open case of an identity that waits for an
// order's secret; nil if there is none.
func (s *Snapshot) PendingVerification(k IdentityKey) *Case {
	for i := range s.Cases {
		c := &s.Cases[i]
		if c.IsOpen() && c.Identity == k && c.Verify != nil && !c.Verify.Failed {
			return c
		}
	}
	return nil
}

// WorkItem finds an open work item by id; nil if it is not in the snapshot.
func (s *Snapshot) WorkItem(id string) *WorkItem {
	for i := range s.WorkItems {
		if s.WorkItems[i].ID == id {
			return &s.WorkItems[i]
		}
	}
	return nil
}

// Timer finds a timer by name; nil if it is not set.
func (s *Snapshot) Timer(name string) *Timer {
	for i := range s.Timers {
		if s.Timers[i].Name == name {
			return &s.Timers[i]
		}
	}
	return nil
}
