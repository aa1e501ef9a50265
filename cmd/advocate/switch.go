package main

import (
	"context"
	"fmt"
	"time"

	"github.com/contact-advocate/advocate/internal/store"
)

type switchCmd struct {
	Set  switchSetCmd  `cmd:"" help:"Set how replies may leave."`
	List switchListCmd `cmd:"" help:"List the switches that are set."`
}

type switchSetCmd struct {
	Scope string `arg:"" help:"all, network:NAME or rule:NAME."`
	Mode  string `arg:"" help:"live, approve, shadow, stopped or inherit."`
}

func (*switchSetCmd) Help() string {
	return `The modes:

  live     replies leave
  approve  each waits for a person ("advocate dead-letter release")
  shadow   everything is decided and recorded, nothing is sent
  stopped  nothing is sent; it stays in the outbox until the switch is back
  inherit  takes the switch away, so that the wider one holds again

A stop anywhere stops; otherwise the narrowest switch holds.

Examples:
  advocate switch set all stopped
  advocate switch set network:sandbox shadow
  advocate switch set rule:call-when-late-and-upset approve`
}

func (c *switchSetCmd) Run(g *globals) error {
	_, err := ask[nothing](g, "switch.set", store.Switch{Scope: c.Scope, Mode: c.Mode, By: operator()})
	if err == nil {
		fmt.Fprintf(g.stdout, "%s is %s\n", clean(c.Scope), clean(c.Mode))
	}
	return err
}

func opSwitchSet(ctx context.Context, n *node, s store.Switch) (nothing, error) {
	if err := n.needPlaybook(ctx); err != nil { // a rule's name is one of its
		return nothing{}, err
	}
	s.At = time.Time{} // the engine's clock says when
	return nothing{}, n.engine.SwitchSet(ctx, s)
}

type switchListCmd struct {
	JSON bool `name:"json" help:"Print a JSON array."`
}

func (*switchListCmd) Help() string { return "Examples:\n  advocate switch list --json" }

func (c *switchListCmd) Run(g *globals) error {
	rows, err := ask[[]store.Switch](g, "switch.list", nothing{})
	if err != nil {
		return err
	}
	l := listing[store.Switch]{
		json: c.JSON, none: "no switch is set: everything is live", head: []string{"SCOPE", "MODE", "BY", "SINCE"},
		cells: func(s *store.Switch) []string { return []string{s.Scope, s.Mode, orDash(s.By), shortTime(s.At)} },
	}
	return l.print(g, rows)
}

func opSwitchList(ctx context.Context, n *node, _ nothing) ([]store.Switch, error) {
	out := []store.Switch{}
	err := n.store.View(ctx, func(r store.Reader) error {
		rows, err := r.SwitchList()
		out = append(out[:0], rows...)
		return err
	})
	return out, err
}
