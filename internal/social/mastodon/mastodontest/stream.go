package mastodontest

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/coder/websocket"
)

// stream is one connection that listens.
type stream struct {
	account  string
	messages chan []byte
	end      context.CancelFunc
}

// serveStream is https://docs.joinmastodon.org/methods/streaming/#websocket.
func (s *Server) serveStream(w http.ResponseWriter, r *http.Request) {
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	if s.o.ProtocolTok {
		token = r.Header.Get("Sec-WebSocket-Protocol")
	}
	s.mu.Lock()
	s.requests[r.URL.Path]++
	broken, a := s.broken, s.authorized(token)
	s.mu.Unlock()
	switch {
	case broken:
		panic(http.ErrAbortHandler)
	case s.o.NoStreaming:
		fail(w, http.StatusNotFound, "Not found")
		return
	case a == nil:
		fail(w, http.StatusUnauthorized, "Invalid access token")
		return
	}
	var o websocket.AcceptOptions
	if s.o.ProtocolTok {
		o.Subprotocols = []string{token}
	}
	conn, err := websocket.Accept(w, r, &o)
	if err != nil {
		return
	}
	ctx, cancel := context.WithCancel(conn.CloseRead(r.Context()))
	st := &stream{a.id, make(chan []byte, 10_000), cancel}
	s.mu.Lock()
	s.streams[st] = true
	if s.broken || s.revoked[a.token] {
		cancel()
	}
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		delete(s.streams, st)
		s.mu.Unlock()
		conn.CloseNow()
	}()
	for {
		select {
		case b := <-st.messages:
			if conn.Write(ctx, websocket.MessageText, b) != nil {
				return
			}
			if s.o.OneEach {
				_ = conn.Close(websocket.StatusGoingAway, "")
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

// tell sends an event to those who listen for an account. The payload is JSON
// in a string, or the id itself.
func (s *Server) tell(a *account, event string, payload any) {
	if len(s.streams) == 0 {
		return
	}
	inner, ok := payload.(string)
	if !ok {
		b, _ := json.Marshal(payload)
		inner = string(b)
	}
	b, _ := json.Marshal(map[string]any{"stream": []string{"user"}, "event": event, "payload": inner})
	for st := range s.streams {
		if st.account != a.id {
			continue
		}
		if s.dropNext > 0 {
			s.dropNext--
			continue
		}
		select {
		case st.messages <- b:
		default:
			st.end()
		}
	}
}

// cut ends the streams of an account, "" of all.
func (s *Server) cut(id string) {
	for st := range s.streams {
		if id == "" || st.account == id {
			st.end()
		}
	}
}
