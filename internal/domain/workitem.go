package domain

import "time"

// WorkItemKind is what a person is asked to do.
type WorkItemKind string

const (
	Callback WorkItemKind = "callback" // call the customer by voice about the post
	Review   WorkItemKind = "review"   // read and decide
	Expert   WorkItemKind = "expert"   // answer a question for the agent or the advocate
)

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
		return to == WorkCompleted
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
	State       WorkItemState  `json:"state"`
	Queue       string         `json:"queue"`
	Skills      []string       `json:"skills,omitempty"`
	Lang        string         `json:"lang,omitempty"`
	Priority    int            `json:"priority"`
	Due         time.Time      `json:"due"`
	NotBefore   time.Time      `json:"not_before,omitzero"`   // not offered earlier: a number was asked for, or the customer named a time
	Number      string         `json:"number,omitempty"`      // E.164; only if proven or given for this case
	NumberFrom  string         `json:"number_from,omitempty"` // "profile", "given"
	Post        PostKey        `json:"post"`
	PostText    string         `json:"post_text"`
	PostURL     string         `json:"post_url,omitempty"`
	Summary     string         `json:"summary,omitempty"` // the case in a few sentences, for the agent's eyes
	Promised    []string       `json:"promised,omitempty"`
	Note        string         `json:"note,omitempty"`
	Preferred   *PreferredTime `json:"preferred,omitempty"`
	Raised      int            `json:"raised,omitempty"`   // how often it was asked for again
	Attempts    int            `json:"attempts,omitempty"` // calls that reached nobody before this one
	Agent       string         `json:"agent,omitempty"`    // who holds or held it
	Disposition string         `json:"disposition,omitempty"`
	CloseNote   string         `json:"close_note,omitempty"`
	Reason      string         `json:"reason,omitempty"` // why it was created or canceled
	Rule        string         `json:"rule,omitempty"`
	CreatedAt   time.Time      `json:"created_at"`
	UpdatedAt   time.Time      `json:"updated_at"`
	Version     int64          `json:"version"` // the decision that wrote it
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

// Dispositions that the engine gives a meaning to. An operator may add words;
// those only end the work item.
const (
	DispositionReached     = "reached"  // spoken with the customer: keeps a callback promise
	DispositionResolved    = "resolved" // spoken with, and the matter is ended
	DispositionNoAnswer    = "no_answer"
	DispositionBusy        = "busy"
	DispositionVoicemail   = "voicemail"
	DispositionWrongNumber = "wrong_number"
	DispositionRefused     = "refused" // the customer does not want to be called
)
