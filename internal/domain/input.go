package domain

import (
	"encoding/json"
	"time"
)

// InputKind says what woke the advocate.
type InputKind string

const (
	InputPost     InputKind = "post"      // a new post, an edit (Edited) or a deletion (Post.Deleted)
	InputOwnReply InputKind = "own_reply" // our own account answered, and not from our outbox: staff did
	InputEvent    InputKind = "event"
	InputAnswer   InputKind = "answer"  // a component's
	InputOutcome  InputKind = "outcome" // an effect's
	InputTimer    InputKind = "timer"   // something in Snapshot.Timers fell due
	InputCommand  InputKind = "command" // a person's or an import's
)

// Input is one thing an advocate has to decide on. Exactly the field of its
// kind is set. Seq orders a customer's inputs.
type Input struct {
	Seq  int64     `json:"seq"`
	Kind InputKind `json:"kind"`
	At   time.Time `json:"at"` // when it was accepted

	Post          *Post          `json:"post,omitempty"`
	Edited        bool           `json:"edited,omitempty"`
	Watched       bool           `json:"watched,omitempty"` // with a post: it came before, as one that was not written to us
	Understanding *Understanding `json:"understanding,omitempty"`
	Attempts      AttemptCounts  `json:"attempts,omitzero"` // with a post, what others tried lately
	Void          []string       `json:"void,omitempty"`    // with a private post, what of it was public (see Attempt.Shown)
	NoWays        []NoWay        `json:"no_ways,omitempty"` // with a decision's first input: how the customer's networks cannot be written to

	Event *Event `json:"event,omitempty"`
	Order *Order `json:"order,omitempty"` // with an order event: the order as the store has it now

	Answer  *ComponentAnswer `json:"answer,omitempty"`
	Outcome *Outcome         `json:"outcome,omitempty"`
	Command *Command         `json:"command,omitempty"`
}

// AttemptCounts are failed proofs of the last hour, by anyone.
type AttemptCounts struct {
	Order   int `json:"order,omitempty"`   // on the order the customer is asked about
	Network int `json:"network,omitempty"` // on the network the post came from
}

// NoWay is a kind of message that a network does not take from one of our
// accounts, as it is connected when something is decided.
type NoWay struct {
	Network    string     `json:"network"`
	Account    string     `json:"account,omitempty"`
	Visibility Visibility `json:"visibility"`
}

// Lookup is a question to a component.
type Lookup struct {
	Effect    string `json:"effect,omitempty"` // whose answer it awaits
	Component string `json:"component"`
	ID        string `json:"id,omitempty"`
	Query     string `json:"query,omitempty"`
	Lang      string `json:"lang,omitempty"`
	Case      string `json:"case,omitempty"`
}

// ComponentAnswer is what a component said. Found false with an empty Error
// means that it looked and there is nothing.
type ComponentAnswer struct {
	Lookup
	Found   bool            `json:"found"`
	Orders  []Order         `json:"orders,omitempty"` // with their secrets; the decision keeps those to itself
	Profile *Profile        `json:"profile,omitempty"`
	Data    json.RawMessage `json:"data,omitempty"`  // an object, for everything else; at most 16 KiB
	Error   string          `json:"error,omitempty"` // safe text: the component could not be asked
}

// OutcomeState is how an effect ended.
type OutcomeState string

const (
	OutcomeDone     OutcomeState = "done"
	OutcomeFailed   OutcomeState = "failed"   // a dead letter: attempts used up, or refused for good; none where Refused
	OutcomeExpired  OutcomeState = "expired"  // not worth doing any more
	OutcomeCanceled OutcomeState = "canceled" // recheck at send time, a person took the case, or an operator dropped it
	OutcomeShadow   OutcomeState = "shadow"   // recorded, not sent
)

// Outcome is what came of an effect.
type Outcome struct {
	Effect   string       `json:"effect"`
	Kind     EffectKind   `json:"kind"`
	State    OutcomeState `json:"state"`
	Case     string       `json:"case,omitempty"`
	PostID   string       `json:"post_id,omitempty"` // a sent reply's id on the network
	More     []string     `json:"more,omitempty"`    // of its further parts, where it was split
	Reason   string       `json:"reason,omitempty"`
	Attempts int          `json:"attempts,omitempty"`
	Refused  bool         `json:"refused,omitempty"` // with failed: the customer cannot or does not want to get it; an operator can mend nothing
	Blocked  bool         `json:"blocked,omitempty"` // with Refused: they want nothing from us there
	Closed   bool         `json:"closed,omitempty"`  // with Refused: nothing private reaches them there until they write to us in private
}

// CommandKind is what a person or an import asks an advocate to do.
type CommandKind string

const (
	CommandTake     CommandKind = "take"      // By takes Case
	CommandHandBack CommandKind = "hand_back" // Case goes back to the advocate
	CommandReply    CommandKind = "reply"     // By, who owns Case, writes Text
	CommandClose    CommandKind = "close"     // Case ends with Disposition
	CommandComplete CommandKind = "complete"  // WorkItem ends with Disposition and Note
	CommandCancel   CommandKind = "cancel"    // WorkItem is no longer needed; Note, which is required, says why
	CommandAssign   CommandKind = "assign"    // By takes WorkItem without an offer
	CommandOffer    CommandKind = "offer"     // WorkItem is offered to Agent, as reservation Reservation
	CommandAccept   CommandKind = "accept"    // By accepts Reservation
	CommandReject   CommandKind = "reject"    // By does not want Reservation; Note may say why
	CommandRescind  CommandKind = "rescind"   // Reservation is taken back; Note says why
	CommandWrap     CommandKind = "wrap"      // By has hung up; after-contact work begins
	CommandTransfer CommandKind = "transfer"  // WorkItem goes to Agent, to Queue, or to anybody in its queue; Note says why
	CommandSnooze   CommandKind = "snooze"    // WorkItem comes back to By at Until
	CommandRaise    CommandKind = "raise"     // WorkItem's Priority and, if set, due time (Until) change
	CommandExpert   CommandKind = "expert"    // By asks an expert: a work item of its own in Queue, with Note as the question
	CommandCall     CommandKind = "call"      // By, who holds WorkItem, calls its number now
	CommandProfile  CommandKind = "profile"   // Profile and, from a trusted system, Identities
	CommandConsent  CommandKind = "consent"   // Consent replaces what is known
	CommandLink     CommandKind = "link"      // By vouches for Identities
	CommandUnlink   CommandKind = "unlink"    // Identities' evidence by persons and systems is withdrawn
	CommandIgnore   CommandKind = "ignore"    // By puts Identities on the ignore list: what they write is set aside, and nothing is sent there
	CommandUnignore CommandKind = "unignore"  // By takes Identities off it
	CommandKeep     CommandKind = "keep"      // By says that Case's promise Kept was kept; Note may say how
	CommandNote     CommandKind = "note"      // By writes Note into Case's history
	CommandIntent   CommandKind = "intent"    // By says that Case is about Intent, whatever was understood
	CommandMerged   CommandKind = "merged"    // recorded after the store merged another customer into this one
	CommandUnmerged CommandKind = "unmerged"
	CommandPanic    CommandKind = "panic" // the engine's own: a decision could not be made; hand over
)

// Command is an instruction with its author.
type Command struct {
	Kind        CommandKind `json:"kind"`
	By          string      `json:"by"`
	Case        string      `json:"case,omitempty"`
	WorkItem    string      `json:"work_item,omitempty"`
	Text        string      `json:"text,omitempty"`
	Visibility  Visibility  `json:"visibility,omitempty"`
	Disposition string      `json:"disposition,omitempty"`
	Note        string      `json:"note,omitempty"`
	Agent       string      `json:"agent,omitempty"`
	Queue       string      `json:"queue,omitempty"`
	Reservation string      `json:"reservation,omitempty"`
	Until       time.Time   `json:"until,omitzero"`
	Priority    int         `json:"priority,omitempty"`
	Over        bool        `json:"over,omitempty"`    // the author may move what others hold: a supervisor, or the system
	Within      string      `json:"-"`                 // the queue that WorkItem was in when the author's rights were judged; empty: they are the same everywhere
	Take        bool        `json:"-"`                 // with reply: By takes Case with it, if no person has it
	Version     int64       `json:"version,omitempty"` // of WorkItem, with intent IntentVersion, with profile, link, unlink, ignore and unignore of the customer, as the author saw it; 0: any
	Promise     *Undertake  `json:"promise,omitempty"` // with complete: what By promised the customer on the phone
	Profile     *Profile    `json:"profile,omitempty"`
	FactAt      time.Time   `json:"fact_at,omitzero"` // with Profile: when its source knew it; zero is now
	Consent     *Consent    `json:"consent,omitempty"`
	Identities  []Identity  `json:"identities,omitempty"`
	Trusted     bool        `json:"trusted,omitempty"` // the author is a trusted system
	Intent      Intent      `json:"intent,omitempty"`
	Kept        string      `json:"kept,omitempty"` // with keep: the promise's id
}

// Undertake is what a person promised a customer. The advocate keeps it like
// its own promises.
type Undertake struct {
	What string    `json:"what"`
	By   time.Time `json:"by"`
}
