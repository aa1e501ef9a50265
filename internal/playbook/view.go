package playbook

import (
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// View is what conditions, arguments and templates can see: one customer, one
// case and one input. Decide fills it; playbooks read it under the names
// post, event, answer, case, customer, order, queue, now and reminder. A name
// whose pointer is nil is an empty value of its type in CEL (strings "",
// numbers 0, lists empty), never an error.
type View struct {
	Now      time.Time
	Zone     *time.Location // the customer's, for times in messages
	Snapshot *domain.Snapshot
	Case     *domain.Case
	Identity *domain.Identity // who wrote; its proof decides what may be told
	Post     *domain.Post     // the input's post, or the case's newest one
	Meaning  *domain.Understanding
	PostText string // all parts of the message together
	Parts    int
	Edited   bool
	Event    *domain.Event
	Answer   *domain.ComponentAnswer
	Order    *domain.KnownOrder // the order the case is about; bare unless it is proven
	Due      time.Time          // the time named by the promise or work item just made
	Agreed   string             // what a person has just promised the customer, in that person's word
	Number   string             // the number that will be called, for templates: only its last digits are shown
	Reminder string
	Contact  string // where customers reach the company directly, as the policy has it
	Queue    QueueView

	state viewState // what evaluating keeps between rules; a view serves one goroutine
}

// QueueView is a queue as conditions and messages see it.
type QueueView struct {
	Name        string
	Open        bool
	OpensAt     time.Time
	Waiting     int
	WaitMinutes int
	Known       bool // the queues component answered

	// How long a call that comes into the queue now will wait: half of them at
	// most the median, nine in ten at most the upper. Only where the desk knows it,
	// has just said so, and the customer may be called by then.
	WaitKnown             bool
	WaitMedian, WaitUpper time.Duration
}

// foreignZone reports that nobody knows where the customer is, so that times
// are told by the company's clock.
func (v *View) foreignZone() bool { return v.Snapshot != nil && v.Snapshot.Customer.TimeZone == "" }
