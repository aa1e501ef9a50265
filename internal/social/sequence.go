package social

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/clock"
)

// keepProgress is how long it is known how far a message has gone: longer than
// any reply is tried.
const keepProgress = 7 * 24 * time.Hour

// Sequence sends the parts of one message, each once, however often it is
// tried: each answers the one before. What a former attempt sent is not sent
// again; a part whose answer was lost is looked for first. R is what else of a
// message is settled by its first attempt, for all of them.
type Sequence[R any] struct {
	Message *Message
	Keys    *Keys // the account's: one attempt at a message is made at a time
	Clock   clock.Clock

	// State keeps how the message goes, and how far it has gone.
	State State
	// Plan says how the message is to go. It is asked at the first attempt; a
	// further one goes on as the first began. Of one part without Find nothing
	// is kept: each attempt asks, and does the whole again.
	Plan func(ctx context.Context) (Plan[R], error)
	// Again, unless it is nil, looks at the plan of a former attempt before it
	// goes on: what may have changed since, such as what the recipient is called,
	// is put right in the parts that are left, those from the given one on. After
	// an error nothing is sent.
	Again func(ctx context.Context, p *Plan[R], from int) error
	// Send publishes one part under a key of its own.
	Send func(ctx context.Context, p Part[R]) (Sent, error)
	// Find looks for a part that may have been published. Where that cannot be
	// known its error is final: the part is not sent again then. It may be nil
	// where a repeat is harmless.
	Find func(ctx context.Context, p Part[R]) (Sent, bool, error)
	// Unmade reports whether an error of Send says for certain that nothing was
	// published, so that the part need not be looked for. Nil: none does.
	Unmade func(error) bool
}

// Plan is how a message goes, the same for every attempt.
type Plan[R any] struct {
	Parts     []string `json:"parts,omitempty"` // the texts; none fit: an error
	InReplyTo string   `json:"to,omitempty"`    // what the first part answers
	Route     R        `json:"route,omitzero"`
}

// Part is one of a message.
type Part[R any] struct {
	Key, Text, InReplyTo string
	Route                R
	First                time.Time // when the message was first tried: what is older is not it
}

// progress is what is kept of a sequence.
type progress[R any] struct {
	Plan  Plan[R]   `json:"plan,omitzero"`
	First time.Time `json:"first,omitzero"`
	Sent  []Sent    `json:"sent,omitempty"`
	Tried bool      `json:"tried,omitempty"` // the next part, for Find: its answer may have been lost
}

// Run sends what is left to send. Errors are *Error.
func (s *Sequence[R]) Run(ctx context.Context) (Sent, error) {
	release, err := s.Keys.Hold(ctx, s.Message.Key)
	if err != nil {
		return Sent{}, Unreached(err)
	}
	defer release()
	p, err := s.begin(ctx)
	if err != nil {
		return Sent{}, err
	}
	for len(p.Sent) < len(p.Plan.Parts) {
		sent, err := s.next(ctx, p)
		if err != nil {
			return Sent{}, err
		}
		p.Sent, p.Tried = append(p.Sent, sent), false
		if err := s.save(ctx, p); err != nil {
			return Sent{}, err
		}
	}
	out := p.Sent[0]
	for _, more := range p.Sent[1:] {
		out.More = append(out.More, more.PostID)
	}
	return out, nil
}

// begin reads how far the message has gone, or plans it.
func (s *Sequence[R]) begin(ctx context.Context) (*progress[R], error) {
	var p progress[R]
	b, err := s.State.Get(ctx, s.name())
	if err == nil && b != nil {
		err = json.Unmarshal(b, &p)
	}
	if err != nil {
		return nil, stateError(err)
	}
	if len(p.Plan.Parts) == 0 {
		plan, err := s.Plan(ctx)
		if err != nil {
			return nil, err
		}
		p.Plan, p.First = plan, s.Clock.Now()
	} else if s.Again != nil && len(p.Sent) < len(p.Plan.Parts) {
		if err := s.Again(ctx, &p.Plan, len(p.Sent)); err != nil {
			return nil, err
		}
	}
	switch n := len(p.Plan.Parts); {
	case n == 0:
		return nil, &Error{Fault: FaultOurs, Safe: "the message has no text, or does not fit however it is divided"}
	case len(p.Sent) > n:
		return nil, stateError(fmt.Errorf("%d parts are known of a message of %d", len(p.Sent), n))
	}
	return &p, s.tell(ctx, p.Plan.Parts)
}

// tell says what is going to be published, where that is not the text as a
// whole.
func (s *Sequence[R]) tell(ctx context.Context, parts []string) error {
	if s.Message.Told == nil || len(parts) == 1 && strings.HasSuffix(parts[0], strings.TrimSpace(s.Message.Text)) {
		return nil
	}
	return stateError(s.Message.Told(ctx, parts))
}

func (s *Sequence[R]) next(ctx context.Context, p *progress[R]) (Sent, error) {
	n := len(p.Sent)
	part := Part[R]{Key: s.Message.Key, Text: p.Plan.Parts[n], InReplyTo: p.Plan.InReplyTo, Route: p.Plan.Route, First: p.First}
	if n > 0 {
		part.Key, part.InReplyTo = fmt.Sprintf("%s/%d", part.Key, n+1), p.Sent[n-1].PostID
	}
	if s.Find != nil && p.Tried {
		sent, found, err := s.Find(ctx, part)
		if err != nil || found {
			return sent, err
		}
	}
	// Without Find the plan alone is to be known before anything is sent: who is
	// cut off sends the part again under its key.
	if !p.Tried && (s.Find != nil || n == 0) {
		p.Tried = true
		if err := s.save(ctx, p); err != nil {
			return Sent{}, err
		}
	}
	sent, err := s.Send(ctx, part)
	if err != nil && s.Unmade != nil && s.Unmade(err) {
		p.Tried = false
		_ = s.save(ctx, p) // where it cannot be noted the part is looked for
	}
	return sent, err
}

func (s *Sequence[R]) name() string { return "sent/" + s.Message.Key }

func (s *Sequence[R]) save(ctx context.Context, p *progress[R]) error {
	if len(p.Plan.Parts) == 1 && s.Find == nil {
		return nil
	}
	b, err := json.Marshal(p)
	if err == nil {
		err = s.State.Put(ctx, s.name(), b, keepProgress)
	}
	return stateError(err)
}

// stateError says that it is not known how far a message has gone: nothing may
// be sent then.
func stateError(err error) error {
	if err == nil {
		return nil
	}
	return &Error{Retry: true, Fault: FaultNetwork, Safe: "how far the message has gone cannot be kept", Cause: err}
}
