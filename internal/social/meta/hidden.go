package meta

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"sync"

	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/web"
)

// hidden tells what is gone from what we are not let see any more, for which the
// Graph API has one error: "does not exist, cannot be loaded due to missing
// permissions, or does not support this operation" (100/33;
// developers.facebook.com/docs/graph-api/guides/error-handling). A post that was
// taken for gone would be answered by nobody. Our own account is there for
// certain and must be readable, and the token says what it may read: only where
// both are as they should be is the rest gone. Other errors come out as they are.
//
// It costs two requests, which those who find something gone together share. It
// is not remembered beyond that: an earlier look says nothing of a permission
// that was lost since. What stays possible is one that is lost and given back
// between the answer and the look.
func (n *Network) hidden(ctx context.Context, err error) error {
	if !goneError(err) {
		return err
	}
	switch safe, trouble := n.shown(ctx); {
	case trouble != nil:
		return trouble
	case safe != "":
		return lost(err, safe)
	}
	return err
}

// look is one look at what we are shown. It counts for those who were told that
// something is gone before it began.
type look struct {
	done    chan struct{}
	safe    string // what we are not shown any more, "" for nothing
	trouble error
	cut     bool // whoever made it gave up
}

// looks lets those who need a look share the next one.
type looks struct {
	mu   sync.Mutex
	next *look       // that has not begun
	turn social.Turn // held by the one that has
}

// shown is what the next look finds.
func (n *Network) shown(ctx context.Context) (safe string, trouble error) {
	for {
		n.looks.mu.Lock()
		l := n.looks.next
		if l == nil {
			l = &look{done: make(chan struct{})}
			n.looks.next = l
			n.looks.mu.Unlock()
			n.lead(ctx, l)
			return l.safe, l.trouble
		}
		n.looks.mu.Unlock()
		select {
		case <-l.done:
			if !l.cut {
				return l.safe, l.trouble
			}
		case <-ctx.Done():
			return "", social.Unreached(ctx.Err())
		}
	}
}

// lead makes a look once the one before it has ended.
func (n *Network) lead(ctx context.Context, l *look) {
	release, err := n.looks.turn.Take(ctx)
	n.looks.mu.Lock()
	n.looks.next = nil // whoever comes from here on may have been told later
	n.looks.mu.Unlock()
	if err != nil {
		l.trouble = social.Unreached(err)
	} else {
		l.safe, l.trouble = n.lookAtUs(ctx)
		release()
	}
	l.cut = ctx.Err() != nil
	close(l.done)
}

// lookAtUs says what we are not shown any more.
func (n *Network) lookAtUs(ctx context.Context) (safe string, trouble error) {
	_, err := n.graph.Do(ctx, web.Request{Path: n.self(), Query: url.Values{"fields": {"id"}}, Out: &struct{}{}})
	err = fault(err, n.usage.regain(n.kit.Clock.Now()))
	switch {
	case goneError(err):
		return "Meta does not show us even our own account: the token has lost a permission, or is of another Page", nil
	case err != nil:
		return "", err // a token that has ended, or trouble that passes
	}
	t, err := n.inspect(ctx)
	switch {
	case err != nil && (passes(err) || t.App != ""):
		return "", err
	case err != nil || len(t.Scopes) == 0:
		return "", nil // the question was refused: that the account is seen must do
	}
	for _, scope := range n.c.reads() {
		if !slices.Contains(t.Scopes, scope) {
			return "the token has lost the permission " + scope + ": what customers write is not shown to us", nil
		}
	}
	return "", nil
}

// lost is the error for what Meta hides from us for want of a permission.
func lost(err error, safe string) error {
	var r *refused
	errors.As(err, &r)
	return &social.Error{Fault: social.FaultOperator, Safe: safe, Cause: &refused{r.graphError, true}}
}

// hiddenError reports whether an error is that of what is hidden from us: with
// another token, or its permission back, it would be seen.
func hiddenError(err error) bool {
	var r *refused
	return errors.As(err, &r) && r.hidden
}
