package domain

import "time"

// EngineVersion changes when the same inputs may lead to another decision
// than before.
const EngineVersion = 8

// Decision is what one turn of an advocate led to. It is written whole, in
// one transaction, over the snapshot of version Next.Version-1.
type Decision struct {
	State       []byte         `json:"-"` // Next in its stored form (see package wire)
	Archived    []Case         `json:"-"` // cases that Next lets go of; the store keeps them
	Next        Snapshot       `json:"-"`
	Effects     []Effect       `json:"effects,omitempty"`
	Cancel      []string       `json:"cancel,omitempty"`     // unsent effects that must not leave any more
	WorkItems   []WorkItem     `json:"work_items,omitempty"` // whole rows, created or changed
	Subscribe   []Subscription `json:"subscribe,omitempty"`
	Unsubscribe []Subscription `json:"unsubscribe,omitempty"`
	Emitted     []Event        `json:"emitted,omitempty"`  // what happened to the advocate's own things
	Attempts    []Attempt      `json:"attempts,omitempty"` // failed proofs, for everyone's limits
	Alarms      []string       `json:"alarms,omitempty"`
	Record      Record         `json:"record"`
}

// Attempt is a failed proof, or, with Shown, something that could be one and
// was posted in public about an order: it proves nothing any more, whoever
// offers it. Shown is a digest of the order and it, so that only who has both
// can tell it again, or ShownAll.
type Attempt struct {
	Order   string `json:"order"`
	Network string `json:"network"`
	Shown   string `json:"shown,omitempty"`
}

// MaxShown is how many things posted in public are remembered one by one, for
// an order and for an identity. Where there were more, nothing counts as proof.
const MaxShown = 200

// ShownAll stands for everything that there is to show.
const ShownAll = "*"

// Record is a journal row: one decision, what led to it and what came of it.
// It is the customer's history and the explanation at once. Reading a
// customer's records oldest first and deciding their inputs again under the
// same playbook gives the same records.
type Record struct {
	Customer CustomerID   `json:"customer_id"`
	Version  int64        `json:"version"`
	At       time.Time    `json:"at"`
	Playbook string       `json:"playbook"` // its hash
	Engine   int          `json:"engine"`
	Before   string       `json:"before"` // hash of the snapshot decided on
	After    string       `json:"after"`  // hash of the next one
	Inputs   []Input      `json:"inputs"`
	Due      []TimerKind  `json:"due,omitempty"` // of the timers that fell due, each kind once
	Entries  []Entry      `json:"entries,omitempty"`
	Rules    []RuleTrace  `json:"rules,omitempty"`
	Skipped  []RuleSkips  `json:"skipped,omitempty"`
	Effects  []EffectNote `json:"effects,omitempty"`
}

// EntryKind is what a line of the history tells.
type EntryKind string

const (
	EntryPost         EntryKind = "post"
	EntryReply        EntryKind = "reply" // decided; EntrySent tells that it left
	EntrySent         EntryKind = "sent"
	EntryNotSent      EntryKind = "not_sent"
	EntryStaff        EntryKind = "staff" // written by our people
	EntryEvent        EntryKind = "event"
	EntryLookup       EntryKind = "lookup"
	EntryAnswer       EntryKind = "answer"
	EntryCase         EntryKind = "case" // opened, waiting, resolved, reopened, taken, handed back
	EntryWorkItem     EntryKind = "work_item"
	EntryPromise      EntryKind = "promise"
	EntrySubscription EntryKind = "subscription"
	EntryIdentity     EntryKind = "identity"
	EntryConsent      EntryKind = "consent"
	EntryAside        EntryKind = "set_aside"
	EntryAlarm        EntryKind = "alarm"
	EntryRating       EntryKind = "rating" // asked, or what the customer said
	EntryNote         EntryKind = "note"   // a person's word about a case
)

// Entry is one line of a customer's history.
type Entry struct {
	At         time.Time  `json:"at"`
	Kind       EntryKind  `json:"kind"`
	Case       string     `json:"case_id,omitempty"`
	What       string     `json:"what,omitempty"` // the state, the event's type, the component …
	Text       string     `json:"text,omitempty"`
	Visibility Visibility `json:"visibility,omitempty"`
	Ref        string     `json:"ref,omitempty"` // the post, effect, work item, promise or subscription
	By         string     `json:"by,omitempty"`
}

// RuleOutcome is what came of a rule. One that was considered and did not fire
// is only named, in Record.Skipped.
type RuleOutcome string

const (
	RuleFired RuleOutcome = "fired"
	RuleError RuleOutcome = "error" // its condition could not be evaluated; it did not fire
)

// RuleTrace explains one rule for one input. Values are given only for rules
// that fired or failed.
type RuleTrace struct {
	Rule    string      `json:"rule"`
	Input   int         `json:"input"` // index into Record.Inputs
	Case    string      `json:"case_id,omitempty"`
	Outcome RuleOutcome `json:"outcome"`
	Line    int         `json:"line,omitempty"`
	When    string      `json:"when,omitempty"`
	Values  []Value     `json:"values,omitempty"`
	Error   string      `json:"error,omitempty"`
	Did     []string    `json:"did,omitempty"` // "reply we-will-call", "work_item callback (suppressed: …)"
}

// RuleSkips lists the rules that one input considered and that did nothing, by
// outcome. It is kept apart from Rules so that an explanation stays small.
type RuleSkips struct {
	Input   int      `json:"input"`
	Case    string   `json:"case_id,omitempty"`
	Trigger string   `json:"trigger"`
	False   []string `json:"false,omitempty"`
	Once    []string `json:"once,omitempty"`
}

// Value is a part of a condition and what it came to.
type Value struct {
	Expr  string `json:"expr"`
	Value string `json:"value"`
}

// EngineRule stands for the rule of what no rule of a playbook asked for.
const EngineRule = "(engine)"

// EffectNote is what a record keeps of an effect or of why there is none.
type EffectNote struct {
	ID         string     `json:"id,omitempty"`
	Kind       EffectKind `json:"kind"`
	What       string     `json:"what,omitempty"`
	Suppressed string     `json:"suppressed,omitempty"` // the reason, if it did not become one
	Rule       string     `json:"rule,omitempty"`
}
