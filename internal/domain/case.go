package domain

import (
	"slices"
	"strings"
	"time"
)

// Limits on what an advocate holds. What would pass them is refused with a
// reason in the explanation, or the oldest finished thing is let go.
const (
	MaxOpenCases     = 20
	MaxKeptCases     = 30 // open and recent; older ones live in the store only
	MaxCasePosts     = 200
	MaxSubscriptions = 60
	MaxTimers        = 200
	MaxKnownOrders   = 40
	MaxPromises      = 50 // per case
	MaxInbox         = 1000
	MaxInboxEvents   = 10 * MaxInbox // past it events wait in the log and are caught up with
	MaxIdentities    = 20
)

// CaseState is where a case stands.
type CaseState string

const (
	CaseOpen     CaseState = "open"     // the advocate, or its owner, has something to do
	CaseWaiting  CaseState = "waiting"  // for the customer, a component, a person or an event
	CaseResolved CaseState = "resolved" // ended; a new post about it reopens it
)

// OwnerAdvocate is the owner of a case that no person has taken.
const OwnerAdvocate = ""

// Case is one matter, from the post that opened it to its resolution.
type Case struct {
	ID             string         `json:"id"`
	State          CaseState      `json:"state"`
	Outcome        string         `json:"outcome,omitempty"`     // how it was resolved: "answered", "unanswered", "set_aside", "delivered", a disposition …
	Reason         string         `json:"reason,omitempty"`      // why it was set aside or handed over
	Owner          string         `json:"owner,omitempty"`       // the person who has taken it; "" is the advocate
	Apart          bool           `json:"apart,omitempty"`       // the owner took it apart from any work item
	Person         bool           `json:"person,omitempty"`      // a person has had a hand in it
	RepliedAt      time.Time      `json:"replied_at,omitzero"`   // when the first answer left, ours or our staff's
	HandedOver     bool           `json:"handed_over,omitempty"` // it waits for a person, taken or not
	Identity       IdentityKey    `json:"identity"`              // who wrote; replies go there and nowhere else
	Thread         string         `json:"thread"`                // the id of the post that began the conversation
	Visibility     Visibility     `json:"visibility"`            // of the newest post
	Posts          []CasePost     `json:"posts"`                 // oldest first: the customer's, ours and our staff's
	Quote          string         `json:"quote,omitempty"`       // the newest post's words, clipped
	Intent         Intent         `json:"intent"`
	Topics         []Topic        `json:"topics,omitempty"`
	Sentiment      Sentiment      `json:"sentiment"` // of the newest post that had one
	FirstSentiment Sentiment      `json:"first_sentiment,omitempty"`
	Urgency        Urgency        `json:"urgency"`
	Lang           string         `json:"lang,omitempty"`
	OrderRefs      []string       `json:"order_refs,omitempty"` // folded, as the customer wrote them; proven or not
	Trackings      []string       `json:"trackings,omitempty"`
	Phone          string         `json:"phone,omitempty"` // given in private for this case, E.164
	CallConsent    Answer         `json:"call_consent,omitempty"`
	Preferred      *PreferredTime `json:"preferred,omitempty"`
	Known          []Fact         `json:"known,omitempty"` // answers of components, newest per name
	Asked          []Lookup       `json:"asked,omitempty"` // lookups whose answers are still out
	Fired          []string       `json:"fired,omitempty"` // rules with "once: case" that fired
	Promises       []Promise      `json:"promises,omitempty"`
	WorkItems      []WorkItemRef  `json:"work_items,omitempty"`
	Verify         *Verification  `json:"verify,omitempty"`
	NumberAsked    time.Time      `json:"number_asked,omitzero"`
	Shown          bool           `json:"shown,omitempty"`      // something that could be proof was posted in public
	Said           []string       `json:"said,omitempty"`       // what is said once in a case, and was
	ToldOrder      string         `json:"told_order,omitempty"` // digest of the order's facts the customer was last told
	ToldAt         time.Time      `json:"told_at,omitzero"`
	Focus          string         `json:"focus,omitempty"`      // the order the case is about, once it is clear
	Unsent         []Unsent       `json:"unsent,omitempty"`     // replies decided and not yet reported on
	Dead           []string       `json:"dead,omitempty"`       // replies that failed for good; the next message lets go of them
	LastReply      uint64         `json:"last_reply,omitempty"` // digest of the newest automated text, so as not to repeat it
	Replies        int            `json:"replies,omitempty"`    // automated messages so far
	Answered       bool           `json:"answered,omitempty"`   // the newest post has had an answer
	Newest         string         `json:"newest,omitempty"`     // the effect of our newest answer; "" if a colleague's own is newer
	NotSent        OutcomeState   `json:"not_sent,omitempty"`   // how our newest answer ended, if it did not leave
	Asks           string         `json:"asks,omitempty"`       // the newest automated message's template, if it asks something
	Needed         bool           `json:"needed,omitempty"`     // a post of it needed somebody, was negative or urgent
	OpenedAt       time.Time      `json:"opened_at"`
	UpdatedAt      time.Time      `json:"updated_at"`
	ResolvedAt     time.Time      `json:"resolved_at,omitzero"`
	Reopened       int            `json:"reopened,omitempty"`
	Deadline       time.Time      `json:"deadline,omitzero"` // by then the newest post has ended in something
	Rating         *Rating        `json:"rating,omitempty"`  // how it went, as the customer says; nil: not asked
}

// CasePost is one message of a case's conversation.
type CasePost struct {
	ID   string    `json:"id"`
	From string    `json:"from"` // "customer", "advocate", "staff"
	At   time.Time `json:"at"`
	Gone bool      `json:"gone,omitempty"` // deleted on the network
}

// Messages' senders.
const (
	FromCustomer = "customer"
	FromAdvocate = "advocate"
	FromStaff    = "staff"
	FromWatched  = "watched" // a customer's that was not written to us; in a case only where such are answered too
)

// Unsent is a reply that is on its way out.
type Unsent struct {
	Effect    string `json:"effect"`
	InReplyTo string `json:"in_reply_to,omitempty"`
	By        string `json:"by,omitempty"` // the person who wrote it

	// Withdrawn is of one that was taken back while it was being sent: it may
	// have left, and is not tried again.
	Withdrawn bool `json:"withdrawn,omitempty"`
}

// Fact is a component's answer as a case keeps it.
type Fact struct {
	Name  string    `json:"name"`          // the component's: "orders", "knowledge", "notices" …
	Key   string    `json:"key,omitempty"` // what was asked for
	Found bool      `json:"found"`
	At    time.Time `json:"at"`
	Data  []byte    `json:"data,omitempty"`  // JSON; orders are kept in Snapshot.Orders instead
	Error string    `json:"error,omitempty"` // safe to show to an agent
}

// Verification is a question for an order's secret that waits for its answer.
type Verification struct {
	Order    string    `json:"order"`
	Named    string    `json:"named,omitempty"` // what the customer called it: its id, or a parcel's number
	AskedAt  time.Time `json:"asked_at"`
	Attempts int       `json:"attempts"`
	Failed   bool      `json:"failed,omitempty"`   // no attempts left; a person takes it from here
	Post     string    `json:"post,omitempty"`     // what the customer had written when it was first asked …
	Quote    string    `json:"quote,omitempty"`    // … and its words
	Template string    `json:"template,omitempty"` // the message that waits for the proof
	Rule     string    `json:"rule,omitempty"`     // whose message it is
}

// PromiseState is what became of a promise.
type PromiseState string

const (
	PromiseOpen      PromiseState = "open"
	PromiseKept      PromiseState = "kept"
	PromiseBroken    PromiseState = "broken"    // its time passed; it was escalated and the customer told
	PromiseWithdrawn PromiseState = "withdrawn" // no longer needed, e.g. the order arrived
)

// Promise is something the customer was told will happen by a time.
type Promise struct {
	ID       string       `json:"id"`
	What     string       `json:"what"`              // "callback", "update" …
	KeptBy   string       `json:"kept_by,omitempty"` // the event types that keep it, apart by spaces
	Order    string       `json:"order,omitempty"`   // of this order alone, of any if empty
	MadeAt   time.Time    `json:"made_at"`
	Due      time.Time    `json:"due"`
	State    PromiseState `json:"state"`
	Evidence string       `json:"evidence,omitempty"` // the event, disposition or reply that kept it
	Told     string       `json:"told,omitempty"`     // the effect that tells the customer, "phone" if a person did
	Unsaid   bool         `json:"unsaid,omitempty"`   // that effect ended without having left
	By       string       `json:"by,omitempty"`       // the rule or person who made it
}

// Heard is whether the customer knows of a promise.
type Heard string

const (
	HeardIt      Heard = "told"
	HeardNotYet  Heard = "waiting" // the message that tells it has not left
	HeardNothing Heard = "not_told"
)

// Heard reports whether the customer knows of a promise: only what left was
// told, not what waits for the morning or was taken back.
func (c *Case) Heard(p *Promise) Heard {
	switch {
	case p.Told == "" || p.Unsaid:
		return HeardNothing
	case slices.ContainsFunc(c.Unsent, func(u Unsent) bool { return u.Effect == p.Told }):
		return HeardNotYet
	}
	return HeardIt
}

// IsOpen reports whether the case is not resolved.
func (c *Case) IsOpen() bool { return c.State != CaseResolved }

// staffOwner begins the owner of a case that somebody answered in the network's
// own app.
const staffOwner = "staff"

// StaffOwner names who answered under a handle in the network's own app.
func StaffOwner(handle string) string {
	if handle == "" {
		return staffOwner
	}
	return staffOwner + ":" + handle
}

// OutsideOwner reports whether an owner answered in the network's own app and
// has no account here, so that they can never hand a case back.
func OutsideOwner(owner string) bool {
	return owner == staffOwner || strings.HasPrefix(owner, staffOwner+":")
}

// Taken reports whether a person owns the case.
func (c *Case) Taken() bool { return c.Owner != OwnerAdvocate }

// Queue is the queue of the case's last open work item, "" where nothing waits.
func (c *Case) Queue() (queue string) {
	for i := range c.WorkItems {
		if w := &c.WorkItems[i]; !w.State.Final() && w.Queue != "" {
			queue = w.Queue
		}
	}
	return queue
}

// HasPost reports whether a message of that id belongs to the case.
func (c *Case) HasPost(id string) bool {
	return id != "" && slices.ContainsFunc(c.Posts, func(p CasePost) bool { return p.ID == id })
}

// HasFired reports whether a once-per-case rule has fired.
func (c *Case) HasFired(rule string) bool { return slices.Contains(c.Fired, rule) }

// Fact returns the newest fact of a name, nil if there is none.
func (c *Case) Fact(name string) *Fact {
	for i := len(c.Known) - 1; i >= 0; i-- {
		if c.Known[i].Name == name {
			return &c.Known[i]
		}
	}
	return nil
}

// LatestPost returns the newest message of a sender that still stands.
func (c *Case) LatestPost(from string) *CasePost {
	for i := len(c.Posts) - 1; i >= 0; i-- {
		if c.Posts[i].From == from && !c.Posts[i].Gone {
			return &c.Posts[i]
		}
	}
	return nil
}

// OpenWorkItem returns the open work item of a kind, nil if there is none.
func (c *Case) OpenWorkItem(kind WorkItemKind) *WorkItemRef {
	for i := range c.WorkItems {
		if c.WorkItems[i].Kind == kind && !c.WorkItems[i].State.Final() {
			return &c.WorkItems[i]
		}
	}
	return nil
}

// OpenPromise finds a promise that is still to be kept, nil if there is none;
// what "" asks for any.
func (c *Case) OpenPromise(what string) *Promise {
	for i := range c.Promises {
		if p := &c.Promises[i]; p.State == PromiseOpen && (what == "" || p.What == what) {
			return p
		}
	}
	return nil
}

// HasOpenPromise reports whether a promise is still to be kept; what "" asks
// for any.
func (c *Case) HasOpenPromise(what string) bool { return c.OpenPromise(what) != nil }
