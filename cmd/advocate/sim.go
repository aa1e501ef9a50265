package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/contact-advocate/advocate/internal/config"
	"github.com/contact-advocate/advocate/internal/sim"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/postgres"
	"github.com/contact-advocate/advocate/internal/store/sqlite"
)

type simCmd struct {
	Seed  int64  `default:"1" help:"Where chance begins; the same seed gives the same run."`
	Steps int    `default:"20000" help:"How many steps to take."`
	JSON  bool   `name:"json" help:"Print JSON: seed, steps, inputs, decisions, crashes, violations and more."`
	Fault string `hidden:"" help:"Plant a fault, to see that it is found."`
}

func (*simCmd) Help() string {
	return `Customers, posts, edits, events, duplicates, failing components, crashes at every commit, merges and playbook changes, all from one seed; after each step the invariants are checked against an independent model. Exits 3 on a violation and prints the command that replays it.

It runs in memory; --store sqlite takes a file of its own, and --store postgres://… a database of its own on that server, made for the run and removed afterwards. Over PostgreSQL two runs of one seed may differ.

Examples:
  advocate sim --seed 7 --steps 50000
  advocate sim --store sqlite --steps 2000`
}

func (c *simCmd) Run(g *globals) error {
	if c.Steps < 1 {
		return usagef("--steps: is %d; want at least 1", c.Steps)
	}
	p := newProgress(newTerminal(g.stderr), "sim")
	p.unit = "step"
	o := sim.Options{Seed: c.Seed, Steps: c.Steps, Fault: c.Fault, Progress: func(r sim.Report) {
		p.show(r.Steps, c.Steps, amount(r.Decisions, "decision")+", "+amount(r.Crashes, "crash", "crashes"))
	}}
	if g.Store != "" { // what the configuration names has other work to do
		s, err := g.load()
		if err != nil {
			return err
		}
		o.StoreName, o.Store = config.StoreName(s.store), func() (store.Store, func(), error) { return simStore(g.ctx, &s) }
	}
	rep, err := sim.Run(g.ctx, o)
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

// simStore opens an empty store of the kind that the settings name, and gives
// what removes it.
func simStore(ctx context.Context, s *settings) (store.Store, func(), error) {
	if !s.server() {
		dir, err := os.MkdirTemp("", "advocate-sim-")
		if err != nil {
			return nil, nil, err
		}
		st, err := sqlite.Open(ctx, filepath.Join(dir, "sim.db"), sqlite.Options{})
		if err != nil {
			return nil, nil, errors.Join(err, os.RemoveAll(dir))
		}
		return st, func() { _ = os.RemoveAll(dir) }, nil
	}
	url, drop, err := postgres.Scratch(ctx, s.store)
	if err != nil {
		return nil, nil, tellServer(s, err)
	}
	remove := func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute) // also after an interrupt
		defer cancel()
		_ = drop(ctx)
	}
	st, err := postgres.Open(ctx, url, postgres.Options{})
	if err != nil {
		remove()
		return nil, nil, tellServer(s, err)
	}
	return st, remove, nil
}
