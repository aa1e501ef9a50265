package social

import (
	"context"
	"slices"
	"time"
)

// Talks remembers what people have last said to us in private. Where networks
// do not tell what a message of ours answers, it answers the last that was said
// before it; some let us write for so long after it only. It is kept in the
// State: it holds on every node, and after a restart. Two that hear the same
// person at once forget nothing of each other's.
type Talks struct {
	State State
	Keep  time.Duration // how long after it was heard
}

// Talk is one thing that somebody said.
type Talk struct {
	Message string    `json:"message"` // its id as a post
	At      time.Time `json:"at"`
}

// maxTalk is how much is kept of one person: what is read again, as after a
// restart, is to be answered by the same as before.
const maxTalk = 8

// Heard notes what somebody said. It may come again, and out of order; of what
// was said at one time the later to come is the last. Errors are *Error.
func (t *Talks) Heard(ctx context.Context, with string, said Talk) error {
	return StateChange(ctx, t.State, "talk/"+with, t.Keep, func(all []Talk) ([]Talk, bool) {
		if slices.ContainsFunc(all, func(x Talk) bool { return x.Message == said.Message }) {
			return nil, false
		}
		all = append(all, said)
		slices.SortStableFunc(all, func(a, b Talk) int { return a.At.Compare(b.At) })
		return all[max(0, len(all)-maxTalk):], true
	})
}

// Last is the last that somebody had said by a time, or of all where that is
// zero; the zero Talk where nothing is known. Some networks' times are whole
// seconds: within one it is not told who came first. Errors are *Error.
func (t *Talks) Last(ctx context.Context, with string, by time.Time) (Talk, error) {
	var all []Talk
	if known, err := StateRead(ctx, t.State, "talk/"+with, &all); !known {
		return Talk{}, err
	}
	for _, said := range slices.Backward(all) {
		if by.IsZero() || !said.At.Truncate(time.Second).After(by) {
			return said, nil
		}
	}
	return Talk{}, nil
}
