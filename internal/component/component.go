// Package component says what an advocate can ask. Each question is an effect
// and its answer comes back as an input, so nothing waits inside a decision.
package component

import (
	"context"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// Component is a system of the contact center. Ask may block until ctx ends
// and is safe for concurrent use. "Looked and found nothing" is an answer
// with Found false, not an error; errors are *Error.
type Component interface {
	Name() string
	Ask(ctx context.Context, q domain.Lookup, asker Asker) (domain.ComponentAnswer, error)
}

// Guarded is a Component that is left alone for a while when it has failed
// again and again.
type Guarded interface {
	Circuit() string // "closed" while it is asked, "open" while it is not, "half_open" while it is tried
}

// Asker is who the question is asked for.
type Asker struct {
	Customer domain.CustomerID
	Ref      string // the company's reference, "" while unknown
	Lang     string
	Now      time.Time // by the engine's clock
}

// Error is a component's error.
type Error struct {
	Retry bool
	Safe  string // fit for an agent's screen
	Cause error
}

func (e *Error) Error() string {
	if e.Cause != nil {
		return e.Safe + ": " + e.Cause.Error()
	}
	return e.Safe
}

func (e *Error) Unwrap() error { return e.Cause }
