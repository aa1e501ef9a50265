package social

import (
	"context"
	"encoding/json"
	"time"
)

// MaxStateValue is how long a State's values may be, in bytes. A message that
// goes out in parts may be 25,000 characters, and what is kept all the time is
// to be a few thousand.
const MaxStateValue = 64 << 10

// State is where a connector keeps what must outlive the process: how far it
// has read, how far a message has gone, tokens that it was given anew. Names
// are the connector's own; each account has its own State. Values are sealed
// where they are stored, so that tokens may be among them.
type State interface {
	// Get returns nil for what is not there or has expired.
	Get(ctx context.Context, name string) ([]byte, error)
	// Put is durable when it returns. keep is how long the value is wanted, 0
	// for always; a nil value forgets it. More than MaxStateValue is refused.
	Put(ctx context.Context, name string, value []byte, keep time.Duration) error
	// Change puts what to makes of what is there, nil for nothing; where that
	// is nil it puts nothing. Of several at once, on whatever node, each makes
	// its value of the other's: to may be called again, and must not use the
	// State.
	Change(ctx context.Context, name string, keep time.Duration, to func(was []byte) []byte) error
}

// StateKeep puts a value as JSON. Errors are *Error.
func StateKeep(ctx context.Context, s State, name string, value any, keep time.Duration) error {
	b, err := json.Marshal(value)
	if err == nil {
		err = s.Put(ctx, name, b, keep)
	}
	return StateError(err)
}

// StateRead reads what StateKeep has put, and reports whether there was
// anything that can be read: what is none is as if it were not there, and
// leaves value for the caller to set. Errors are *Error.
func StateRead(ctx context.Context, s State, name string, value any) (bool, error) {
	b, err := s.Get(ctx, name)
	if err != nil || b == nil {
		return false, StateError(err)
	}
	return json.Unmarshal(b, value) == nil, nil
}

// StateChange is State.Change of what StateKeep puts: change is given the zero
// value where there is nothing that can be read, and says whether its own is to
// be put. Errors are *Error.
func StateChange[V any](ctx context.Context, s State, name string, keep time.Duration, change func(was V) (is V, put bool)) error {
	var unfit error
	err := s.Change(ctx, name, keep, func(b []byte) []byte {
		var was, none V
		if json.Unmarshal(b, &was) != nil {
			was = none
		}
		is, put := change(was)
		if !put {
			return nil
		}
		b, unfit = json.Marshal(is)
		return b
	})
	if err == nil {
		err = unfit
	}
	return StateError(err)
}

// StateError says that what is remembered of a network cannot be: to go on
// without would leave something out, or do it twice. Nil for nil.
func StateError(err error) error {
	if err == nil {
		return nil
	}
	return &Error{Retry: true, Fault: FaultNetwork, Safe: "what is known of this network cannot be read or kept", Cause: err}
}
