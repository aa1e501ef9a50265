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
	var after int64
	if in.LastEventID != "" {
		n, err := strconv.ParseInt(in.LastEventID, 10, 64)
		if err != nil || n < 0 {
			return nil, domain.FieldErrorf("Last-Event-ID", "is %.20q; want the id of an event of this stream", in.LastEventID)
		}
		after = n
	} else if err := a.view(ctx, func(r store.Reader) (err error) {
		after, err = lastEvent(r)
		return err
	}); err != nil {
		return nil, err
	}
	var types []string
	for t := range strings.SplitSeq(in.Types, ",") {
		if t = strings.TrimSpace(t); t != "" {
			types = append(types, t)
		}
	}
	return &huma.StreamResponse{Body: func(hctx huma.Context) {
		r, w := humago.Unwrap(hctx)
		defer a.o.Metrics.StreamOpened()()
		s := &eventStream{w: w, control: http.NewResponseController(w), types: types, after: after}
		if err := a.runStream(r.Context(), s); err != nil && r.Context().Err() == nil {
			a.log.DebugContext(r.Context(), "stream ended", "error", err)
		}
	}}, nil
}

// eventStream is one open answer of server-sent events.
type eventStream struct {
	w       http.ResponseWriter
	control *http.ResponseController
	types   []string
	after   int64
}

func (a *API) runStream(ctx context.Context, s *eventStream) error {
	h := s.w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("X-Accel-Buffering", "no") // proxies would otherwise hold events back
	s.w.WriteHeader(http.StatusOK)
	if err := s.write(fmt.Sprintf("retry: %d\n: open\n\n", retryAfter.Milliseconds())); err != nil {
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
			if err := s.write(": beat\n\n"); err != nil {
				return err
			}
		}
	}
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
		body, err := json.Marshal(viewEvent(e))
		if err != nil {
			return false, err
		}
		fmt.Fprintf(&b, "id: %d\nevent: %s\ndata: %s\n\n", e.Seq, oneLine(e.Type), body)
	}
	if b.Len() > 0 {
		err = s.write(b.String())
	}
	return len(events) == streamBatch, err
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

// lastEvent finds the log's last position. The log's start may be pruned but
// its numbers ascend, so "is there anything after n" splits them in two.
func lastEvent(r store.Reader) (int64, error) {
	after := func(n int64) (bool, error) {
		e, err := r.EventTail(n, 1)
		return len(e) > 0, err
	}
	low, high := int64(-1), int64(1) // something lies after low; nothing after high
	for {
		some, err := after(high)
		if err != nil {
			return 0, err
		}
		if !some {
			break
		}
		low, high = high, high*2
	}
	for high-low > 1 {
		mid := low + (high-low)/2
		some, err := after(mid)
		if err != nil {
			return 0, err
		}
		if some {
			low = mid
		} else {
			high = mid
		}
	}
	return high, nil
}
