package domain

import (
	"encoding/json"
	"time"
)

// EffectKind is what is to be done in the world.
type EffectKind string

const (
	EffectReply  EffectKind = "reply"
	EffectLookup EffectKind = "lookup"
	EffectNotify EffectKind = "notify" // a webhook or a role
	EffectEmit   EffectKind = "emit"   // an event of ours, back into intake
)

// Attempts is how often an effect of a kind is tried before it is given up: an
// event of ours most often, since nobody but us can refuse it, and a question
// least, since its answer is worth something only now.
func (k EffectKind) Attempts() int {
	switch k {
	case EffectReply:
		return 10
	case EffectLookup:
		return 4
	case EffectNotify:
		return 8
	case EffectEmit:
		return 20
	}
	return 1
}

// EffectState is where an effect stands in the outbox.
type EffectState string

const (
	EffectPending EffectState = "pending"
	EffectHeld    EffectState = "held"    // awaits a person: approve mode, or a restored backup
	EffectSending EffectState = "sending" // leased
	EffectDead    EffectState = "dead"    // a dead letter
	EffectDone    EffectState = "done"    // ended, in any way; the outcome is an input
)

// RestoredNote is the last error of an effect that is held because a backup was
// restored: it waited to be sent when the backup was made.
const RestoredNote = "held when a backup was restored: it may have been sent since"

// Valid reports one of the states above.
func (s EffectState) Valid() bool {
	switch s {
	case EffectPending, EffectHeld, EffectSending, EffectDead, EffectDone:
		return true
	}
	return false
}

// Effect is one row of the outbox. ID is the idempotency key: the same for
// every attempt, and never used for anything else. Effects of one non-empty
// Conversation leave in Ordinal order, one at a time.
type Effect struct {
	ID           string     `json:"id"`
	Customer     CustomerID `json:"customer_id"`
	Case         string     `json:"case_id,omitempty"`
	Kind         EffectKind `json:"kind"`
	Destination  string     `json:"destination"` // "network:sandbox", "component:orders", "webhook:crm"; its concurrency is its own
	Conversation string     `json:"conversation,omitempty"`
	Ordinal      int64      `json:"ordinal"`
	NotBefore    time.Time  `json:"not_before"`
	NotAfter     time.Time  `json:"not_after,omitzero"` // after that it is not worth doing
	MaxAttempts  int        `json:"max_attempts"`
	Rule         string     `json:"rule,omitempty"`

	Reply  *Reply  `json:"reply,omitempty"`
	Lookup *Lookup `json:"lookup,omitempty"`
	Notify *Notify `json:"notify,omitempty"`
	Emit   *Event  `json:"emit,omitempty"`
}

// Reply is a message to a customer, rendered when it was decided and stored
// as it is sent.
type Reply struct {
	To         IdentityKey `json:"to"`
	InReplyTo  string      `json:"in_reply_to,omitempty"`
	Visibility Visibility  `json:"visibility"`
	Text       string      `json:"text"`
	Lang       string      `json:"lang,omitempty"`
	Template   string      `json:"template,omitempty"`
	Proactive  bool        `json:"proactive,omitempty"` // not an answer to what the customer just wrote
	Orders     []string    `json:"orders,omitempty"`    // orders it speaks of: proof is checked again at send time
	By         string      `json:"by,omitempty"`        // the person who wrote it; "" is the advocate
	Handle     string      `json:"handle,omitempty"`    // of To, for networks that need a mention
}

// Notify tells somebody inside or another system.
type Notify struct {
	Webhook string          `json:"webhook,omitempty"` // a configured name, never a URL from a playbook's data
	Role    string          `json:"role,omitempty"`
	Text    string          `json:"text"`
	Data    json.RawMessage `json:"data,omitempty"`
	Alarm   bool            `json:"alarm,omitempty"`
}
