package main

import (
	"context"
	"fmt"
	"time"

	"github.com/contact-advocate/advocate/internal/report"
	"github.com/contact-advocate/advocate/internal/store"
)

type reportCmd struct {
	Show    reportShowCmd    `cmd:"" default:"withargs" help:"Show a report."`
	Rebuild reportRebuildCmd `cmd:"" help:"Have everything counted again that the event log still tells."`
}

type reportShowCmd struct {
	From    string `placeholder:"TIME" help:"A date or a time (default: seven days before --to)."`
	To      string `placeholder:"TIME" help:"A date, which counts whole, or a time (default: now)."`
	By      string `enum:"none,hour,day,queue,network,intent" default:"day" help:"What a row is for: ${enum}."`
	Queue   string `help:"Only of this queue."`
	Network string `help:"Only of this network."`
	Intent  string `help:"Only of this intent."`
	TZ      string `name:"tz" placeholder:"ZONE" help:"Whose days and hours, such as Europe/Berlin (default: UTC)."`
	CSV     bool   `name:"csv" xor:"form" help:"Print CSV, with everything there is."`
	JSON    bool   `name:"json" xor:"form" help:"Print a JSON array of rows, with everything there is."`
}

func (*reportShowCmd) Help() string {
	return "Examples:\n  advocate report --by queue\n  advocate report --from 2026-11-01 --to 2026-11-30 --tz Europe/Berlin --csv\n\n" +
		"– stands where there is nothing to tell: a share of nothing is not zero."
}

type reportQuery struct{ From, To, By, Queue, Network, Intent, TZ string }

func (c *reportShowCmd) Run(g *globals) error {
	rows, err := ask[[]report.Row](g, "report.show", reportQuery{c.From, c.To, c.By, c.Queue, c.Network, c.Intent, c.TZ})
	switch {
	case err != nil:
		return err
	case c.CSV:
		return report.WriteCSV(g.stdout, rows)
	}
	l := listing[report.Row]{
		json: c.JSON, none: "nothing happened", head: []string{c.By, "WORK", "IN TARGET", "WAIT P90", "CASES", "ALONE", "KEPT", "CSAT"},
		cells: reportLine,
	}
	return l.print(g, rows)
}

func reportLine(r *report.Row) []string {
	line := []string{orDash(r.Key), "–", "–", "–", "–", "–", "–", "–"}
	percent := func(x *float64) string {
		if x == nil {
			return "–"
		}
		return fmt.Sprintf("%.0f %%", *x*100)
	}
	if w := r.Work; w != nil {
		line[1], line[2] = fmt.Sprint(w.Created), percent(w.ServiceLevel)
		if w.Waiting != nil {
			line[3] = (time.Duration(w.Waiting.P90) * time.Second).String()
		}
	}
	if c := r.Cases; c != nil {
		line[4], line[5] = fmt.Sprint(c.Opened), percent(c.AloneRate)
	}
	if p := r.Promises; p != nil {
		line[6] = percent(p.KeptRate)
	}
	if c := r.CSAT; c != nil && c.Mean != nil {
		line[7] = fmt.Sprintf("%.1f (%d)", *c.Mean, c.Answers)
	}
	return line
}

// opReportShow counts first what no server has counted, where none runs.
func opReportShow(ctx context.Context, n *node, q reportQuery) (rows []report.Row, err error) {
	now := n.settings.clock.Now()
	p, err := report.Ask(q.From, q.To, q.TZ, report.Params{By: q.By, Queue: q.Queue, Network: q.Network, Intent: q.Intent}, now)
	if err == nil && n.alone() {
		_, err = report.CatchUp(ctx, n.store, now)
	}
	if err != nil {
		return nil, err
	}
	err = n.store.View(ctx, func(r store.Reader) (err error) {
		rows, err = report.Query(r, p)
		return err
	})
	return rows, err
}

// alone reports whether no server can be counting.
func (n *node) alone() bool { return !n.running && !n.settings.server() }

type reportRebuildCmd struct{}

func (*reportRebuildCmd) Help() string {
	return "Events are kept for 35 days; figures older than that stay as they are. What was erased with its customer is not counted again. Where a server runs it does the counting, and reports grow again while it does."
}

func (*reportRebuildCmd) Run(g *globals) error {
	from, err := ask[time.Time](g, "report.rebuild", nothing{})
	if err == nil {
		fmt.Fprintf(g.stdout, "everything from %s on is counted again\n", shortTime(from))
	}
	return err
}

func opReportRebuild(ctx context.Context, n *node, _ nothing) (time.Time, error) {
	now := n.settings.clock.Now()
	from, err := report.Rebuild(ctx, n.store, now)
	if err == nil && n.alone() {
		_, err = report.CatchUp(ctx, n.store, now)
	}
	return from, err
}
