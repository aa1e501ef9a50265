package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

const streamBatch = 200

type streamInput struct {
	Types       string `query:"types" maxLength:"500" doc:"Event types, separated by commas; one may end in *."`
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
	s := &eventStream{}
	err := a.view(ctx, func(r store.Reader) (err error) {
		s.after, s.reset, err = a.resume(r, asked)
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
	return &huma.StreamResponse{Body: func(hctx huma.Context) {
		r, w := humago.Unwrap(hctx)
		defer a.o.Metrics.StreamOpened()()
		s.w, s.control = w, http.NewResponseController(w)
		if err := a.runStream(r.Context(), s); err != nil && r.Context().Err() == nil {
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
	after   int64  // the last event looked at
	told    int64  // the last id that the reader was told
	reset   string // why it begins elsewhere than its reader asked for
}

func (a *API) runStream(ctx context.Context, s *eventStream) error {
	h := s.w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("X-Accel-Buffering", "no") // proxies would otherwise hold events back
	s.w.WriteHeader(http.StatusOK)
	if err := s.write(s.opening()); err != nil {
		return err
	}
	beat := time.NewTicker(heartbeatTime)
	defer beat.Stop()
	// Another process may write to the same store, and nobody calls Changed
	// for what it did.
	poll := time.NewTicker(streamPoll)
	defer poll.Stop()
	for {
		changed := a.watch()
		more, err := a.pushEvents(ctx, s)
		if err != nil {
			return err
		}
		if more {
			continue
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-a.closing:
			return nil
		case <-changed:
		case <-poll.C:
		case <-beat.C:
			if err := s.write(": beat\n" + s.place() + "\n"); err != nil {
				return err
			}
		}
	}
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

// pushEvents writes what has come since and reports whether there may be more.
func (a *API) pushEvents(ctx context.Context, s *eventStream) (more bool, err error) {
	var events []domain.Event
	err = a.view(ctx, func(r store.Reader) (err error) {
		events, err = r.EventTail(s.after, streamBatch)
		return err
	})
	if err != nil {
		return false, err
	}
	var b strings.Builder
	for _, e := range events {
		s.after = e.Seq
		if !s.wants(e.Type) {
			continue
		}
		body, err := json.Marshal(streamedEvent{"1.0", viewEvent(e)})
		if err != nil {
			return false, err
		}
		fmt.Fprintf(&b, "id: %d\nevent: %s\ndata: %s\n\n", e.Seq, oneLine(e.Type), body)
		s.told = e.Seq
	}
	a.sawEvent(s.after)
	if b.Len() > 0 {
		err = s.write(b.String())
	}
	return len(events) == streamBatch, err
}

// streamedEvent is an event as CloudEvents 1.0 has it in JSON; what is ours
// beside (seq, accepted) are its extension attributes.
type streamedEvent struct {
	SpecVersion string `json:"specversion"`
	domain.Event
}

func (s *eventStream) wants(eventType string) bool {
	return len(s.types) == 0 || slices.ContainsFunc(s.types, func(p string) bool { return domain.TypeMatches(p, eventType) })
}

// write pushes text out, with a deadline of its own: the server's would end
// the stream.
func (s *eventStream) write(text string) error {
	if err := s.control.SetWriteDeadline(time.Now().Add(heartbeatTime)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	if _, err := s.w.Write([]byte(text)); err != nil {
		return err
	}
	return s.control.Flush()
}

// oneLine keeps a type from writing fields of its own into the stream.
func oneLine(s string) string {
	return strings.NewReplacer("\n", " ", "\r", " ").Replace(s)
}

// sawEvent remembers the furthest place of the log that was seen.
func (a *API) sawEvent(seq int64) {
	for was := a.tail.Load(); seq > was && !a.tail.CompareAndSwap(was, seq); was = a.tail.Load() {
	}
}

// lastEvent finds the log's last position, at least one that was seen before:
// events may be erased at the log's end, and their numbers are not given
// again. It goes on in growing steps from there and then halves the last of
// them, so that it asks about as often as what is new has binary digits.
func (a *API) lastEvent(r store.Reader) (int64, error) {
	low := a.tail.Load() // not behind the end
	high := low
	for step := int64(1); ; step *= 2 {
		next, err := r.EventTail(high, 1)
		if err != nil {
			return 0, err
		}
		if len(next) == 0 {
			break // nothing after high
		}
		low = next[0].Seq
		high = low + step
	}
	for high > low {
		mid := low + (high-low)/2
		next, err := r.EventTail(mid, 1)
		if err != nil {
			return 0, err
		}
		if len(next) > 0 {
			low = next[0].Seq
		} else {
			high = mid
		}
	}
	a.sawEvent(low)
	return low, nil
}
