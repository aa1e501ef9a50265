package domain

import "time"

// WorkItemKind is what a person is asked to do.
type WorkItemKind string

const (
	Callback WorkItemKind = "callback" // call the customer by voice about the post
	Review   WorkItemKind = "review"   // read and decide
	Expert   WorkItemKind = "expert"   // answer a question for the agent or the advocate
)

// WorkItemKinds lists them.
var WorkItemKinds = []WorkItemKind{Callback, Review, Expert}

// WorkItemState is where a work item stands.
type WorkItemState string

const (
	WorkPending   WorkItemState = "pending"
	WorkReserved  WorkItemState = "reserved"
	WorkAssigned  WorkItemState = "assigned"
	WorkWrapping  WorkItemState = "wrapping"
	WorkCompleted WorkItemState = "completed"
	WorkCanceled  WorkItemState = "canceled"
)

// Final reports whether nothing more can happen to the item.
func (s WorkItemState) Final() bool { return s == WorkCompleted || s == WorkCanceled }

// MayBecome reports whether a work item may go from one state to another.
func (s WorkItemState) MayBecome(to WorkItemState) bool {
	switch s {
	case WorkPending:
		return to == WorkReserved || to == WorkAssigned || to == WorkCompleted || to == WorkCanceled
	case WorkReserved:
		return to == WorkPending || to == WorkAssigned || to == WorkCompleted || to == WorkCanceled
	case WorkAssigned:
		return to == WorkPending || to == WorkWrapping || to == WorkCompleted || to == WorkCanceled
	case WorkWrapping:
		return to == WorkCompleted || to == WorkPending // pending: snoozed or passed on after the call
	}
	return false
}

// Priority of a work item: 0 is the lowest, 100 the highest.
const (
	PriorityLow    = 20
	PriorityNormal = 50
	PriorityHigh   = 80
	PriorityUrgent = 100
)

// WorkItem is work for a person. The advocate creates, raises and cancels it;
// a person completes it.
type WorkItem struct {
	ID          string         `json:"id"`
	Customer    CustomerID     `json:"customer_id"`
	Case        string         `json:"case_id"`
	Kind        WorkItemKind   `json:"kind"`
	EndsAs      WorkItemKind   `json:"ends_as,omitempty"` // another kind whose endings fit: a review that asks how a call ended
	State       WorkItemState  `json:"state"`
	Queue       string         `json:"queue"`
	Skills      []string       `json:"skills,omitempty"`
	Lang        string         `json:"lang,omitempty"`
	Priority    int            `json:"priority"`
	Due         time.Time      `json:"due"`
	Overdue     time.Time      `json:"overdue,omitzero"`      // the due time that passed and raised an alarm
	NotBefore   time.Time      `json:"not_before,omitzero"`   // not offered earlier: a number was asked for, or the customer named a time
	Number      string         `json:"number,omitempty"`      // E.164; only if proven or given for this case
	NumberFrom  string         `json:"number_from,omitempty"` // "profile", "given"
	Called      string         `json:"called,omitempty"`      // with EndsAs: the number of the call it asks about; it is not to be called
	Post        PostKey        `json:"post"`
	PostText    string         `json:"post_text"`
	PostURL     string         `json:"post_url,omitempty"`
	Summary     string         `json:"summary,omitempty"` // the case in a few sentences, for the agent's eyes
	Promised    []string       `json:"promised,omitempty"`
	Note        string         `json:"note,omitempty"`
	Preferred   *PreferredTime `json:"preferred,omitempty"`
	Raised      int            `json:"raised,omitempty"`        // how often it was asked for again
	Attempts    int            `json:"attempts,omitempty"`      // calls that reached nobody before this one
	Agent       string         `json:"agent,omitempty"`         // who holds or held it
	TimeZone    string         `json:"time_zone,omitempty"`     // a callback's: the customer's
	For         string         `json:"for,omitempty"`           // the one agent it is offered to: passed on or snoozed by, or to, that person
	Before      string         `json:"before,omitempty"`        // the agent this customer spoke with last: asked first
	Reservation *Reservation   `json:"reservation,omitempty"`   // the last offer
	Offers      int            `json:"offers,omitempty"`        // so far
	Passed      []string       `json:"passed,omitempty"`        // agents who let an offer go since somebody last took it up, or passed it on; asked last
	QueuedAt    time.Time      `json:"queued_at,omitzero"`      // since when it has waited in its queue; CreatedAt if zero
	AssignedAt  time.Time      `json:"assigned_at,omitzero"`    // when the agent accepted it
	HungUpAt    time.Time      `json:"hung_up_at,omitzero"`     // when after-contact work began
	WrapUntil   time.Time      `json:"wrapping_until,omitzero"` // when after-contact work ends by itself
	Moved       int            `json:"moved,omitempty"`         // how often it was passed on
	Disposition string         `json:"disposition,omitempty"`
	CloseNote   string         `json:"close_note,omitempty"`
	Reason      string         `json:"reason,omitempty"` // why it was created or canceled
	Rule        string         `json:"rule,omitempty"`
	CreatedAt   time.Time      `json:"created_at"`
	UpdatedAt   time.Time      `json:"updated_at"`
	Version     int64          `json:"version"` // the decision that wrote it
}

// Limits on a work item's way between people.
const (
	MaxPassed = 50 // agents remembered who let an offer go
	MaxMoved  = 20 // an item that was passed on more often goes to a supervisor
)

// Waiting is since when the item has waited to be offered.
func (w *WorkItem) Waiting() time.Time {
	t := w.QueuedAt
	if t.IsZero() {
		t = w.CreatedAt
	}
	if w.NotBefore.After(t) {
		t = w.NotBefore
	}
	return t
}

// Ends is the kind of work whose endings fit the item.
func (w *WorkItem) Ends() WorkItemKind {
	if w.EndsAs != "" {
		return w.EndsAs
	}
	return w.Kind
}

// Holder is whose room the item takes: who it is offered to, or who has it;
// "" while it waits and once it has ended.
func (w *WorkItem) Holder() string {
	switch w.State {
	case WorkReserved:
		if w.Reservation != nil {
			return w.Reservation.Agent
		}
	case WorkAssigned, WorkWrapping:
		return w.Agent
	}
	return ""
}

// WorkItemRef is what a case remembers of a work item.
type WorkItemRef struct {
	ID          string        `json:"id"`
	Kind        WorkItemKind  `json:"kind"`
	State       WorkItemState `json:"state"`
	Queue       string        `json:"queue,omitempty"`
	Priority    int           `json:"priority,omitempty"`
	Due         time.Time     `json:"due,omitzero"`
	NeedsNumber bool          `json:"needs_number,omitempty"`
}
