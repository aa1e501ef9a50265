package desk

import (
	"context"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// Stepper does the desk's work when it is told to, for simulations. With AtOnce
// 1 it is deterministic.
type Stepper struct{ w *watch }

// Stepper builds the board from the store.
func (d *Desk) Stepper(ctx context.Context) (*Stepper, error) {
	w, err := d.open(ctx)
	if err != nil {
		return nil, err
	}
	return &Stepper{w}, nil
}

// Step takes in what has happened and makes the offers that are to be made now.
// It returns how many events and offers there were. After an error the stepper
// is of no use any more.
func (s *Stepper) Step(ctx context.Context) (did int, err error) {
	for {
		var events []domain.Event
		err := s.w.o.Store.View(ctx, func(r store.Reader) (err error) {
			events, err = r.EventTail(s.w.after, scanPage)
			return err
		})
		if err != nil {
			return did, err
		}
		if len(events) == 0 {
			break
		}
		if err := s.w.take(ctx, events); err != nil {
			return did, err
		}
		s.w.after = events[len(events)-1].Seq
		did += len(events)
	}
	if p := s.w.o.Engine.Policy(); p != s.w.policy {
		s.w.policy = p
		s.w.board.PolicySet(*p)
	}
	before, _ := s.w.Counts()
	_, err = s.w.makeOffers(ctx, s.w.o.Clock.Now())
	after, _ := s.w.Counts()
	return did + int(after-before), err
}
