package main

import (
	"fmt"

	"github.com/contact-advocate/advocate/internal/sim"
)

type simCmd struct {
	Seed  int64  `default:"1" help:"Where chance begins; the same seed gives the same run."`
	Steps int    `default:"20000" help:"How many steps to take."`
	JSON  bool   `name:"json" help:"Print JSON: seed, steps, inputs, decisions, crashes, violations and more."`
	Fault string `hidden:"" help:"Plant a fault, to see that it is found."`
}

func (*simCmd) Help() string {
	return `Customers, posts, edits, events, duplicates, failing components, crashes at every commit, merges and playbook changes, all from one seed; after each step the invariants are checked against an independent model. Exits 3 on a violation and prints the command that replays it.

Examples:
  advocate sim --seed 7 --steps 50000`
}

func (c *simCmd) Run(g *globals) error {
	if c.Steps < 1 {
		return usagef("--steps: is %d; want at least 1", c.Steps)
	}
	p := newProgress(newTerminal(g.stderr), "sim")
	p.unit = "step"
	rep, err := sim.Run(g.ctx, sim.Options{Seed: c.Seed, Steps: c.Steps, Fault: c.Fault, Progress: func(r sim.Report) {
		p.show(r.Steps, c.Steps, amount(r.Decisions, "decision")+", "+amount(r.Crashes, "crash", "crashes"))
	}})
	p.end()
	if err != nil {
		return err
	}
	rep.Violations = notNil(rep.Violations)
	if c.JSON {
		if err := g.printJSON(rep); err != nil {
			return err
		}
	} else {
		fmt.Fprintf(g.stdout, "seed %d: %s, %s, %s, %s, %s\n", rep.Seed, amount(rep.Steps, "step"), amount(rep.Inputs, "input"),
			amount(rep.Decisions, "decision"), amount(rep.Crashes, "crash", "crashes"), amount(len(rep.Violations), "violation"))
		for _, v := range rep.Violations {
			fmt.Fprintf(g.stdout, "  %s\n", v)
		}
	}
	if len(rep.Violations) > 0 {
		fmt.Fprintf(g.stderr, "to see it again: %s\n", rep.Replay())
		return errProblem
	}
	return nil
}
