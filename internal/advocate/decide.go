package advocate

import (
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/playbook"
)

// Decide is what an advocate makes of its pending inputs.
func Decide(pb *playbook.Playbook, snap domain.Snapshot, inputs []domain.Input, now time.Time) domain.Decision {
	panic("todo")
}

// SendVerdict says whether an effect may leave now.
type SendVerdict struct {
	Send     bool
	Until    time.Time // not now, but then: quiet hours
	Reason   string    // why not
}

// Recheck is asked just before an effect is carried out, with the snapshot as
// it is then: the owner, the proof, consent, quiet hours and deletion may
// have changed since the decision.
func Recheck(policy *domain.Policy, snap *domain.Snapshot, e *domain.Effect, now time.Time) SendVerdict {
	panic("todo")
}
