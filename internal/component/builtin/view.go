// Package builtin has the components that answer from the engine's own
// records: orders, customers, queues and notices. They only read, each
// question in one read transaction, and keep no state.
package builtin

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/contact-advocate/advocate/internal/component"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// View is what the components need of a store.
type View interface {
	View(ctx context.Context, fn func(store.Reader) error) error
}

// maxKey is the longest reference that can be anybody's, in bytes. Longer
// ones are looked for nowhere.
const maxKey = domain.MaxEventField

// read runs fn in a read transaction and makes what it returns an *Error. A
// store that is busy or a context that ended is worth another try.
func read(ctx context.Context, v View, name string, fn func(store.Reader) error) error {
	if err := ctx.Err(); err != nil {
		return &component.Error{Retry: true, Safe: name + ": was not asked in time", Cause: err}
	}
	err := v.View(ctx, fn)
	if err == nil {
		return nil
	}
	retry := errors.Is(err, store.ErrBusy) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
	return &component.Error{Retry: retry, Safe: name + ": the records could not be read", Cause: err}
}

// encode writes an answer's data.
func encode(name string, data any) (json.RawMessage, error) {
	b, err := json.Marshal(data)
	if err != nil {
		return nil, &component.Error{Safe: name + ": the answer could not be written", Cause: err}
	}
	return b, nil
}
