package main

import (
	"context"
	"fmt"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

type deadLetterCmd struct {
	List    deadLetterListCmd    `cmd:"" help:"List effects that failed for good; with --state, others."`
	Retry   deadLetterRetryCmd   `cmd:"" help:"Try one again."`
	Drop    deadLetterDropCmd    `cmd:"" help:"Give one up; its advocate is told."`
	Release deadLetterReleaseCmd `cmd:"" help:"Let one leave that is held for a person's approval."`
}

type deadLetterListCmd struct {
	State string `enum:"dead,held,pending,sending,all" default:"dead" help:"${enum}."`
	Limit int    `default:"100" help:"At most so many."`
	JSON  bool   `name:"json" help:"Print a JSON array."`
}

func (*deadLetterListCmd) Help() string {
	return "Held are those that wait for a person's release: of a network or rule in the mode \"approve\", and of a restored backup. \"advocate dead-letter release\" lets them leave.\n\nExamples:\n  advocate dead-letter list\n  advocate dead-letter list --state held --json\n  advocate dead-letter retry c01h2…-e7"
}

// effectView is an effect as the command shows it.
type effectView struct {
	ID          string             `json:"id"`
	Customer    domain.CustomerID  `json:"customer_id"`
	Case        string             `json:"case_id,omitempty"`
	Kind        domain.EffectKind  `json:"kind"`
	Destination string             `json:"destination"`
	State       domain.EffectState `json:"state"`
	Attempt     int                `json:"attempt"`
	LastError   string             `json:"last_error,omitempty"`
	Text        string             `json:"text,omitempty"`
	CreatedAt   string             `json:"created_at"`
	NotAfter    string             `json:"not_after,omitempty"`
}

type effectQuery struct {
	State string
	Limit int
}

func (c *deadLetterListCmd) Run(g *globals) error {
	if c.Limit < 1 || c.Limit > 10_000 {
		return usagef("--limit: is %d; accepted are 1 to 10000", c.Limit)
	}
	to, err := g.connect()
	if err != nil {
		return err
	}
	defer to.close()
	items := []effectView{}
	if err := to.call(g.ctx, "effect.list", effectQuery{c.State, c.Limit}, &items); err != nil {
		return err
	}
	var st nodeStatus
	if c.State == "dead" && !c.JSON {
		if err := to.call(g.ctx, "status", nothing{}, &st); err != nil {
			return err
		}
	}
	none := map[string]string{
		"dead": "no dead letters", "held": "nothing is held", "pending": "nothing is pending", "sending": "nothing is being sent", "all": "the outbox is empty",
	}
	l := listing[effectView]{
		json: c.JSON, none: none[c.State], head: []string{"ID", "KIND", "TO", "STATE", "TRIES", "LAST ERROR", "TEXT"},
		cells: func(e *effectView) []string {
			return []string{e.ID, string(e.Kind), e.Destination, string(e.State), fmt.Sprint(e.Attempt), orDash(shorten(e.LastError, 50)), shorten(e.Text, shownText)}
		},
	}
	if err := l.print(g, items); err != nil {
		return err
	}
	if n := st.Engine.Counts.EffectsHeld; n > 0 {
		fmt.Fprintf(g.stdout, "%d wait for a release: \"advocate dead-letter list --state held\" lists them\n", n)
	}
	return nil
}

func opEffectList(ctx context.Context, n *node, q effectQuery) ([]effectView, error) {
	out := []effectView{}
	err := n.store.View(ctx, func(r store.Reader) error {
		p := store.EffectListParams{Limit: q.Limit}
		if q.State != "all" {
			p.State = domain.EffectState(q.State)
		}
		rows, err := r.EffectList(p)
		if err != nil {
			return err
		}
		out = out[:0]
		for i := range rows {
			out = append(out, viewEffect(&rows[i]))
		}
		return nil
	})
	return out, err
}

func viewEffect(e *store.EffectRow) effectView {
	v := effectView{
		ID: e.ID, Customer: e.Customer, Case: e.Case, Kind: e.Kind, Destination: e.Destination, State: e.State,
		Attempt: e.Attempt, LastError: e.LastError, CreatedAt: rfc3339(e.CreatedAt), NotAfter: rfc3339(e.NotAfter),
	}
	switch {
	case e.Reply != nil:
		v.Text = e.Reply.Text
	case e.Lookup != nil:
		v.Text = e.Lookup.ID + e.Lookup.Query
	case e.Notify != nil:
		v.Text = e.Notify.Text
	case e.Emit != nil:
		v.Text = e.Emit.Type
	}
	return v
}

type deadLetterRetryCmd struct {
	ID []string `arg:"" help:"The effects' ids."`
}

func (*deadLetterRetryCmd) Help() string {
	return "Examples:\n  advocate dead-letter retry c01h2…-e7"
}

func (c *deadLetterRetryCmd) Run(g *globals) error { return g.effectDo("retry", c.ID) }

type deadLetterDropCmd struct {
	ID []string `arg:"" help:"The effects' ids."`
}

func (*deadLetterDropCmd) Help() string { return "Examples:\n  advocate dead-letter drop c01h2…-e7" }

func (c *deadLetterDropCmd) Run(g *globals) error { return g.effectDo("drop", c.ID) }

type deadLetterReleaseCmd struct {
	ID []string `arg:"" help:"The effects' ids."`
}

func (*deadLetterReleaseCmd) Help() string {
	return "Held are effects of a network or rule in the mode \"approve\", and all that a restored backup had pending.\n\nExamples:\n  advocate dead-letter release c01h2…-e7"
}

func (c *deadLetterReleaseCmd) Run(g *globals) error { return g.effectDo("release", c.ID) }

type effectAct struct{ Do, ID, By string }

func (g *globals) effectDo(do string, ids []string) error {
	c, err := g.connect()
	if err != nil {
		return err
	}
	defer c.close()
	for _, id := range ids {
		if err := c.call(g.ctx, "effect.do", effectAct{do, id, operator()}, &nothing{}); err != nil {
			return fmt.Errorf("%s: %w", clean(id), err)
		}
		fmt.Fprintf(g.stdout, "%s: %s\n", id, map[string]string{"retry": "will be tried again", "drop": "dropped", "release": "released"}[do])
	}
	return nil
}

func opEffectDo(ctx context.Context, n *node, a effectAct) (nothing, error) {
	switch a.Do {
	case "retry":
		return nothing{}, n.engine.EffectRetry(ctx, a.ID, a.By)
	case "drop":
		return nothing{}, n.engine.EffectDrop(ctx, a.ID, a.By)
	case "release":
		return nothing{}, n.engine.EffectRelease(ctx, a.ID, a.By)
	}
	return nothing{}, domain.FieldErrorf("do", "is %.20q; want retry, drop or release", a.Do)
}
