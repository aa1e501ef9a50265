package engine

import (
	"context"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/playbook"
)

// DecideWith replaces the advocate's function.
func (e *Engine) DecideWith(f func(*playbook.Playbook, domain.Snapshot, []domain.Input, time.Time) domain.Decision) {
	e.decide = f
}

// RunOutbox keeps effects leaving until loop ends.
func (e *Engine) RunOutbox(loop context.Context) { e.dispatchLoop(loop, context.Background()) }

// HintEffects tells the outbox that there will be something to do at a time.
func (e *Engine) HintEffects(at time.Time) { e.effects.before(at) }

// Merging and splitting, for the property test.
type Manifest = mergeManifest

var (
	MergeSnapshots = mergeSnapshots
	SplitSnapshot  = splitSnapshot
	Backoff        = backoff
)
