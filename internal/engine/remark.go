package engine

import (
	"errors"
	"slices"
	"strings"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// checkRemark looks at what can be seen of a note, or of a corrected intent,
// without its case.
func checkRemark(c *domain.Command) error {
	if c.Case == "" {
		return domain.FieldErrorf("case", "is required")
	}
	if c.Kind == domain.CommandNote {
		if strings.TrimSpace(c.Note) == "" {
			return domain.FieldErrorf("note", "is required")
		}
		return nil
	}
	if slices.Contains(domain.Intents, c.Intent) {
		return nil
	}
	names := make([]string, len(domain.Intents))
	for i, x := range domain.Intents {
		names[i] = string(x)
	}
	return domain.FieldErrorf("intent", "is %.40q; want one of %s", c.Intent, strings.Join(names, ", "))
}

// checkRemark reports why nothing can be remarked on a case. A note may be
// written on any, whoever has it and however it ended; what a case is about
// matters only while its advocate holds it.
func (t *turn) checkRemark(s *seat, c *domain.Command) error {
	if k := s.snap.Case(c.Case); k != nil {
		if c.Kind == domain.CommandIntent && c.Version != 0 && c.Version != domain.IntentVersion(k.ID, k.Intent) {
			return domain.Errorf(domain.CodeConflict, "what the case is about has changed since; look at it again (it is %s)", k.Intent)
		}
		return nil
	}
	_, err := t.tx.CaseGet(c.Case)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return domain.Errorf(domain.CodeNotFound, "there is no case %.60q", c.Case)
	case err != nil:
		return err
	case c.Kind == domain.CommandIntent:
		return domain.Errorf(domain.CodeConflict, "the case ended long ago and is not worked on any more")
	}
	return nil
}

// checkSeen refuses what was asked for on the ground of an older state.
func checkSeen(s *seat, c *domain.Command) error {
	if c.Version != 0 && c.Version != s.row.Version {
		return domain.Errorf(domain.CodeConflict, "the customer has changed since; look again (the customer is at version %d)", s.row.Version)
	}
	return nil
}
