package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// When a refused caller may come back.
const (
	retryBusy        = time.Second
	retryUnavailable = 5 * time.Second
	retryFailing     = 30 * time.Second // somebody has to mend the store first
)

// edge makes an error fit for a caller. A domain error passes as it is; a
// busy store is CodeBusy, one that cannot use its files or an ended context
// CodeUnavailable, and anything else CodeInternal, whose cause the caller logs.
func (e *Engine) edge(doing string, err error) error {
	var known *domain.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known):
		return known
	case store.Failure(err) != "":
		why := store.Failure(err)
		e.storeFailed(why, doing, err)
		after := retryFailing
		if errors.Is(err, store.ErrAway) {
			after = retryUnavailable // a server that restarts or is replaced is soon back
		}
		return &domain.Error{Code: domain.CodeUnavailable, Message: why, RetryAfter: after, Cause: err}
	case errors.Is(err, store.ErrBusy):
		return &domain.Error{Code: domain.CodeBusy, Message: "the store is busy", RetryAfter: retryBusy, Cause: err}
	case errors.Is(err, store.ErrNotFound):
		return &domain.Error{Code: domain.CodeNotFound, Message: "nothing has that name", Cause: err}
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return &domain.Error{Code: domain.CodeUnavailable, Message: "it was given up before it was done", RetryAfter: retryUnavailable, Cause: err}
	}
	return internal(doing, err)
}

func internal(doing string, err error) error {
	return &domain.Error{Code: domain.CodeInternal, Message: "something went wrong on our side", Cause: fmt.Errorf("%s: %w", doing, err)}
}
