package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/social"
)

type connectListCmd struct {
	Check bool `help:"Ask each network who we are and what we may do."`
	JSON  bool `name:"json" help:"Print JSON: networks, problems."`
}

func (*connectListCmd) Help() string {
	return "How it goes is known to a running server on this machine alone.\n\nExamples:\n  advocate connect\n  advocate connect list --check --json"
}

// networkState is how it goes with an account on a network.
type networkState struct {
	Network string        `json:"network"`
	Account string        `json:"account,omitempty"`
	ID      string        `json:"id,omitempty"`   // the author id of our own posts there, once it is known
	Hook    string        `json:"hook,omitempty"` // the path that it tells of posts at
	Health  networkHealth `json:"health"`
	Error   string        `json:"error,omitempty"` // what last went wrong, while it does
	Fault   social.Fault  `json:"fault,omitempty"` // with Error: who has to do something
	Check   *social.Check `json:"check,omitempty"` // with --check
	Refused string        `json:"refused,omitempty"`
	Ours    bool          `json:"ours,omitempty"`    // with Refused: the operator has to do something
	Connect string        `json:"connect,omitempty"` // it is not connected yet: the command that does it
}

// networkHealth is social.Health as commands print it.
type networkHealth struct {
	Mode    string         `json:"mode,omitempty"`
	Since   time.Time      `json:"since,omitzero"`
	AliveAt time.Time      `json:"alive_at,omitzero"`
	Lag     float64        `json:"lag_seconds,omitempty"`
	Lost    int            `json:"lost,omitempty"`
	Quotas  []social.Quota `json:"quotas,omitempty"`
	Expires time.Time      `json:"expires_at,omitzero"`
	Trouble string         `json:"trouble,omitempty"`
	Ours    bool           `json:"ours,omitempty"` // with Trouble: the operator has to do something
}

type networksParams struct{ Check bool }

// networksResult is every configured network, and why some could not be made.
type networksResult struct {
	Networks []networkState `json:"networks"`
	Problems []string       `json:"problems"`
}

func opNetworks(ctx context.Context, n *node, p networksParams) (networksResult, error) {
	out := networksResult{Networks: []networkState{}, Problems: []string{}}
	if n.unmade != nil {
		out.Problems = strings.Split(n.unmade.Error(), "\n")
	}
	links, err := n.engine.Links(ctx)
	if err != nil {
		return out, err
	}
	commands, err := n.toConnect(ctx)
	if err != nil {
		return out, err
	}
	for i := range links {
		if l := &links[i]; l.Kind == engine.LinkNetwork {
			s := stateOf(l)
			s.Connect = commands[[2]string{l.Name, l.Account}]
			out.Networks = append(out.Networks, s)
		}
	}
	if p.Check {
		n.checkNetworks(ctx, out.Networks)
	}
	return out, nil
}

func stateOf(l *engine.Link) networkState {
	h := l.Health
	s := networkState{Network: l.Name, Account: l.Account, ID: l.Own, Health: networkHealth{h.Mode, h.Since, h.LastEvent, h.Lag.Seconds(), h.Lost, h.Quotas, h.Expires, h.Trouble, h.Fault == social.FaultOperator}}
	if l.Hook != "" {
		s.Hook = "/hooks/" + l.Hook
	}
	if l.Row > 0 && !l.Heard.After(l.Failed) {
		s.Error, s.Fault = l.Error, l.Fault
	}
	if !l.HookFailed.IsZero() && !l.Heard.After(l.HookFailed) {
		s.Error = strings.TrimPrefix(s.Error+"; "+l.HookError, "; ")
		if s.Fault != social.FaultOperator {
			s.Fault = l.HookFault
		}
	}
	return s
}

// checkNetworks asks all networks at once who we are.
func (n *node) checkNetworks(ctx context.Context, states []networkState) {
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	var wg sync.WaitGroup
	for _, x := range n.engine.Networks() {
		c, ok := x.(social.Checker)
		if !ok {
			continue
		}
		for i := range states {
			if s := &states[i]; s.Network == x.Name() && s.Account == x.Account() && s.Connect == "" {
				wg.Go(func() { s.ask(ctx, c) })
			}
		}
	}
	wg.Wait()
}

func (s *networkState) ask(ctx context.Context, c social.Checker) {
	check, err := c.Check(ctx)
	if err == nil {
		s.Check, s.ID = &check, check.ID
		return
	}
	var e *social.Error
	s.Refused = "it could not be asked"
	if errors.As(err, &e) {
		s.Refused, s.Ours = e.Safe, e.Fault == social.FaultOperator || e.Fault == social.FaultOurs
	}
	if other := anotherServer(s.Network, err); other != "" {
		s.Refused, s.Ours = other, true
	}
}

func (c *connectListCmd) Run(g *globals) error {
	r, err := ask[networksResult](g, "network.list", networksParams{c.Check})
	if err != nil {
		return err
	}
	if c.JSON {
		return g.printJSON(r)
	}
	l := listing[networkState]{
		none: "no network is connected; \"advocate connect --help\" says how", head: []string{"NETWORK", "ACCOUNT", "POSTS COME", "LAST SIGN", "ENDS", "NOTE"},
		cells: func(s *networkState) []string {
			h := s.Health
			mode := orDash(h.Mode)
			if h.Mode == "" && s.Hook != "" {
				mode = "to " + s.Hook
			}
			return []string{s.Network, orDash(s.Account), mode, timeOrDash(h.AliveAt), timeOrDash(h.Expires), s.note(c.Check)}
		},
	}
	if err := l.print(g, r.Networks); err != nil {
		return err
	}
	for _, p := range r.Problems {
		fmt.Fprintln(g.stdout, clean(p))
	}
	return nil
}

func timeOrDash(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return rfc3339(t)
}

// note is what is worth a word.
func (s *networkState) note(checked bool) string {
	switch {
	case s.Connect != "":
		return notConnected + `; "` + s.Connect + `" connects it`
	case s.Refused != "":
		return s.Refused
	case s.Health.Trouble != "":
		return s.Health.Trouble
	case s.Error != "":
		return s.Error
	case s.Check != nil:
		return strings.Join(append([]string{"is " + s.Check.Account}, s.Check.Warnings...), "; ")
	case checked:
		return "cannot be asked"
	}
	return "-"
}
