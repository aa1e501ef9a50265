package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/contact-advocate/advocate/internal/desk"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

type agentCmd struct {
	List agentListCmd `cmd:"" help:"List agents and what they are doing."`
	Set  agentSetCmd  `cmd:"" help:"Add an agent, or change what one may do and where."`
}

type agentListCmd struct {
	JSON bool `name:"json" help:"Print a JSON array of agents."`
}

func (*agentListCmd) Help() string { return "Examples:\n  advocate agent list" }

func (c *agentListCmd) Run(g *globals) error {
	agents, err := ask[[]domain.Agent](g, "agent.list", nothing{})
	if err != nil {
		return err
	}
	l := listing[domain.Agent]{
		json: c.JSON, none: "no agents", head: []string{"ID", "ACTIVITY", "QUEUES", "SKILLS", "LANGS", "ROOM FOR"},
		cells: func(a *domain.Agent) []string {
			return []string{a.ID, doing(a), orDash(strings.Join(a.Queues, " ")), orDash(skillWords(a.Skills)), orDash(strings.Join(a.Langs, " ")), fmt.Sprint(a.Capacity)}
		},
	}
	return l.print(g, agents)
}

func doing(a *domain.Agent) string {
	if a.Disabled {
		return "disabled"
	}
	return string(a.Activity)
}

func skillWords(skills map[string]int) string {
	out := make([]string, 0, len(skills))
	for name, level := range skills {
		out = append(out, fmt.Sprintf("%s:%d", name, level))
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

type agentSetCmd struct {
	ID       string   `arg:"" help:"A person's login, or a token's name."`
	Name     *string  `help:"The person's name, to be shown."`
	Queues   []string `placeholder:"QUEUE,…" help:"Where they work; replaces what was set."`
	Skills   []string `placeholder:"SKILL:LEVEL,…" help:"What they can do, and how well from 1 to 5; replaces what was set."`
	Langs    []string `placeholder:"LANG,…" help:"Languages they speak; replaces what was set."`
	Capacity int      `placeholder:"N" help:"Work items at once (default: as it was, 1 for a new agent)."`
	Activity string   `enum:"available,busy,break,offline," default:"" placeholder:"ACTIVITY" help:"What they are doing from now on: available, busy, break or offline."`
	JSON     bool     `name:"json" help:"Print the agent as it is then."`
}

func (*agentSetCmd) Help() string {
	return "Examples:\n  advocate agent set ann --queues care,urgent --skills orders:3,refunds --langs en,de --capacity 2\n  advocate agent set ann --activity offline"
}

// agentChange is what is to be different; nil and zero leave it as it is.
type agentChange struct {
	ID, By        string
	Name          *string
	Queues, Langs []string
	Skills        []string
	Capacity      int
	Activity      domain.Activity
}

func (c *agentSetCmd) Run(g *globals) error {
	for _, s := range c.Skills {
		if _, err := domain.ParseSkill(s); err != nil {
			return usagef("--skills: %v", err)
		}
	}
	a, err := ask[domain.Agent](g, "agent.set", agentChange{c.ID, operator(), c.Name, c.Queues, c.Langs, c.Skills, c.Capacity, domain.Activity(c.Activity)})
	if err != nil {
		return err
	}
	if c.JSON {
		return g.printJSON(a)
	}
	fmt.Fprintf(g.stdout, "%s is %s\n", clean(a.ID), doing(&a))
	return nil
}

func (n *node) agents() *desk.Agents {
	return desk.NewAgents(n.store, n.settings.clock.Now, n.engine.Policy)
}

func opAgentList(ctx context.Context, n *node, _ nothing) ([]domain.Agent, error) {
	out := []domain.Agent{}
	for {
		after := ""
		if len(out) > 0 {
			after = out[len(out)-1].ID
		}
		page, err := n.agents().List(ctx, after, 500)
		if out = append(out, page...); err != nil || len(page) < 500 {
			return out, err
		}
	}
}

func opAgentSet(ctx context.Context, n *node, c agentChange) (domain.Agent, error) {
	if len(c.ID) > 63 || strings.TrimSpace(c.ID) == "" || slices.Contains([]string{"me", desk.Name, domain.OwnerAdvocate}, c.ID) {
		return domain.Agent{}, domain.FieldErrorf("id", "is %.70q; want a person's login or a token's name", c.ID)
	}
	var a domain.Agent
	err := n.store.View(ctx, func(r store.Reader) error {
		docs, err := r.DocumentGet(store.AgentKind, []string{c.ID})
		if err == nil {
			a, err = store.AgentOf(docs[0])
		}
		return err
	})
	if err != nil {
		return a, err
	}
	fresh := a.ID == ""
	if a.ID = c.ID; fresh {
		a.Capacity = 1
	}
	if err := c.apply(&a); err != nil {
		return a, err
	}
	if a, err = n.agents().Put(ctx, a, c.By); err == nil && c.Activity != "" {
		a, err = n.agents().SetActivity(ctx, c.ID, c.Activity, "", c.By)
	}
	return a, err
}

func (c *agentChange) apply(a *domain.Agent) error {
	if c.Name != nil {
		a.Name = domain.Clip(domain.CleanText(*c.Name), 200)
	}
	if c.Queues != nil {
		a.Queues = c.Queues
	}
	if c.Langs != nil {
		a.Langs = c.Langs
	}
	if c.Capacity != 0 {
		a.Capacity = c.Capacity
	}
	if c.Skills != nil {
		a.Skills = map[string]int{}
		for _, s := range c.Skills {
			skill, err := domain.ParseSkill(s)
			if err != nil {
				return err
			}
			a.Skills[skill.Name] = skill.Level
		}
	}
	return nil
}
