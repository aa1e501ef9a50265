package move

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/contact-advocate/advocate/internal/store"
)

// Options say what is moved where. Both names are for people: they appear in
// the mark of the source and in the target, and hold no password.
type Options struct {
	From     store.MoveSource
	To       store.Loader
	FromName string
	ToName   string
	Tell     func(Progress) // may be nil
	Now      func() time.Time
}

// ErrMoved is a source that has been moved already; there is nothing to do.
var ErrMoved = errors.New("it has been moved already")

// Run moves everything, or goes on with what was begun. When it returns nil
// the target is complete and open to nodes, and the source is marked for good.
func Run(ctx context.Context, o Options) error {
	id, done, err := begin(ctx, &o)
	if err != nil {
		return err
	}
	if !done {
		if err := Copy(ctx, CopyParams{From: o.From, To: o.To, ID: id, Tell: o.Tell}); err != nil {
			return err
		}
		if err := Verify(ctx, o.From, o.To, o.Tell); err != nil {
			return err
		}
		if err := o.To.LoadFinish(ctx, id); err != nil {
			return err
		}
	}
	return o.From.MarkEnd(ctx, id, o.Now())
}

// begin finds out where the move stands. The source is marked before the
// target is touched, so that there is no moment at which both could be served.
// done means that only the last mark is missing.
func begin(ctx context.Context, o *Options) (id string, done bool, err error) {
	mark, err := o.From.Mark(ctx)
	if err != nil {
		return "", false, err
	}
	state, err := o.To.LoadState(ctx)
	if err != nil {
		return "", false, err
	}
	switch {
	case mark.ID != "" && !mark.Ended.IsZero():
		return "", false, fmt.Errorf("%w: %s to %s, at %s", ErrMoved, o.FromName, mark.Target, mark.Ended.Format(time.DateTime+" MST"))
	case state.ID != "" && state.ID != mark.ID:
		return "", false, fmt.Errorf("%w: %s belongs to a move of %s; name an empty database", store.ErrConflict, o.ToName, state.Source)
	case state.Off:
		return "", false, fmt.Errorf("%w: the move of %s into %s was given up; name an empty database after --cancel", store.ErrConflict, o.FromName, o.ToName)
	case state.ID != "":
		return mark.ID, state.Done, nil
	case mark.ID != "" && mark.Target != o.ToName:
		return "", false, fmt.Errorf("%w: %s is being moved to %s; go on with that one, or give it up with --cancel", store.ErrConflict, o.FromName, mark.Target)
	case mark.ID != "":
		return mark.ID, false, o.To.LoadBegin(ctx, mark.ID, o.FromName)
	}
	if id, err = newID(); err != nil {
		return "", false, err
	}
	if err := o.From.MarkBegin(ctx, id, o.ToName, o.Now()); err != nil {
		return "", false, err
	}
	if err := o.To.LoadBegin(ctx, id, o.FromName); err != nil {
		if errors.Is(err, store.ErrConflict) { // nothing was begun there, and nothing is to be
			err = errors.Join(err, o.From.MarkRemove(ctx))
		}
		return "", false, err
	}
	return id, false, nil
}

func newID() (string, error) {
	var b [12]byte
	if _, err := rand.Read(b[:]); err != nil {
		return "", err
	}
	return hex.EncodeToString(b[:]), nil
}

// Cancel gives up a move that has not ended: the target can never be finished
// by it, and the source can be served again.
func Cancel(ctx context.Context, o Options) error {
	mark, err := o.From.Mark(ctx)
	if err != nil {
		return err
	}
	state, err := o.To.LoadState(ctx)
	if err != nil {
		return err
	}
	switch {
	case mark.ID == "":
		return fmt.Errorf("%w: %s is not being moved", store.ErrConflict, o.FromName)
	case !mark.Ended.IsZero(), state.ID == mark.ID && state.Done:
		return fmt.Errorf("%w: all of %s is in %s, where nodes may have worked with it; that cannot be given up", store.ErrConflict, o.FromName, mark.Target)
	case state.ID == mark.ID && !state.Off:
		if err := o.To.LoadCancel(ctx, mark.ID); err != nil {
			return err
		}
	case state.ID != mark.ID && mark.Target != o.ToName:
		return fmt.Errorf("%w: %s is being moved to %s; name that one", store.ErrConflict, o.FromName, mark.Target)
	}
	return o.From.MarkRemove(ctx)
}
