package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/contact-advocate/advocate/internal/assign"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// OutlookKind is the kind of the documents that hold outlooks, one a queue.
const OutlookKind = "queue"

// outlookEvery is how often the desk writes down how the queues stand.
const outlookEvery = 5 * time.Second

// outlookBeat is how often it writes that a queue stands as it did, so that a
// reader can tell a quiet queue from a desk that is gone.
const outlookBeat = time.Minute

// Outlook is how a queue stands, and how long a call that came into it at At
// would wait. The desk writes it; any node reads it.
type Outlook struct {
	Queue    string    `json:"queue"`
	At       time.Time `json:"at"`
	Ready    int       `json:"ready"`    // waiting to be offered
	Later    int       `json:"later"`    // not to be offered yet
	Offered  int       `json:"offered"`  //
	Assigned int       `json:"assigned"` // in somebody's hands
	Wrapping int       `json:"wrapping"`
	Oldest   int64     `json:"oldest_seconds"` // how long the one that waits longest has waited
	Agents   int       `json:"agents"`         // who are there for it

	Known  bool      `json:"known"`                    // whether Median and Upper say anything
	Why    string    `json:"why,omitempty"`            // why not
	Median int64     `json:"median_seconds,omitempty"` // as many wait longer as shorter
	Upper  int64     `json:"upper_seconds,omitempty"`  // nine of ten wait no longer
	Opens  time.Time `json:"opens,omitzero"`           // the queue is closed until then

	Handling assign.Handling `json:"handling,omitzero"` // how long its work takes
	Pace     assign.Pace     `json:"pace,omitzero"`     // what comes into it
	Staff    float64         `json:"staff,omitempty"`   // how many are there when it is open, on the average
}

// Outlooks reads how the queues stand, by name. One that no desk has looked at
// yet is not there.
func Outlooks(r store.Reader) ([]Outlook, error) {
	docs, err := r.DocumentList(store.DocumentListParams{Kind: OutlookKind})
	if err != nil {
		return nil, err
	}
	out := make([]Outlook, len(docs))
	for i := range docs {
		if err := json.Unmarshal(docs[i].Body, &out[i]); err != nil {
			return nil, fmt.Errorf("desk: the outlook of queue %q cannot be read: %w", docs[i].ID, err)
		}
	}
	return out, nil
}

// ledger is what the desk learns of the queues, and what it has told.
type ledger struct {
	queues map[string]*Outlook
	told   map[string]string    // the last outlook written, without its time
	at     map[string]time.Time // when that was
	next   time.Time
}

// learn takes in what an event says of how long work takes and how much comes.
func (l *ledger) learn(e *domain.Event) {
	var d struct {
		Queue    string `json:"queue"`
		Priority int    `json:"priority"`
		Handled  *int64 `json:"handled_seconds"`
		Wrapped  int64  `json:"wrap_seconds"`
	}
	switch e.Type {
	case "advocate.workitem.created", "advocate.workitem.completed":
	default:
		return
	}
	if json.Unmarshal(e.Data, &d) != nil || d.Queue == "" {
		return
	}
	q := l.queue(d.Queue)
	if e.Type == "advocate.workitem.created" {
		q.Pace.Add(e.Time, d.Priority)
	} else if d.Handled != nil {
		q.Handling.Add(time.Duration(*d.Handled+d.Wrapped) * time.Second)
	}
}

func (l *ledger) queue(name string) *Outlook {
	q := l.queues[name]
	if q == nil {
		q = &Outlook{Queue: name}
		l.queues[name] = q
	}
	return q
}

// tell writes down how the queues stand, those that stand otherwise than last
// told and those of which nothing was told for a while.
func (w *watch) tell(ctx context.Context, now time.Time) error {
	if now.Before(w.ledger.next) {
		return nil
	}
	w.ledger.next = now.Add(outlookEvery)
	if w.ledger.at == nil {
		w.ledger.at = map[string]time.Time{}
	}
	changed := map[string]*Outlook{}
	for _, name := range w.policy.QueueNames() {
		q := w.ledger.queue(name)
		w.look(q, now)
		at := q.At
		q.At = time.Time{}
		text, err := json.Marshal(q)
		q.At = at
		if err != nil {
			return err
		}
		if w.ledger.told[name] != string(text) || now.Sub(w.ledger.at[name]) >= outlookBeat {
			changed[name] = q
			w.ledger.told[name], w.ledger.at[name] = string(text), now
		}
	}
	if len(changed) == 0 {
		return nil
	}
	names := make([]string, 0, len(changed))
	for name := range changed {
		names = append(names, name)
	}
	slices.Sort(names)
	return w.o.Store.Update(ctx, func(tx store.Tx) error {
		docs, err := tx.DocumentLock(OutlookKind, names)
		if err != nil {
			return err
		}
		for i, name := range names {
			body, err := json.Marshal(changed[name])
			if err != nil {
				return err
			}
			docs[i].Kind, docs[i].ID, docs[i].Body, docs[i].UpdatedAt = OutlookKind, name, body, now
		}
		return tx.DocumentPut(docs)
	})
}

// look fills in what the board knows of a queue.
func (w *watch) look(q *Outlook, now time.Time) {
	s := w.board.Waiting(q.Queue)
	q.Ready, q.Later, q.Offered, q.Assigned, q.Wrapping = s.Ready, s.Later, s.Offered, s.Assigned, s.Wrapping
	q.Oldest = 0
	if !s.Oldest.IsZero() {
		q.Oldest = max(0, int64(now.Sub(s.Oldest)/time.Second)/5*5) // so that waiting alone is no news every time
	}
	e := w.board.Estimate(now, assign.EstimateParams{
		Item:     domain.WorkItem{Queue: q.Queue, Kind: domain.Callback, Priority: domain.PriorityNormal},
		Handling: q.Handling, Pace: q.Pace, Staff: int(math.Round(q.Staff)),
	})
	q.At, q.Known, q.Why, q.Opens, q.Agents = now, e.Known, e.Why, e.Opens, e.Agents
	q.Median, q.Upper = int64(e.Median/time.Second), int64(e.Upper/time.Second)
	if e.Opens.IsZero() && e.Agents > 0 {
		q.Staff = staff(q.Staff, e.Agents)
	}
}

// staff is who is usually there while a queue works, for the hours in which it
// does not: a mean that follows a change within some hours. It moves in
// hundredths, so that a desk at rest has nothing to write.
func staff(usual float64, now int) float64 {
	if usual == 0 {
		return float64(now)
	}
	const share = float64(outlookEvery) / float64(2*time.Hour)
	step := (float64(now) - usual) * share
	if math.Abs(step) < 0.01 { // by whole hundredths, and none when there is nothing between
		step = math.Copysign(min(0.01, math.Abs(float64(now)-usual)), step)
	}
	return math.Round((usual+step)*100) / 100
}
