package social

import (
	"context"
	"time"
)

// Claimer is a State that settles which of several nodes does something.
type Claimer interface {
	State
	// Claim puts a value where there is none, or one that has expired, and
	// reports whether it did. Of several at once one does.
	Claim(ctx context.Context, name string, value []byte, keep time.Duration) (bool, error)
}
