package socialtest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
)

// Behavior is what a scripted network does with one Send.
type Behavior string

const (
	OK        Behavior = "ok"
	Down      Behavior = "down"       // refuses for now
	RateLimit Behavior = "rate_limit" // refuses for now and says how long
	LostReply Behavior = "lost_reply" // acts, then times out: the caller cannot know
	Gone      Behavior = "gone"       // refuses for good: the customer is not there
	Blocked   Behavior = "blocked"    // refuses for good: the customer blocks us
	BadAuth   Behavior = "bad_auth"   // refuses for good: our credentials
	Hangs     Behavior = "hangs"      // waits for the context to end, without acting
)

// Faults are chances, 0 to 1, that a Scripted network takes with each step.
type Faults struct {
	Down, RateLimit, LostReply, Gone float64 // of a Send
	Drop, Repeat, Reorder            float64 // of a delivery; what is dropped comes again later
}

// Scripted is a network under the test's control. It is safe for concurrent
// use; with one caller at a time and a seeded Rand it always does the same.
type Scripted struct {
	name string
	caps social.Capabilities
	now  func() time.Time

	mu      sync.Mutex
	plan    []Behavior
	rand    *rand.Rand
	faults  Faults
	sent    []Delivery
	byKey   map[string]int
	calls   int
	waiting []domain.Post
	posts   map[string]domain.Post
	number  int
}

// Delivery is a message that reached the network.
type Delivery struct {
	social.Message
	PostID string
	At     time.Time
	Calls  int // how often Send came with this key and acted or found it done
}

// ScriptedOptions describe a scripted network.
type ScriptedOptions struct {
	Name         string               // "scripted" by default
	Capabilities *social.Capabilities // everything, idempotent, by default
	Now          func() time.Time     // time.Now by default
	Rand         *rand.Rand           // nil: Faults never happen
	Faults       Faults
}

// RateLimitAfter is how long a rate-limited caller is told to wait.
const RateLimitAfter = 30 * time.Second

var _ social.Network = (*Scripted)(nil)

// NewScripted makes a network without posts or messages.
func NewScripted(o ScriptedOptions) *Scripted {
	if o.Name == "" {
		o.Name = "scripted"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Capabilities == nil {
		o.Capabilities = &social.Capabilities{PublicReply: true, PrivateMessage: true, Settles: true}
	}
	return &Scripted{name: o.Name, caps: *o.Capabilities, now: o.Now, rand: o.Rand, faults: o.Faults,
		byKey: map[string]int{}, posts: map[string]domain.Post{}}
}

// Name implements social.Network.
func (s *Scripted) Name() string { return s.name }

// Account implements social.Network.
func (s *Scripted) Account() string { return "" }

// Capabilities implements social.Network.
func (s *Scripted) Capabilities() social.Capabilities { return s.caps }

// Plan sets what the next Sends do, one behavior each; what comes after the
// plan is left to Faults, or goes well.
func (s *Scripted) Plan(next ...Behavior) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.plan = append(s.plan, next...)
}

// Send implements social.Network.
func (s *Scripted) Send(ctx context.Context, m social.Message) (social.Sent, error) {
	if err := ctx.Err(); err != nil {
		return social.Sent{}, &social.Error{Retry: true, Fault: social.FaultNetwork, Safe: "the call was given up", Cause: err}
	}
	if m.Key == "" || m.To.Network != s.name || !m.To.Valid() || m.Text == "" {
		return social.Sent{}, &social.Error{Fault: social.FaultOurs, Safe: "the message has no key, text or recipient on this network"}
	}
	if m.Visibility == domain.Private && !s.caps.PrivateMessage || m.Visibility == domain.Public && !s.caps.PublicReply {
		return social.Sent{}, &social.Error{Fault: social.FaultOurs, Safe: "the network has no such messages"}
	}
	s.mu.Lock()
	s.calls++
	s.mu.Unlock()
	parts := []string{m.Text}
	if l := s.caps.Form(m.Visibility).Text; l.Max > 0 && !l.Fits(m.Text) {
		parts = l.Split(m.Text, "", s.caps.Form(m.Visibility).Parts)
		if m.Told != nil {
			if err := m.Told(ctx, parts); err != nil {
				return social.Sent{}, &social.Error{Retry: true, Fault: social.FaultNetwork, Safe: "the parts could not be told", Cause: err}
			}
		}
	}
	var out social.Sent
	for i, text := range parts {
		part := m
		part.Text = text
		if i > 0 {
			part.Key, part.InReplyTo = fmt.Sprintf("%s/%d", m.Key, i+1), last(out)
		}
		d, err := s.publish(ctx, part)
		if err != nil {
			return social.Sent{}, err
		}
		if i == 0 {
			out = social.Sent{PostID: d.PostID, At: d.At}
		} else {
			out.More = append(out.More, d.PostID)
		}
	}
	return out, nil
}

func last(s social.Sent) string {
	if n := len(s.More); n > 0 {
		return s.More[n-1]
	}
	return s.PostID
}

// publish takes one request to publish.
func (s *Scripted) publish(ctx context.Context, m social.Message) (Delivery, error) {
	s.mu.Lock()
	b := s.next()
	if b == Hangs {
		s.mu.Unlock()
		<-ctx.Done()
		return Delivery{}, &social.Error{Retry: true, Fault: social.FaultNetwork, Safe: "the network did not answer", Cause: ctx.Err()}
	}
	defer s.mu.Unlock()
	switch b {
	case Down:
		return Delivery{}, &social.Error{Retry: true, Fault: social.FaultNetwork, Safe: "the network is down"}
	case RateLimit:
		return Delivery{}, &social.Error{Retry: true, After: RateLimitAfter, Fault: social.FaultNetwork, Safe: "the network limits our rate"}
	case Gone:
		return Delivery{}, &social.Error{Fault: social.FaultCustomer, Safe: "the customer is not there any more"}
	case Blocked:
		return Delivery{}, &social.Error{Fault: social.FaultCustomer, Blocked: true, Safe: "the customer blocks us"}
	case BadAuth:
		return Delivery{}, &social.Error{Fault: social.FaultOperator, Safe: "the network refuses our credentials"}
	}
	d := s.act(m)
	if b == LostReply {
		return Delivery{}, &social.Error{Retry: true, Fault: social.FaultNetwork, Safe: "the network's answer was lost", Cause: errors.New("timeout after the request was sent")}
	}
	return d, nil
}

// next decides what a Send does. The plan goes before chance.
func (s *Scripted) next() Behavior {
	if len(s.plan) > 0 {
		b := s.plan[0]
		s.plan = s.plan[1:]
		return b
	}
	for _, c := range []struct {
		b Behavior
		p float64
	}{{Down, s.faults.Down}, {RateLimit, s.faults.RateLimit}, {LostReply, s.faults.LostReply}, {Gone, s.faults.Gone}} {
		if s.chance(c.p) {
			return c.b
		}
	}
	return OK
}

func (s *Scripted) chance(p float64) bool { return p > 0 && s.rand != nil && s.rand.Float64() < p }

// act publishes the message, or finds it published where keys count.
func (s *Scripted) act(m social.Message) Delivery {
	if i, ok := s.byKey[m.Key]; ok {
		s.sent[i].Calls++
		if s.caps.Settles {
			return s.sent[i]
		}
	}
	d := Delivery{Message: m, PostID: fmt.Sprintf("%s-r%d", s.name, len(s.sent)+1), At: s.now().UTC(), Calls: 1}
	s.byKey[m.Key] = len(s.sent)
	s.sent = append(s.sent, d)
	return d
}

// Sent lists the messages that reached the network, oldest first.
func (s *Scripted) Sent() []Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.sent)
}

// Calls counts Sends that were allowed to begin.
func (s *Scripted) Calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

// Write puts a customer's post on the network and in line for delivery. A
// missing id, network and time are filled in.
func (s *Scripted) Write(p domain.Post) domain.Post {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.number++
	p.Network = s.name
	if p.ID == "" {
		p.ID = fmt.Sprintf("%s-p%d", s.name, s.number)
	}
	if p.At.IsZero() {
		p.At = s.now().UTC()
	}
	if p.Visibility == "" {
		p.Visibility = domain.Public
	}
	s.posts[p.ID] = p
	s.waiting = append(s.waiting, p)
	return p
}

// Edit changes a post's text, with a new revision.
func (s *Scripted) Edit(id, text string) (domain.Post, bool) {
	return s.alter(id, func(p *domain.Post) { p.Text = text })
}

// Delete takes a post away.
func (s *Scripted) Delete(id string) (domain.Post, bool) {
	return s.alter(id, func(p *domain.Post) { p.Text, p.Deleted = "", true })
}

func (s *Scripted) alter(id string, change func(*domain.Post)) (domain.Post, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.posts[id]
	if !ok || p.Deleted {
		return domain.Post{}, false
	}
	n, _ := strconv.Atoi(p.Revision)
	change(&p)
	p.Revision = strconv.Itoa(n + 1)
	s.posts[id] = p
	s.waiting = append(s.waiting, p)
	return p, true
}

// quietly is alter without a delivery.
func (s *Scripted) quietly(id string, change func(*domain.Post)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.posts[id]
	if !ok {
		return false
	}
	n, _ := strconv.Atoi(p.Revision)
	change(&p)
	p.Revision = strconv.Itoa(n + 1)
	s.posts[id] = p
	return true
}

// post is a post as it stands.
func (s *Scripted) post(id string) (domain.Post, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.posts[id]
	return p, ok
}

// Waiting counts deliveries that the sink has not taken.
func (s *Scripted) Waiting() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.waiting)
}

// Deliver hands the next delivery to the sink, or plays one of its tricks:
// takes a later one first, puts it back behind the others as if the network
// had dropped it, or leaves it in line so that it comes twice. It returns
// false when nothing waits. A delivery stays while the sink takes none.
func (s *Scripted) Deliver(ctx context.Context, sink social.Sink) (bool, error) {
	s.mu.Lock()
	if len(s.waiting) == 0 {
		s.mu.Unlock()
		return false, nil
	}
	i := 0
	if s.chance(s.faults.Reorder) {
		i = s.rand.IntN(len(s.waiting))
	}
	p := s.waiting[i]
	s.waiting = slices.Delete(s.waiting, i, i+1)
	if s.chance(s.faults.Drop) {
		s.waiting = append(s.waiting, p)
		s.mu.Unlock()
		return true, nil
	}
	repeat := s.chance(s.faults.Repeat)
	s.mu.Unlock()
	_, err := sink.PostsAccept(ctx, []domain.Post{p})
	if err != nil || repeat {
		s.mu.Lock()
		if err != nil {
			s.waiting = slices.Insert(s.waiting, 0, p)
		} else {
			s.waiting = append(s.waiting, p)
		}
		s.mu.Unlock()
	}
	return true, err
}
