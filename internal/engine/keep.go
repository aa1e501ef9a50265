package engine

import (
	"errors"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// checkKeep reports why a promise cannot be marked as kept. Whoever has the
// case, what was done was done: who did it need not have taken it.
func (t *turn) checkKeep(s *seat, c *domain.Command) error {
	k, held := s.snap.Case(c.Case), true
	if k == nil {
		old, err := t.tx.CaseGet(c.Case)
		switch {
		case errors.Is(err, store.ErrNotFound):
			return domain.Errorf(domain.CodeNotFound, "there is no case %.60q", c.Case)
		case err != nil:
			return err
		}
		k, held = &old, false
	}
	for i := range k.Promises {
		p := &k.Promises[i]
		switch {
		case p.ID != c.Kept:
		case p.State != domain.PromiseOpen:
			return domain.Errorf(domain.CodeConflict, "the promise is %s already", p.State)
		case !held:
			return domain.Errorf(domain.CodeConflict, "the case ended long ago and is not worked on any more")
		default:
			return nil
		}
	}
	return domain.Errorf(domain.CodeNotFound, "the case has no promise %.60q", c.Kept)
}
