package engine

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/component"
	"github.com/contact-advocate/advocate/internal/social"
)

func TestWhatCountsAgainstALink(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	for what, x := range map[string]struct {
		err error
		row int
	}{
		"nothing":            {nil, 0},
		"a full inbox":       {&social.Error{Fault: social.FaultCustomer, Safe: "they take no messages"}, 0},
		"a text we made":     {&social.Error{Fault: social.FaultOurs, Safe: "too long"}, 0},
		"the network":        {&social.Error{Fault: social.FaultNetwork, Safe: "503"}, 1},
		"our credentials":    {fmt.Errorf("send: %w", &social.Error{Fault: social.FaultOperator, Safe: "401"}), 1},
		"a component":        {&component.Error{Safe: "orders: no answer"}, 1},
		"no answer":          {context.DeadlineExceeded, 1},
		"something of a bug": {errors.New("secret=hunter2"), 1},
	} {
		var l links
		k := linkKey{kind: LinkNetwork, name: "x"}
		l.went(k, at, time.Second, x.err)
		got := l.by[k]
		if got.Row != x.row || (got.Error == "") != (x.row == 0) || got.Failed.IsZero() != (x.row == 0) {
			t.Errorf("%s: %+v", what, got)
		}
		if got.Error == "secret=hunter2" {
			t.Error("an error that is not fit for a screen is shown")
		}
		l.went(k, at, time.Second, nil)
		if got.Row != 0 || got.Went.IsZero() {
			t.Errorf("%s, then well: %+v", what, got)
		}
	}
}
