package bluesky

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/contact-advocate/advocate/internal/social/bluesky/blueskytest"
)

// stream is com.atproto.sync.subscribeRepos: what came after the cursor, then
// what comes (https://atproto.com/specs/event-stream, "Sequence Numbers").
func (s *server) stream(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	down, at := s.down, int64(0)
	if len(s.events) > 0 {
		at = s.events[len(s.events)-1].seq
	}
	s.mu.Unlock()
	if down {
		blueskytest.Fail(w, 503, "NotAvailable", "down")
		return
	}
	c, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer c.CloseNow()
	ctx := c.CloseRead(context.Background())
	if cursor := r.URL.Query().Get("cursor"); cursor != "" {
		from, _ := strconv.ParseInt(cursor, 10, 64)
		if from > at {
			c.Write(ctx, websocket.MessageBinary, twoObjects(s.t, map[string]any{"op": -1}, map[string]any{"error": "FutureCursor", "message": "Cursor in the future."}))
			return
		}
		at = from
		s.mu.Lock()
		outdated := at > 0 && at+1 < s.oldest
		s.mu.Unlock()
		if outdated {
			c.Write(ctx, websocket.MessageBinary, twoObjects(s.t, map[string]any{"op": 1, "t": "#info"}, map[string]any{"name": "OutdatedCursor"}))
		}
	}
	for {
		s.mu.Lock()
		var frames [][]byte
		frames, s.extra = append(frames, s.extra...), nil
		for _, e := range s.events[min(int(at), len(s.events)):] { // the first has seq 1
			if e.seq >= s.oldest {
				frames, at = append(frames, e.frame), e.seq
			}
		}
		down, changed := s.down, s.changed
		s.mu.Unlock()
		for _, f := range frames {
			if down || c.Write(ctx, websocket.MessageBinary, f) != nil {
				return
			}
		}
		if down {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}

type op struct {
	action, path string
	cid          *cid
	block        []byte
}

// commit tells the firehose of a change.
func (s *server) commit(did string, ops ...op) {
	seq := int64(1)
	if len(s.events) > 0 {
		seq = s.events[len(s.events)-1].seq + 1
	}
	s.events = append(s.events, event{seq, commitFrame(s.t, seq, did, s.now(), ops...)})
	s.wake()
}

func commitFrame(t testing.TB, seq int64, did string, at time.Time, ops ...op) []byte {
	list := []any{}
	var car []byte
	root := encode(t, json.RawMessage(`{"version":3}`))
	car = append(car, block(mustMarshal(t, map[string]any{"version": 1, "roots": []any{link(cidOf(root))}}))...)
	car = append(car, block(slices.Concat(cidBytes(cidOf(root)), root))...)
	for _, o := range ops {
		v := map[string]any{"action": o.action, "path": o.path, "cid": nil}
		if o.cid != nil {
			v["cid"] = link(*o.cid)
			car = append(car, block(slices.Concat(cidBytes(*o.cid), o.block))...)
		}
		list = append(list, v)
	}
	return twoObjects(t, map[string]any{"op": 1, "t": "#commit"}, map[string]any{
		"seq": seq, "repo": did, "rev": tid(uint64(at.UnixMicro()), 0), "since": nil, "rebase": false, "tooBig": false,
		"commit": link(cidOf(root)), "blocks": car, "ops": list, "blobs": []any{}, "time": at.Format(time.RFC3339Nano),
	})
}
