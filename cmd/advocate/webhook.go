package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/outbound"
)

type webhookCmd struct {
	List       webhookListCmd       `cmd:"" help:"List webhooks: where events are posted to."`
	Add        webhookAddCmd        `cmd:"" help:"Have events posted to an address; prints the secret that signs."`
	Show       webhookShowCmd       `cmd:"" help:"Show a webhook."`
	Test       webhookTestCmd       `cmd:"" help:"Post an event now and say what came of it."`
	Rotate     webhookRotateCmd     `cmd:"" help:"Give a webhook a new secret."`
	Deliveries webhookDeliveriesCmd `cmd:"" help:"List what was sent to a webhook, or waits."`
	Replay     webhookReplayCmd     `cmd:"" help:"Send deliveries again."`
	Disable    webhookDisableCmd    `cmd:"" help:"Send nothing for now; what happens meanwhile is kept."`
	Enable     webhookEnableCmd     `cmd:"" help:"Send again, what has waited first."`
	Remove     webhookRemoveCmd     `cmd:"" help:"Remove a webhook."`
}

// webhookView is an endpoint as commands print it; names as in the API.
type webhookView struct {
	ID           string    `json:"id"`
	Version      int64     `json:"version"`
	URL          string    `json:"url"`
	Types        []string  `json:"types"`
	Description  string    `json:"description,omitempty"`
	Disabled     bool      `json:"disabled"`
	Why          string    `json:"why,omitempty"`
	CreatedBy    string    `json:"created_by"`
	CreatedAt    time.Time `json:"created_at"`
	UpdatedAt    time.Time `json:"updated_at"`
	FailingSince time.Time `json:"failing_since,omitzero"`
	Secrets      int       `json:"secrets"`
	Secret       string    `json:"secret,omitempty"` // only of what makes it
}

func viewWebhook(e outbound.Endpoint, secret string) webhookView {
	return webhookView{
		e.ID, e.Version, e.URL, notNil(e.Types), e.Description, e.Disabled, e.Why, e.By, e.Created, e.Updated, e.Failing, e.Secrets, secret,
	}
}

// state is a word for how it is.
func (w *webhookView) state() string {
	switch {
	case w.Disabled:
		return "disabled: " + w.Why
	case !w.FailingSince.IsZero():
		return "failing since " + rfc3339(w.FailingSince)
	}
	return "well"
}

func (w *webhookView) types() string {
	if len(w.Types) == 0 {
		return "all"
	}
	return strings.Join(w.Types, " ")
}

type webhookListCmd struct {
	JSON bool `name:"json" help:"Print a JSON array."`
}

func (*webhookListCmd) Help() string { return "Examples:\n  advocate webhook list" }

func (c *webhookListCmd) Run(g *globals) error {
	rows, err := ask[[]webhookView](g, "webhook.list", nothing{})
	if err != nil {
		return err
	}
	l := listing[webhookView]{
		json: c.JSON, none: "no webhooks", head: []string{"ID", "STATE", "TYPES", "URL"},
		cells: func(w *webhookView) []string { return []string{w.ID, w.state(), w.types(), w.URL} },
	}
	return l.print(g, rows)
}

type webhookAddCmd struct {
	URL         string   `arg:"" name:"url" help:"Where to post to: https, or http where private addresses are allowed."`
	Types       []string `placeholder:"TYPE,…" help:"Event types that it takes, each exact or a beginning with * (default: all)."`
	Description string   `placeholder:"TEXT" help:"What it is for."`
	JSON        bool     `name:"json" help:"Print the webhook, its secret among it."`
}

func (*webhookAddCmd) Help() string {
	return `Each event from now on is posted, signed as Standard Webhooks 1.0 says. The secret alone stands on the last line, and is shown this once.

Examples:
  advocate webhook add https://crm.example.com/hooks --types 'advocate.case.*,advocate.workitem.created'
  SECRET=$(advocate webhook add https://crm.example.com/hooks | tail -n 1)`
}

func (c *webhookAddCmd) Run(g *globals) error {
	w, err := ask[webhookView](g, "webhook.add", webhookParams{By: operator(), URL: c.URL, Types: c.Types, Description: c.Description})
	if err != nil {
		return err
	}
	return g.printSecret(c.JSON, &w, fmt.Sprintf("%s takes events of %s.", w.ID, w.types()))
}

// printSecret shows a webhook's new secret.
func (g *globals) printSecret(asJSON bool, w *webhookView, says string) error {
	if asJSON {
		return g.printJSON(w)
	}
	fmt.Fprintf(g.stderr, "%s Its secret is shown this once:\n", clean(says))
	fmt.Fprintln(g.stdout, w.Secret)
	return nil
}

type webhookShowCmd struct {
	ID   string `arg:"" help:"Its id."`
	JSON bool   `name:"json" help:"Print JSON."`
}

func (*webhookShowCmd) Help() string { return "Examples:\n  advocate webhook show ID --json" }

func (c *webhookShowCmd) Run(g *globals) error {
	w, err := ask[webhookView](g, "webhook.show", c.ID)
	if err != nil {
		return err
	}
	if c.JSON {
		return g.printJSON(w)
	}
	t := newTerminal(g.stdout)
	for _, f := range [][2]string{
		{"id", w.ID}, {"url", w.URL}, {"types", w.types()}, {"state", w.state()}, {"about", orDash(w.Description)},
		{"made", rfc3339(w.CreatedAt) + " by " + orDash(w.CreatedBy)}, {"changed", rfc3339(w.UpdatedAt)}, {"secrets", amount(w.Secrets, "secret signs", "secrets sign")},
	} {
		t.field(0, f[0], "", clean(f[1]))
	}
	return nil
}

type webhookTestCmd struct {
	ID   string `arg:"" help:"Its id."`
	JSON bool   `name:"json" help:"Print JSON: ok, status, error, took_ms."`
}

func (*webhookTestCmd) Help() string {
	return "An event of type advocate.webhook.test is posted at once, also to one that is disabled. Exits 3 unless it is answered with 2xx.\n\nExamples:\n  advocate webhook test ID"
}

// testView is what came of a test.
type testView struct {
	OK           bool   `json:"ok"`
	Status       int    `json:"status,omitempty"`
	Error        string `json:"error,omitempty"`
	MilliSeconds int64  `json:"took_ms"`
}

func (c *webhookTestCmd) Run(g *globals) error {
	r, err := ask[testView](g, "webhook.test", webhookParams{By: operator(), ID: c.ID})
	if err != nil {
		return err
	}
	switch {
	case c.JSON:
		err = g.printJSON(r)
	case r.OK:
		fmt.Fprintf(g.stdout, "it took it: %d in %d ms\n", r.Status, r.MilliSeconds)
	default:
		fmt.Fprintf(g.stdout, "it did not take it: %s\n", clean(r.Error))
	}
	if err == nil && !r.OK {
		err = errProblem
	}
	return err
}

type webhookRotateCmd struct {
	ID   string `arg:"" help:"Its id."`
	Keep string `default:"1d" placeholder:"DURATION" help:"For how long the old secret signs beside the new one, at most 7d; 0 ends it now (default: 1d)."`
	JSON bool   `name:"json" help:"Print the webhook, its secret among it."`
}

func (*webhookRotateCmd) Help() string {
	return "Both secrets sign for a while, so that the receiver can change over without losing anything.\n\nExamples:\n  advocate webhook rotate ID\n  advocate webhook rotate ID --keep 0"
}

func (c *webhookRotateCmd) Run(g *globals) error {
	var keep span
	if c.Keep != "0" {
		if err := keep.UnmarshalText([]byte(c.Keep)); err != nil {
			return usagef("--keep: %v", err)
		}
	}
	w, err := ask[webhookView](g, "webhook.rotate", webhookParams{By: operator(), ID: c.ID, Keep: time.Duration(keep)})
	if err != nil {
		return err
	}
	return g.printSecret(c.JSON, &w, fmt.Sprintf("%s has a new secret.", w.ID))
}

type webhookDeliveriesCmd struct {
	ID    string `arg:"" help:"The webhook's id."`
	State string `enum:"pending,sending,done,dead," default:"" placeholder:"STATE" help:"Only those that are pending, sending, done or dead."`
	Limit int    `default:"50" placeholder:"N" help:"How many at most, the newest first (default: 50)."`
	JSON  bool   `name:"json" help:"Print a JSON array."`
}

func (*webhookDeliveriesCmd) Help() string {
	return "Done and dead ones are kept for two weeks. What was sent stands in the API's answer, not here.\n\nExamples:\n  advocate webhook deliveries ID --state dead\n  advocate webhook deliveries ID --state dead --json | jq -r '.[].id' | xargs -r advocate webhook replay"
}

// sentView is a delivery as commands print it: without what was sent.
type sentView struct {
	ID        string    `json:"id"`
	Webhook   string    `json:"webhook"`
	EventSeq  int64     `json:"event_seq"`
	Type      string    `json:"type"`
	State     string    `json:"state"`
	Attempt   int       `json:"attempt"`
	NotBefore time.Time `json:"not_before,omitzero"`
	Status    int       `json:"status,omitempty"`
	Error     string    `json:"error,omitempty"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

func viewSent(d *outbound.Delivery) sentView {
	return sentView{d.ID, d.Endpoint, d.EventSeq, d.Type, d.State, d.Attempt, d.NotBefore, d.Status, d.Error, d.At, d.Updated}
}

func (c *webhookDeliveriesCmd) Run(g *globals) error {
	if c.Limit < 1 || c.Limit > maxDeliveries {
		return usagef("--limit: %d; want 1 to %d", c.Limit, maxDeliveries)
	}
	rows, err := ask[[]sentView](g, "webhook.deliveries", outbound.DeliveriesParams{Endpoint: c.ID, State: c.State, Limit: c.Limit})
	if err != nil {
		return err
	}
	l := listing[sentView]{
		json: c.JSON, none: "no deliveries", head: []string{"ID", "STATE", "ATTEMPTS", "TYPE", "CREATED", "LAST"},
		cells: func(d *sentView) []string {
			last := d.Error
			if last == "" && d.Status != 0 {
				last = fmt.Sprint(d.Status)
			}
			return []string{d.ID, d.State, fmt.Sprint(d.Attempt), d.Type, rfc3339(d.CreatedAt), orDash(last)}
		},
	}
	return l.print(g, rows)
}

type webhookReplayCmd struct {
	ID []string `arg:"" name:"delivery" help:"Deliveries, as \"webhook deliveries\" names them."`
}

func (*webhookReplayCmd) Help() string {
	return "Sends those that are done or dead once more, with the same webhook-id and body.\n\nExamples:\n  advocate webhook replay DELIVERY"
}

func (c *webhookReplayCmd) Run(g *globals) error {
	return each(g, c.ID, "webhook.replay", "is sent again")
}

type webhookDisableCmd struct {
	ID []string `arg:"" help:"Webhooks."`
}

func (*webhookDisableCmd) Help() string { return "Examples:\n  advocate webhook disable ID" }

func (c *webhookDisableCmd) Run(g *globals) error {
	return each(g, c.ID, "webhook.disable", "is disabled")
}

type webhookEnableCmd struct {
	ID      []string `arg:"" help:"Webhooks."`
	FromNow bool     `help:"Leave what has happened meanwhile."`
}

func (*webhookEnableCmd) Help() string {
	return "What has waited, and what is in the event log since, is sent first.\n\nExamples:\n  advocate webhook enable ID\n  advocate webhook enable ID --from-now"
}

func (c *webhookEnableCmd) Run(g *globals) error {
	op := "webhook.enable"
	if c.FromNow {
		op = "webhook.enable-from-now"
	}
	return each(g, c.ID, op, "is enabled")
}

type webhookRemoveCmd struct {
	ID []string `arg:"" help:"Webhooks."`
}

func (*webhookRemoveCmd) Help() string {
	return "What waits for it is never sent. To stop for a while, disable it.\n\nExamples:\n  advocate webhook remove ID"
}

func (c *webhookRemoveCmd) Run(g *globals) error {
	return each(g, c.ID, "webhook.remove", "is removed")
}

// each does one thing to each, and goes on where one is refused.
func each(g *globals, ids []string, name, done string) error {
	c, err := g.connect()
	if err != nil {
		return err
	}
	var errs []error
	for _, id := range ids {
		if err := c.call(g.ctx, name, webhookParams{By: operator(), ID: id}, &nothing{}); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", clean(id), err))
			continue
		}
		fmt.Fprintf(g.stdout, "%s %s\n", clean(id), done)
	}
	return errors.Join(append(errs, c.close())...)
}
