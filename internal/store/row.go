package store

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// DefaultLimit is how many rows a list gives when the caller names no limit.
const DefaultLimit = 1000

// Limit returns n, or DefaultLimit when n is not positive.
func Limit(n int) int {
	if n <= 0 {
		return DefaultLimit
	}
	return n
}

// SearchWords splits what AdvocateList looks for into words, in lower case.
func SearchWords(query string) []string { return strings.Fields(strings.ToLower(query)) }

// Advocate is one row of state. Head is the journal's newest row.
type Advocate struct {
	ID        domain.CustomerID
	Version   int64
	State     []byte // the snapshot
	NextDue   time.Time
	Ref       string
	Search    string            // what AdvocateList's Query looks in, lower case
	Redirect  domain.CustomerID // merged into that one
	Erased    bool
	Pending   bool // AdvocateLock only
	Taken     bool // AdvocateLock only: another transaction holds it
	CreatedAt time.Time
}

// AdvocateWriteRow is a decision's durable part.
type AdvocateWriteRow struct {
	ID      domain.CustomerID
	Version int64 // the new one
	State   []byte
	NextDue time.Time
	Ref     string
	Search  string
	At      time.Time
	Record  []byte // nil: state only, no journal row
}

// AdvocateListParams says which advocates AdvocateList pages through.
type AdvocateListParams struct {
	Query  string
	After  domain.CustomerID
	Limit  int
	Erased bool // tombstones instead
}

// IdentityRow says whose an identity is.
type IdentityRow struct {
	Key      domain.IdentityKey
	Customer domain.CustomerID
}

// PostRow is what intake must know of a post later: whose it is, who wrote it
// and which body came last.
type PostRow struct {
	Key      domain.PostKey
	Customer domain.CustomerID
	From     string // domain.FromCustomer …
	At       time.Time
	Revision string
	Body     uint64
}

// JournalReadParams says which of a customer's records JournalRead gives; 0 sets no bound.
type JournalReadParams struct {
	Customer  domain.CustomerID
	Before    int64
	BeforeSeq int64
	Limit     int
}

// JournalRow is one record of a decision in its stored form.
type JournalRow struct {
	Seq      int64             // the record's place in the store's journal
	Customer domain.CustomerID // who it was written for, or got it by JournalPart
	Version  int64             // of that state it was written with
	At       time.Time
	Record   []byte
}

// JournalPartParams gives records of From, or parts of them, to To.
type JournalPartParams struct {
	From, To domain.CustomerID
	Rows     []JournalPart // oldest first
}

// JournalPart is a record as JournalRead gave it, what of it stays and what
// goes. Where nothing stays, there is no such record any more.
type JournalPart struct {
	JournalRow
	Stays, Goes []byte
}

// InboxRow is a pending input.
type InboxRow struct {
	Customer domain.CustomerID
	Seq      int64
	ReadyAt  time.Time
	Kind     domain.InputKind
	Body     []byte // the input in its stored form
}

// InboxKey names a pending input.
type InboxKey struct {
	Customer domain.CustomerID
	Seq      int64
}

// SeenRow is what came in before: its key and a digest of its body.
type SeenRow struct {
	Key  domain.Key
	Body uint64
	At   time.Time
}

// SeenResult says what SeenAdd found.
type SeenResult uint8

const (
	SeenNew SeenResult = iota
	SeenSame
	SeenConflict // the key is known with another body
)

// EventFindParams says which events EventFind looks for, up to place Upto of the log.
type EventFindParams struct {
	Anchor domain.Anchor
	Since  time.Time
	Upto   int64
	Limit  int
}

// SubscriptionRow is a subscription and whose it is.
type SubscriptionRow struct {
	Customer domain.CustomerID
	domain.Subscription
}

// SubscriptionFindParams asks, for each event's anchors, who subscribed to one of them.
type SubscriptionFindParams struct {
	Anchors [][]domain.Anchor
	Limit   int
}

// SubscriptionScanParams: subscriptions on Anchor of customers after Customer
// that were committed before event Before (After < Before).
type SubscriptionScanParams struct {
	Anchor domain.Anchor
	After  domain.CustomerID
	Before int64
	Limit  int
}

// NoticeEnded is the anchor of an ended notice, in place of its own.
var NoticeEnded = domain.Anchor{Attr: "ended"}

// NoticeEnds reports whether an event ends a notice: its type does.
func NoticeEnds(e *domain.Event) bool { return strings.HasSuffix(e.Type, ".ended") }

// FanoutRow is an event with too many subscribers to take at once and how far
// it has come: Anchor is the index into the event's anchors.
type FanoutRow struct {
	EventSeq int64
	Anchor   int
	After    domain.CustomerID
}

// CatchUpRow asks to look in the event log for what a new subscription missed.
type CatchUpRow struct {
	Customer     domain.CustomerID
	Subscription string
	Anchor       domain.Anchor
	To           string
	Since        time.Time
	Upto         int64 // the log's last position when the subscription was committed
}

// WorkItemListParams says which work items are listed; what is empty asks for any.
type WorkItemListParams struct {
	State    domain.WorkItemState
	Queue    string
	Customer domain.CustomerID
	Holder   string // whose room they take: domain.WorkItem.Holder
	Open     bool   // only those that are not final
	After    string // the last id of the page before
	// At makes (At, After) a place of its own: the page begins behind it, whether
	// or not there is an item of that id. With an empty After that is what was
	// created before At.
	At    time.Time
	Limit int
}

// OpenStates are the states of work items that are not final.
var OpenStates = []domain.WorkItemState{domain.WorkPending, domain.WorkReserved, domain.WorkAssigned, domain.WorkWrapping}

// States are the states to look for one by one when only open work items are
// wanted: nil when none of them can be.
func (p *WorkItemListParams) States() []domain.WorkItemState {
	switch {
	case p.State == "":
		return OpenStates
	case slices.Contains(OpenStates, p.State):
		return []domain.WorkItemState{p.State}
	}
	return nil
}

// WorkItemScanParams is a page of WorkItemScan.
type WorkItemScanParams struct {
	After string // the last id of the page before
	Limit int
}

// QueueStats is how a queue stands.
type QueueStats struct {
	Queue    string
	Waiting  int           // pending, due to be offered
	Oldest   time.Duration // how long the longest of those has waited since then
	Handled  int           // completed in the last day
	MeanWait time.Duration // from creation to completion, of those
}

// EffectRow is an effect in the outbox.
type EffectRow struct {
	domain.Effect
	State     domain.EffectState
	Attempt   int
	Lease     time.Time // while sending
	Released  bool      // a person has approved it
	Dead      bool      // it was a dead letter before: an operator wants one more try
	PutBacks  int       // attempts that only put it back for later
	LastError string    // for people
	CreatedAt time.Time
	UpdatedAt time.Time

	Under string // for EffectAdd alone: as EffectClaimParams has it
}

// BeginEffects checks what EffectAdd is given, as far as the rows alone tell,
// and takes back from those that ask to be sent at once and may not, since they
// share their conversation: they are pending.
func BeginEffects(rows []EffectRow) error {
	type line struct {
		customer     domain.CustomerID
		conversation string
	}
	lines := make(map[line]int, len(rows))
	for i := range rows {
		e := &rows[i]
		switch e.State {
		case "":
			e.State = domain.EffectPending
		case domain.EffectPending, domain.EffectHeld, domain.EffectSending:
		default:
			return fmt.Errorf("store: effect %s cannot begin as %q; want pending, held or sending", e.ID, e.State)
		}
		if e.State != domain.EffectSending {
			e.Lease, e.Under = time.Time{}, ""
		}
		lines[line{e.Customer, e.Conversation}]++
	}
	for i := range rows {
		if e := &rows[i]; e.Conversation != "" && lines[line{e.Customer, e.Conversation}] > 1 {
			e.Wait()
		}
	}
	return nil
}

// Wait lets an effect that asked to be sent at once wait for its turn.
func (r *EffectRow) Wait() {
	if r.State == domain.EffectSending {
		r.State, r.Lease, r.Under = domain.EffectPending, time.Time{}, ""
	}
}

// Set does to a stored effect what Tx.EffectSet says.
func (r *EffectRow) Set(from []domain.EffectState, to domain.EffectState, notBefore time.Time) error {
	if !to.Valid() {
		return fmt.Errorf("store: effect %s cannot become %q", r.ID, to)
	}
	if len(from) > 0 && !slices.Contains(from, r.State) {
		return fmt.Errorf("%w: effect %s is %s", ErrConflict, r.ID, r.State)
	}
	r.State = to
	if !notBefore.IsZero() {
		r.NotBefore = notBefore.UTC().Truncate(time.Microsecond)
	}
	return nil
}

// EffectListParams says which effects are listed.
type EffectListParams struct {
	State    domain.EffectState // "" any
	Customer domain.CustomerID  // 0 any
	After    string
	Limit    int
}

// EffectClaimParams says which effects a claim takes, and for how long they are its own.
type EffectClaimParams struct {
	Now   time.Time
	Lease time.Duration
	Limit int
	Busy  []string // destinations that have as many under way as they may
	Under string   // the lease that the claimer holds: who reaps it frees them; see Leaser

	// Most is how many of one destination are leased at most, MostOf how many
	// of some in particular; 0 and missing ones stand for no limit but Limit.
	Most   int
	MostOf map[string]int
}

// MostFor is how many effects of a destination a claim takes.
func (p *EffectClaimParams) MostFor(destination string) int {
	if slices.Contains(p.Busy, destination) {
		return 0
	}
	n, ok := p.MostOf[destination]
	if !ok {
		n = p.Most
	}
	if n <= 0 {
		return Limit(p.Limit)
	}
	return n
}

// PlaybookRow is a published version.
type PlaybookRow struct {
	Version int64
	Name    string
	Hash    string
	Source  []byte
	Policy  []byte
	At      time.Time
	By      string
	Active  bool

	ActivatedAt time.Time // the last time
	ActivatedBy string
}

// Switch is an operator's hand on what leaves: Scope is "all",
// "network:<name>" or "rule:<name>"; Mode is "stopped", "shadow", "approve"
// or "live".
type Switch struct {
	Scope string    `json:"scope"`
	Mode  string    `json:"mode"`
	By    string    `json:"by,omitempty"`
	At    time.Time `json:"at"`
}

// Token is an API token. Only the hash of its secret is kept.
type Token struct {
	Name      string
	Hash      [32]byte
	Role      string
	CreatedAt time.Time
	ExpiresAt time.Time
}

// MergeRow is the manifest of a merge: what came from whom, so that it can be
// undone.
type MergeRow struct {
	ID   string
	From domain.CustomerID
	To   domain.CustomerID
	At   time.Time
	By   string
	Body []byte
}

// Counts is how much there is. Customers are those that were neither merged
// nor erased; EffectsPending counts what is being sent too.
type Counts struct {
	Customers, Posts, Events, Subscriptions, Inbox, Orders  int64
	WorkItemsOpen, EffectsPending, EffectsHeld, EffectsDead int64
}
