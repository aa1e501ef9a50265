package auth

import (
	"sync"

	"github.com/contact-advocate/advocate/internal/store"
)

// ended tells who listens which sessions were ended.
type ended struct {
	mu   sync.Mutex
	tell []func(sessions []string)
}

// OnSessionEnd has f told the ids of sessions whenever this process has ended
// some: their person signed out, their rights changed, somebody ended them, or
// another session took their place. f is called after the change is durable,
// by whoever made it, and must not block. Nobody tells of a session that
// another process ends, or that runs out: who holds on to one asks for it
// again now and then.
func (s *Service) OnSessionEnd(f func(sessions []string)) {
	s.ended.mu.Lock()
	defer s.ended.mu.Unlock()
	s.ended.tell = append(s.ended.tell, f)
}

func (e *ended) say(sessions []string) {
	if len(sessions) == 0 {
		return
	}
	e.mu.Lock()
	tell := e.tell
	e.mu.Unlock()
	for _, f := range tell {
		f(sessions)
	}
}

// noting is a transaction that notes which sessions it deletes, whichever way
// of ending them led there.
type noting struct {
	store.Tx
	ended []string
}

func (n *noting) DocumentDelete(kind string, ids []string) error {
	if kind == kindSession {
		n.ended = append(n.ended, ids...)
	}
	return n.Tx.DocumentDelete(kind, ids)
}
