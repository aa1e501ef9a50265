package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/feed"
	"github.com/contact-advocate/advocate/internal/store"
)

type streamInput struct {
	Types       string `query:"types" maxLength:"500" doc:"Event types, separated by commas; one may end in *."`
	Queue       string `query:"queue" maxLength:"64" doc:"Only what happens to this queue's work items and agents."`
	Agent       string `query:"agent" maxLength:"63" doc:"Only what is about this agent; me is oneself."`
	LastEventID string `header:"Last-Event-ID" maxLength:"20" doc:"The id of the last event received."`
}

// stream checks the request before its answer begins: afterwards an error
// could no longer be told.
func (a *API) stream(ctx context.Context, in *streamInput) (*huma.StreamResponse, error) {
	asked := int64(-1)
	if in.LastEventID != "" {
		n, err := strconv.ParseInt(in.LastEventID, 10, 64)
		if err != nil || n < 0 {
			return nil, domain.FieldErrorf("Last-Event-ID", "is %.20q; want the id of an event of this stream", in.LastEventID)
		}
		asked = n
	}
	s := &eventStream{wake: make(chan struct{}, 1), queue: in.Queue, agent: in.Agent}
	if s.agent == "me" {
		s.agent = caller(ctx).Name
	}
	var end int64
	err := a.view(ctx, func(r store.Reader) (err error) {
		x, err := reachOf(r, caller(ctx))
		if err != nil {
			return err
		}
		if s.queue != "" && !x.queue(s.queue) {
			return noQueue(s.queue)
		}
		s.reach.Store(x)
		if s.after, s.reset, err = a.resume(r, asked); err == nil {
			end, err = a.lastEvent(r)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	for t := range strings.SplitSeq(in.Types, ",") {
		if t = strings.TrimSpace(t); t != "" {
			s.types = append(s.types, t)
		}
	}
	a.fan.start(end)
	return &huma.StreamResponse{Body: func(hctx huma.Context) {
		r, w := humago.Unwrap(hctx)
		defer a.o.Metrics.StreamOpened()()
		s.w, s.control = w, http.NewResponseController(w)
		if err := a.runStream(r, s); err != nil && r.Context().Err() == nil {
			a.log.DebugContext(r.Context(), "stream ended", "error", err)
		}
	}}, nil
}

// Why a stream cannot go on where its reader left it.
const (
	resetPruned  = "pruned"  // what came after that id is no longer kept, or not all of it
	resetUnknown = "unknown" // no such id was given yet: another database, or one that was restored
)

// resume finds where a stream begins: at the log's end when nothing was asked
// (-1), behind the id that was asked for, or, where that is not in the log any
// more or not yet, at the nearest place, with the reason. Erasing a customer
// takes events out of the log as well; at its very ends that cannot be told
// from pruning.
func (a *API) resume(r store.Reader, asked int64) (after int64, reset string, err error) {
	if asked < 0 {
		after, err = a.lastEvent(r)
		return after, "", err
	}
	oldest, err := r.EventTail(0, 1)
	switch {
	case err != nil:
		return 0, "", err
	case len(oldest) == 0 && asked == a.tail.Load():
		return asked, "", nil
	case len(oldest) == 0:
		return a.tail.Load(), resetPruned, nil
	case asked < oldest[0].Seq-1:
		return oldest[0].Seq - 1, resetPruned, nil
	}
	next, err := r.EventTail(asked, 1)
	if err != nil || len(next) > 0 {
		return asked, "", err
	}
	last, err := a.lastEvent(r)
	if err == nil && asked > last {
		return last, resetUnknown, nil
	}
	return asked, "", err
}

// eventStream is one open answer of server-sent events.
type eventStream struct {
	w       http.ResponseWriter
	control *http.ResponseController
	types   []string
	queue   string // "": of all
	agent   string // "": of all
	reach   atomic.Pointer[reach]
	after   int64  // the last event looked at
	told    int64  // the last id that the reader was told
	reset   string // why it begins elsewhere than its reader asked for

	from  int64 // the fan hands over what comes after; set before it knows the stream
	index int   // among the fan's streams
	wake  chan struct{}
	moved atomic.Bool // the agent behind the stream has changed

	mu     sync.Mutex
	frames []*frame
	size   int
	lost   bool // the reader is too slow
}

// errSlow ends a stream whose reader does not keep up. It comes back with its
// last id and misses nothing: what was not sent is in the log.
var errSlow = errors.New("the reader is too slow")

func (a *API) runStream(r *http.Request, s *eventStream) error {
	ctx, end := context.WithCancelCause(r.Context())
	defer end(nil)
	defer a.standing.hold(s.reach.Load().who, end)()
	// What was withdrawn between the guard's look and that word was told to nobody.
	if err := a.recheck(r, s); err != nil {
		return err
	}
	h := s.w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("X-Accel-Buffering", "no") // proxies would otherwise hold events back
	s.w.WriteHeader(http.StatusOK)
	if err := s.write(s.opening()); err != nil {
		return err
	}
	for !a.fan.attach(s) {
		if err := a.catchUp(ctx, s); err != nil {
			return err
		}
	}
	defer a.fan.detach(s)
	beat := time.NewTicker(heartbeatTime)
	defer beat.Stop()
	gap := time.NewTimer(0)
	defer gap.Stop()
	var last time.Time
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-a.closing:
			return nil
		case <-s.wake:
			if wait := streamGap - time.Since(last); wait > 0 {
				gap.Reset(wait)
				select {
				case <-ctx.Done():
					return context.Cause(ctx)
				case <-a.closing:
					return nil
				case <-gap.C:
				}
			}
			if err := a.pushFrames(ctx, s); err != nil {
				return err
			}
			last = time.Now()
		case <-beat.C:
			if err := a.beat(r, s); err != nil {
				return err
			}
		}
	}
}

// beat shows that the stream lives, to its reader and to what stands between,
// and looks again whether the reader may still read: another node, or time
// alone, may have ended that.
func (a *API) beat(r *http.Request, s *eventStream) error {
	if err := a.recheck(r, s); err != nil {
		return err
	}
	a.fan.settle(s)
	return s.write(": beat\n" + s.place() + "\n")
}

// recheck looks again whether a stream's reader may still read, and what.
func (a *API) recheck(r *http.Request, s *eventStream) error {
	who, err := a.admit(r, read)
	if err != nil && domain.ErrorCode(err) != domain.CodeUnauthorized && domain.ErrorCode(err) != domain.CodeForbidden {
		err = nil // the store is away: what is withdrawn is seen once it is back
		who = s.reach.Load().who
	}
	if err != nil {
		return err
	}
	return a.look(r.Context(), s, who)
}

// look reads anew what a stream's reader may see, with the rights of now.
func (a *API) look(ctx context.Context, s *eventStream, who auth.Principal) error {
	if s.reach.Load().who.Name != who.Name {
		return domain.Errorf(domain.CodeForbidden, "the stream was opened by somebody else")
	}
	return a.view(ctx, func(r store.Reader) error {
		x, err := reachOf(r, who)
		if err == nil {
			s.reach.Store(x)
		}
		return err
	})
}

// opening is what every stream begins with. A reader that must not go on from
// what it knows is told so in an event of its own, whatever types it takes.
func (s *eventStream) opening() string {
	out := fmt.Sprintf("retry: %d\n: open\n", retryAfter.Milliseconds())
	if s.reset == "" {
		return out + s.place() + "\n"
	}
	s.told = s.after
	return out + fmt.Sprintf("\nid: %d\nevent: reset\ndata: {\"reason\":%q}\n\n", s.after, s.reset)
}

// place tells the reader how far the stream has come, where no event did: an
// id without data moves what it sends as Last-Event-ID and nothing else (HTML,
// §9.2.6). Without it, one that waits for rare events would come back with an
// id from long ago.
func (s *eventStream) place() string {
	if s.told == s.after {
		return ""
	}
	s.told = s.after
	return fmt.Sprintf("id: %d\n", s.after)
}

// catchUp writes what a stream has not seen of what is read already.
func (a *API) catchUp(ctx context.Context, s *eventStream) error {
	events, next, err := a.feed.Next(ctx, s.after)
	if err != nil {
		return err
	}
	for i := range events {
		if e := route(&events[i]); s.takes(e) {
			f, err := e.encoded()
			if err != nil {
				return err
			}
			if _, err := s.w.Write(f.text); err != nil {
				return err
			}
			s.told = f.seq
		}
	}
	s.after = max(s.after, next)
	return s.flush()
}

// pushFrames writes what the fan has handed over.
func (a *API) pushFrames(ctx context.Context, s *eventStream) error {
	if s.moved.Swap(false) {
		if err := a.look(ctx, s, s.reach.Load().who); err != nil {
			return err
		}
	}
	s.mu.Lock()
	frames, slow := s.frames, s.lost
	s.frames, s.size = nil, 0
	s.mu.Unlock()
	if slow {
		return errSlow
	}
	if len(frames) == 0 {
		return nil
	}
	if err := s.deadline(); err != nil {
		return err
	}
	for _, f := range frames {
		if _, err := s.w.Write(f.text); err != nil {
			return err
		}
		s.after, s.told = f.seq, f.seq
	}
	return s.flush()
}

// takes reports whether a stream's reader wants an event and may see it.
func (s *eventStream) takes(e *routed) bool {
	return (len(s.types) == 0 || slices.ContainsFunc(s.types, func(p string) bool { return domain.TypeMatches(p, e.Type) })) &&
		(s.queue == "" || e.in(s.queue)) && (s.agent == "" || e.about(s.agent)) && e.visible(s.reach.Load())
}

// deadline gives a write a time of its own: the server's would end the stream.
func (s *eventStream) deadline() error {
	err := s.control.SetWriteDeadline(time.Now().Add(heartbeatTime))
	if errors.Is(err, http.ErrNotSupported) {
		return nil
	}
	return err
}

func (s *eventStream) flush() error { return s.control.Flush() }

// write pushes text out.
func (s *eventStream) write(text string) error {
	if err := s.deadline(); err != nil {
		return err
	}
	if _, err := s.w.Write([]byte(text)); err != nil {
		return err
	}
	return s.flush()
}

// oneLine keeps a type from writing fields of its own into the stream.
func oneLine(s string) string {
	return strings.NewReplacer("\n", " ", "\r", " ").Replace(s)
}

// lastEvent finds the log's end, not before what streams saw of it.
func (a *API) lastEvent(r store.Reader) (int64, error) {
	end, err := feed.EndOf(r, a.tail.Load())
	for was := a.tail.Load(); end > was && !a.tail.CompareAndSwap(was, end); was = a.tail.Load() {
	}
	return end, err
}
