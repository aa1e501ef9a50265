package x

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/contact-advocate/advocate/internal/social/x/xtest"
)

func (s *server) listRules(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	xtest.Answer(w, map[string]any{"data": s.rules, "meta": map[string]any{}})
}

func (s *server) changeRules(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Add    []rule `json:"add"`
		Delete struct {
			IDs []string `json:"ids"`
		} `json:"delete"`
	}
	json.NewDecoder(r.Body).Decode(&body)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range body.Add {
		a.ID = strconv.Itoa(len(s.rules) + 100)
		s.rules = append(s.rules, a)
	}
	s.rules = slices.DeleteFunc(s.rules, func(x rule) bool { return slices.Contains(body.Delete.IDs, x.ID) })
	xtest.Answer(w, map[string]any{"meta": map[string]any{"summary": map[string]any{"created": len(body.Add), "invalid": 0}}})
}

// stream holds a connection open: blank lines keep it alive, an app has one
// ("Access levels" of https://docs.x.com/x-api/posts/filtered-stream/introduction).
func (s *server) stream(w http.ResponseWriter, r *http.Request) {
	lines := make(chan []byte, 1000)
	s.mu.Lock()
	cut := s.cut
	if len(s.rules) == 0 {
		s.mu.Unlock()
		xtest.Refuse(w, http.StatusConflict, "https://api.x.com/2/problems/rule-configuration-issue", "no rules")
		return
	}
	s.streams[lines] = true
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		delete(s.streams, lines)
		s.mu.Unlock()
	}()
	w.WriteHeader(http.StatusOK)
	out := http.NewResponseController(w)
	w.Write([]byte("\r\n"))
	out.Flush()
	for {
		select {
		case line := <-lines:
			w.Write(append(line, '\r', '\n'))
			out.Flush()
		case <-cut:
			panic(http.ErrAbortHandler)
		case <-r.Context().Done():
			return
		}
	}
}

// tell sends a post to the streams, where a rule is for it.
func (s *server) tell(p *tpost) {
	if p.of != "" {
		return
	}
	mine := p.author == shop || strings.Contains(p.text, "@shop") || s.authorOf(p.to) == shop
	for _, r := range s.rules {
		if !strings.HasPrefix(r.Value, "(@shop OR") && matches(r.Value, p.text) {
			mine = true
		}
	}
	if !mine {
		return
	}
	b, err := json.Marshal(map[string]any{"data": s.object(p), "includes": s.includes(p), "matching_rules": s.rules})
	if err != nil {
		s.t.Error(err)
	}
	s.line(b)
}

func (s *server) line(b []byte) {
	for c := range s.streams {
		c <- b
	}
}

func (s *server) breakStreams() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.cut)
	s.cut = make(chan struct{})
}
