package httpapi

import (
	"context"
	"sync"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/domain"
)

// errWithdrawn ends a stream whose reader's session or token was ended. The
// reader comes back and is told so.
var errWithdrawn = domain.Errorf(domain.CodeUnauthorized, "the session or token that the stream was opened with has ended")

// standing knows by which session or token each open stream is read, so that
// it ends with it. What ends on another node, or by time, a stream sees when
// it looks again.
type standing struct {
	mu   sync.Mutex
	ends map[string]map[*context.CancelCauseFunc]struct{}
}

func sessionStanding(id string) string { return "session/" + id }
func tokenStanding(name string) string { return "token/" + name }

// hold has end called when the reader's session or token ends here, until
// leave is.
func (s *standing) hold(who auth.Principal, end context.CancelCauseFunc) (leave func()) {
	key := tokenStanding(who.Name)
	if who.Kind == auth.KindSession {
		key = sessionStanding(who.Session)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ends == nil {
		s.ends = map[string]map[*context.CancelCauseFunc]struct{}{}
	}
	if s.ends[key] == nil {
		s.ends[key] = map[*context.CancelCauseFunc]struct{}{}
	}
	s.ends[key][&end] = struct{}{}
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if delete(s.ends[key], &end); len(s.ends[key]) == 0 {
			delete(s.ends, key)
		}
	}
}

// withdraw ends what is read by any of these.
func (s *standing) withdraw(keys ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, key := range keys {
		for end := range s.ends[key] {
			(*end)(errWithdrawn)
		}
	}
}

// sessionsEnded is told by whoever keeps the sessions.
func (s *standing) sessionsEnded(ids []string) {
	for _, id := range ids {
		s.withdraw(sessionStanding(id))
	}
}
