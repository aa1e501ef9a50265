package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

type workItemCmd struct {
	List     workItemListCmd     `cmd:"" help:"List work items, newest first."`
	Complete workItemCompleteCmd `cmd:"" help:"Complete one with how it ended."`
	Cancel   workItemCancelCmd   `cmd:"" help:"Cancel one that is no longer needed."`
}

type workItemListCmd struct {
	State string `enum:"open,pending,reserved,assigned,wrapping,completed,canceled,all" default:"open" help:"open, all, or one state: ${enum}."`
	Queue string `help:"Only of this queue."`
	Limit int    `default:"50" help:"At most so many."`
	JSON  bool   `name:"json" help:"Print a JSON array of work items."`
}

func (*workItemListCmd) Help() string {
	return "Examples:\n  advocate work-item list\n  advocate work-item list --queue care --state completed --json"
}

// shownText is how much of a text a list shows where there is room.
const shownText = 120

type workItemQuery struct {
	State, Queue string
	Limit        int
}

func (c *workItemListCmd) Run(g *globals) error {
	if c.Limit < 1 || c.Limit > 10_000 {
		return usagef("--limit: is %d; accepted are 1 to 10000", c.Limit)
	}
	items, err := ask[[]domain.WorkItem](g, "work-item.list", workItemQuery{c.State, c.Queue, c.Limit})
	if err != nil {
		return err
	}
	near := newNearby(time.Now())
	l := listing[domain.WorkItem]{
		json: c.JSON, none: "no work items", head: []string{"ID", "KIND", "STATE", "QUEUE", "PRI", near.head("DUE"), "NUMBER", "POST"},
		cells: func(w *domain.WorkItem) []string {
			return []string{w.ID, string(w.Kind), string(w.State), w.Queue, fmt.Sprint(w.Priority), near.time(w.Due), orDash(w.Number), shorten(w.PostText, shownText)}
		},
	}
	return l.print(g, items)
}

// opWorkItemList gives items of a state; "open" is any that is not final.
func opWorkItemList(ctx context.Context, n *node, q workItemQuery) ([]domain.WorkItem, error) {
	out := []domain.WorkItem{}
	err := n.store.View(ctx, func(r store.Reader) error {
		out = out[:0]
		p := store.WorkItemListParams{Queue: q.Queue, Limit: 500}
		if q.State != "open" && q.State != "all" {
			p.State = domain.WorkItemState(q.State)
		}
		for len(out) < q.Limit {
			page, err := r.WorkItemList(p)
			if err != nil {
				return err
			}
			for _, w := range page {
				if q.State == "open" && w.State.Final() {
					continue
				}
				if out = append(out, w); len(out) == q.Limit {
					return nil
				}
			}
			if len(page) < p.Limit {
				return nil
			}
			p.After = page[len(page)-1].ID
		}
		return nil
	})
	return out, err
}

type workItemCompleteCmd struct {
	ID          string `arg:"" help:"The work item's id."`
	Disposition string `required:"" help:"How it ended. A call: resolved, reached, no_answer, busy, voicemail, wrong_number, refused. A review: resolved, answered, no_answer_needed. Or a word of your own."`
	Note        string `help:"What was said or done."`
	By          string `help:"Who did it (default: you)."`
	JSON        bool   `name:"json" help:"Print the work item as it is then."`
}

func (*workItemCompleteCmd) Help() string {
	return "Examples:\n  advocate work-item complete c01h2…-w1 --disposition reached --note \"will get a refund\"\n\n" +
		"\"reached\" and \"resolved\" keep the promise to call; \"no_answer\", \"busy\" and \"voicemail\" plan another call."
}

func (c *workItemCompleteCmd) Run(g *globals) error {
	return g.workItemDo(workItemAct{Kind: domain.CommandComplete, ID: c.ID, By: c.By, Disposition: c.Disposition, Note: c.Note}, c.JSON)
}

type workItemCancelCmd struct {
	ID   string `arg:"" help:"The work item's id."`
	Note string `required:"" placeholder:"WHY" help:"Why it is no longer needed; it stays in the customer's history."`
	By   string `help:"Who says so (default: you)."`
	JSON bool   `name:"json" help:"Print the work item as it is then."`
}

func (*workItemCancelCmd) Help() string {
	return "Examples:\n  advocate work-item cancel c01h2…-w1 --note \"solved by mail\""
}

func (c *workItemCancelCmd) Run(g *globals) error {
	if strings.TrimSpace(c.Note) == "" {
		return usagef("--note: is empty; say why the work item is no longer needed")
	}
	return g.workItemDo(workItemAct{Kind: domain.CommandCancel, ID: c.ID, By: c.By, Note: c.Note}, c.JSON)
}

type workItemAct struct {
	Kind                      domain.CommandKind
	ID, By, Disposition, Note string
}

func (g *globals) workItemDo(a workItemAct, asJSON bool) error {
	if a.By == "" {
		a.By = operator()
	}
	w, err := ask[domain.WorkItem](g, "work-item.do", a)
	if err != nil {
		return err
	}
	if asJSON {
		return g.printJSON(w)
	}
	fmt.Fprintf(g.stdout, "%s is %s\n", w.ID, w.State)
	return nil
}

func opWorkItemDo(ctx context.Context, n *node, a workItemAct) (domain.WorkItem, error) {
	customer, kind, _, err := domain.ParseObjectID(a.ID)
	if err != nil || kind != domain.KindWorkItem {
		return domain.WorkItem{}, domain.Errorf(domain.CodeInvalid, "%.60q is no work item's id; \"advocate work-item list\" shows them", a.ID)
	}
	c := domain.Command{Kind: a.Kind, By: a.By, Over: true, WorkItem: a.ID, Disposition: a.Disposition, Note: a.Note}
	if err := n.engine.Command(ctx, customer, c); err != nil {
		return domain.WorkItem{}, err
	}
	var w domain.WorkItem
	err = n.store.View(ctx, func(r store.Reader) (err error) {
		w, err = r.WorkItemGet(a.ID)
		return err
	})
	return w, err
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

// shortTime is a time by this machine's zone, which it names.
func shortTime(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.Local().Format("2006-01-02 15:04:05 MST")
}

// nearby writes times of a column that are mostly near: to the minute, without
// the year where it is this one, and all by one zone, which the column's head
// names. It is the offset of now: a summer's time in winter is told by the
// winter's clock, as the head says.
type nearby struct {
	now  time.Time
	zone *time.Location
}

func newNearby(now time.Time) nearby {
	now = now.Local()
	return nearby{now, time.FixedZone(now.Zone())}
}

func (n nearby) head(name string) string { return name + " (" + n.now.Format("MST") + ")" }

func (n nearby) time(t time.Time) string {
	t = t.In(n.zone)
	switch {
	case t.IsZero():
		return "–"
	case t.Year() != n.now.Year():
		return t.Format("2006-01-02 15:04")
	}
	return t.Format("02 Jan 15:04")
}
