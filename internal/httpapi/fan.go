package httpapi

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/desk"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/feed"
)

// fan hands each event of the log to the open streams that want it and may see
// it. An event is encoded once, for all of them; a stream that gets nothing is
// not woken.
type fan struct {
	feed   *feed.Feed
	own    bool // nobody else runs the feed
	begin  sync.Once
	ctx    context.Context
	cancel context.CancelFunc
	all    sync.WaitGroup

	mu      sync.Mutex
	stopped bool
	place   int64 // what came up to here was handed out
	streams []*eventStream
}

func newFan(f *feed.Feed, own bool) *fan {
	n := &fan{feed: f, own: own}
	n.ctx, n.cancel = context.WithCancel(context.Background())
	return n
}

// start begins to follow the log, at the first stream, from its end on.
func (f *fan) start(end int64) {
	f.begin.Do(func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.stopped {
			return
		}
		f.place = end
		if f.own {
			f.all.Go(func() { f.feed.Run(f.ctx) })
		}
		f.all.Go(f.run)
	})
}

// stop ends it; streams are ended by whoever opened them.
func (f *fan) stop() {
	f.mu.Lock()
	f.stopped = true
	f.mu.Unlock()
	f.cancel()
	f.all.Wait()
}

func (f *fan) run() {
	place := f.place
	for {
		events, next, err := f.feed.Next(f.ctx, place)
		if f.ctx.Err() != nil {
			return
		}
		if err != nil {
			// The store is away; the feed says so in the log.
			select {
			case <-f.ctx.Done():
				return
			case <-time.After(retryAfter):
			}
			continue
		}
		place = next
		f.hand(events, next)
	}
}

// hand gives events to those who take them.
func (f *fan) hand(events []domain.Event, next int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.place = next
	for i := range events {
		e := route(&events[i])
		for _, s := range f.streams {
			if e.Seq <= s.from || !s.takes(e) {
				continue
			}
			frame, err := e.encoded()
			if err != nil {
				break // no event that was kept does this
			}
			if e.Type == desk.EventAgentChanged && e.Agent == s.reach.Load().who.Name {
				s.moved.Store(true)
			}
			s.push(frame)
		}
	}
}

// attach takes a stream in, unless it has to catch up first.
func (f *fan) attach(s *eventStream) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if s.after < f.place {
		return false
	}
	s.from, s.index = s.after, len(f.streams)
	f.streams = append(f.streams, s)
	return true
}

func (f *fan) detach(s *eventStream) {
	f.mu.Lock()
	defer f.mu.Unlock()
	last := len(f.streams) - 1
	f.streams[s.index] = f.streams[last]
	f.streams[s.index].index = s.index
	f.streams[last] = nil
	f.streams = f.streams[:last]
}

// settle notes how far a stream has come that has nothing to write.
func (f *fan) settle(s *eventStream) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.frames) == 0 && !s.lost {
		s.after = max(s.after, f.place)
	}
}

// push queues a frame and wakes the stream. What does not fit is not kept: the
// stream ends, and its reader comes back for it.
func (s *eventStream) push(f *frame) {
	s.mu.Lock()
	switch {
	case s.lost:
	case len(s.frames) >= streamQueue || s.size+len(f.text) > streamBytes:
		s.lost, s.frames, s.size = true, nil, 0
	default:
		s.frames = append(s.frames, f)
		s.size += len(f.text)
	}
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// frame is an event as it is written to streams. Streams share it.
type frame struct {
	seq  int64
	text []byte
}

// routed is an event with what streams choose it by.
type routed struct {
	*domain.Event
	routing
	frame *frame
}

type routing struct {
	Agent     string   `json:"agent"`
	ToAgent   string   `json:"to_agent"`
	Queue     string   `json:"queue"`
	FromQueue string   `json:"from_queue"`
	Queues    []string `json:"queues"` // an agent's
}

func route(e *domain.Event) *routed {
	out := &routed{Event: e}
	// Only what advocates and the desk say themselves is about agents and queues.
	if e.Source == "advocate" && strings.HasPrefix(e.Type, "advocate.") && len(e.Data) > 0 {
		_ = json.Unmarshal(e.Data, &out.routing) // what does not fit is about nobody
	}
	return out
}

// in reports whether an event is about a queue.
func (e *routed) in(queue string) bool {
	return e.Queue == queue || e.FromQueue == queue || slices.Contains(e.Queues, queue)
}

// about reports whether an event is about an agent.
func (e *routed) about(agent string) bool { return e.Agent == agent || e.ToAgent == agent }

// visible reports whether an event may be seen: by an agent what is about them
// and their own queues' work items, by a supervisor of some queues what is about
// those, by all others everything.
func (e *routed) visible(x *reach) bool {
	if x.all() {
		return true
	}
	if e.about(x.who.Name) && x.who.Can(auth.Work) {
		return true
	}
	if e.Type == desk.EventAgentChanged {
		return !x.confined() && slices.ContainsFunc(e.Queues, x.queue)
	}
	return e.Queue != "" && x.queue(e.Queue) || e.FromQueue != "" && x.queue(e.FromQueue)
}

// encoded is the event as CloudEvents 1.0 has it in JSON, in a server-sent
// event. It is made when the first stream asks for it.
func (e *routed) encoded() (*frame, error) {
	if e.frame == nil {
		body, err := e.CloudEvent()
		if err != nil {
			return nil, err
		}
		e.frame = &frame{e.Seq, fmt.Appendf(nil, "id: %d\nevent: %s\ndata: %s\n\n", e.Seq, oneLine(e.Type), body)}
	}
	return e.frame, nil
}
