package engine

import (
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/playbook"
)

// DecideWith replaces the advocate's function.
func (e *Engine) DecideWith(f func(*playbook.Playbook, domain.Snapshot, []domain.Input, time.Time) domain.Decision) {
	e.decide = f
}

// Merging and splitting, for the property test.
type Manifest = mergeManifest

var (
	MergeSnapshots = mergeSnapshots
	SplitSnapshot  = splitSnapshot
	Backoff        = backoff
)
