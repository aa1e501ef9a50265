package sim

import (
	"context"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/social"
)

// notes are what a network's connector keeps across crashes. The process may
// die at each of them.
type notes struct {
	world   *world
	kept    map[string]note
	forgets bool // a planted fault
}

type note struct {
	value []byte
	until time.Time
}

var _ social.State = (*notes)(nil)

// Get implements social.State.
func (s *notes) Get(_ context.Context, name string) ([]byte, error) {
	if s.world.process.dead {
		return nil, errCrash
	}
	k, ok := s.kept[name]
	if !ok || s.forgets || !k.until.After(s.world.now()) {
		return nil, nil
	}
	return k.value, nil
}

// Change implements social.State.
func (s *notes) Change(ctx context.Context, name string, keep time.Duration, to func(was []byte) []byte) error {
	was, err := s.Get(ctx, name)
	if err != nil {
		return err
	}
	if value := to(was); value != nil {
		return s.Put(ctx, name, value, keep)
	}
	return nil
}

// Put implements social.State.
func (s *notes) Put(_ context.Context, name string, value []byte, keep time.Duration) error {
	err := s.world.process.note(func() { s.kept[name] = note{value, s.world.now().Add(keep)} })
	if e := s.world.oracle.effects[strings.TrimPrefix(name, "sent/")]; err != nil && e != nil && e.half() {
		s.world.did("crash.between_parts")
	}
	return err
}
