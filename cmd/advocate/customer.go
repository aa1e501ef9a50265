package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/httpapi"
	"github.com/contact-advocate/advocate/internal/store"
)

type customerCmd struct {
	Show    customerShowCmd    `cmd:"" help:"Show what is known of a customer."`
	Export  customerExportCmd  `cmd:"" help:"Write everything that is kept about a customer as JSON."`
	Erase   customerEraseCmd   `cmd:"" help:"Erase a customer for good."`
	Merge   customerMergeCmd   `cmd:"" help:"Make two customers one."`
	Unmerge customerUnmergeCmd `cmd:"" help:"Undo a merge."`

	Ignore   customerIgnoreCmd   `cmd:"" help:"Put an identity on the ignore list."`
	Unignore customerUnignoreCmd `cmd:"" help:"Take an identity off the ignore list."`
}

const whoHelp = "A customer's id, the company's reference, an identity (network/author), or a word to search for."

type customerShowCmd struct {
	Who  string `arg:"" help:"${who}"`
	JSON bool   `name:"json" help:"Print JSON."`
}

func (*customerShowCmd) Help() string {
	return "Examples:\n  advocate customer show K-1001\n  advocate customer show sandbox/maria --json"
}

// customerView is what "customer show" prints.
type customerView struct {
	Customer      domain.Customer            `json:"customer"`
	CreatedAt     string                     `json:"created_at"`
	Decisions     int64                      `json:"decisions"`
	Cases         []httpapi.CaseView         `json:"cases"`
	Orders        []domain.KnownOrder        `json:"orders"`
	Subscriptions []httpapi.SubscriptionView `json:"subscriptions"`
	WorkItems     []httpapi.WorkItemView     `json:"work_items"`
	History       []domain.Entry             `json:"history"` // newest first
	Merges        []mergeView                `json:"merges"`
}

type mergeView struct {
	ID   string            `json:"id"`
	From domain.CustomerID `json:"from"`
	To   domain.CustomerID `json:"to"`
	At   string            `json:"at"`
	By   string            `json:"by"`
}

func (c *customerShowCmd) Run(g *globals) error {
	v, err := ask[customerView](g, "customer.show", c.Who)
	if err != nil {
		return err
	}
	if c.JSON {
		return g.printJSON(v)
	}
	v.print(newTerminal(g.stdout))
	return nil
}

func (v *customerView) print(t *terminal) {
	p := &v.Customer
	t.printf("%s\n", t.paint(bold, clean(joinWords(p.ID.String(), p.Ref, p.Name))))
	for _, f := range [][2]string{{"phone", p.Phone}, {"e-mail", p.Email}, {"language", p.Lang}, {"time zone", p.TimeZone}, {"tier", p.Tier}, {"calls", string(p.Consent.Calls)}, {"messages", string(p.Consent.Messages)}} {
		if f[1] != "" {
			t.field(2, f[0], "", f[1])
		}
	}
	if p.Consent.Stopped {
		t.field(2, "stopped", yellow, "the customer asked us to stop")
	}
	for i := range p.Identities {
		id := &p.Identities[i]
		proof := "not proven"
		if id.Proven() {
			proof = "proven"
		}
		t.field(2, "identity", "", joinWords(id.IdentityKey.String(), id.Handle, "("+proof+")"))
	}
	for i := range v.Cases {
		c := &v.Cases[i]
		outcome := c.Outcome
		if outcome == string(c.State) {
			outcome = ""
		}
		t.field(2, "case", "", joinWords(c.ID, string(c.State), outcome, string(c.Intent), "“"+shorten(c.Quote, 80)+"”"))
	}
	for i := range v.Orders {
		o := &v.Orders[i]
		t.field(2, "order", "", joinWords(o.ID, string(o.Status), dated("promised", o.Promised), dated("expected", o.ETA), dated("arrived", o.DeliveredAt),
			map[bool]string{true: "(may be told)", false: "(not proven)"}[o.Open]))
	}
	for i := range v.Subscriptions {
		s := &v.Subscriptions[i]
		t.field(2, "wants", "", joinWords(s.To, "where", s.Anchor.String(), "until", s.Expires.Format(time.DateOnly)))
	}
	for i := range v.WorkItems {
		w := &v.WorkItems[i]
		t.field(2, "work item", "", joinWords(w.ID, string(w.Kind), string(w.State), "due", shortTime(w.Due)))
	}
	for _, m := range v.Merges {
		t.field(2, "merge", "", joinWords(m.ID, m.From.String(), "into", m.To.String(), m.At))
	}
	last := ""
	for i := range v.History {
		e := &v.History[i]
		if at := shortTime(e.At); at != last {
			t.printf("\n  %s\n", t.paint(dim, at))
			last = at
		}
		t.wide(4, 14, strings.ReplaceAll(string(e.Kind), "_", " "), cyan, joinWords(e.What, e.Text))
	}
}

// dated is the day of an order's time with what it is of, "" for none.
func dated(what string, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return what + " " + domain.DateIn(t, time.Local)
}

// joinWords joins what is not empty.
func joinWords(parts ...string) string {
	out := parts[:0:0]
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, " ")
}

// resolve finds the one customer that is meant.
func (n *node) resolve(ctx context.Context, who string) (domain.CustomerID, error) {
	who = strings.TrimSpace(who)
	if id, err := domain.ParseCustomerID(who); err == nil {
		return id, nil
	}
	var found []domain.CustomerID
	var meant []ownedIdentity
	err := n.store.View(ctx, func(r store.Reader) error {
		found = found[:0]
		ids, err := r.RefFind([]string{who})
		if err != nil {
			return err
		}
		if ids[0] != 0 {
			found = append(found, ids[0])
			return nil
		}
		if meant, err = identityFind(r, readings(who)); err != nil || len(meant) > 0 {
			for _, i := range meant {
				found = append(found, i.owner)
			}
			found = slices.Compact(found)
			return err
		}
		rows, err := r.AdvocateList(store.AdvocateListParams{Query: who, Limit: 6})
		for _, a := range rows {
			found = append(found, a.ID)
		}
		return err
	})
	switch {
	case err != nil:
		return 0, err
	case who == "" || len(found) == 0:
		return 0, domain.Errorf(domain.CodeNotFound, "there is no customer %.80q; accepted are an id, the company's reference, network/author, or words of a name", who)
	case len(found) > 1 && len(meant) > 0:
		return 0, domain.Errorf(domain.CodeConflict, "%.200q is %s, and %s; say which by the customer's id", who, meant[0], meant[1])
	case len(found) > 1:
		names := make([]string, len(found))
		for i, id := range found {
			names[i] = id.String()
		}
		return 0, domain.Errorf(domain.CodeConflict, "several customers fit %.80q, say which: %s", who, strings.Join(names, ", "))
	}
	return found[0], nil
}

func opCustomerFind(ctx context.Context, n *node, who string) (domain.CustomerID, error) {
	return n.resolve(ctx, who)
}

const shownEntries = 60

func opCustomerShow(ctx context.Context, n *node, who string) (customerView, error) {
	v := customerView{}
	id, err := n.resolve(ctx, who)
	if err != nil {
		return v, err
	}
	x, err := n.engine.Export(ctx, id)
	if err != nil {
		return v, err
	}
	v = customerView{
		Customer: x.Customer, Decisions: x.State.Version, Cases: []httpapi.CaseView{}, Orders: orderHistory(&x),
		Subscriptions: []httpapi.SubscriptionView{}, WorkItems: []httpapi.WorkItemView{}, History: []domain.Entry{}, Merges: []mergeView{},
	}
	for i := range v.Customer.Identities {
		v.Customer.Identities[i].Shown = nil // digests of few possible words: whoever reads one can try them all
	}
	for _, c := range x.Cases {
		v.Cases = append(v.Cases, httpapi.ViewCase(&x.Customer, c))
	}
	for _, s := range x.State.Subscriptions {
		v.Subscriptions = append(v.Subscriptions, httpapi.ViewSubscription(s))
	}
	for _, w := range x.WorkItems {
		v.WorkItems = append(v.WorkItems, httpapi.ViewWorkItem(w, n.engine.Policy().TimeZone))
	}
	for i := range x.Records {
		for j := len(x.Records[i].Entries) - 1; j >= 0 && len(v.History) < shownEntries; j-- {
			v.History = append(v.History, x.Records[i].Entries[j])
		}
	}
	err = n.store.View(ctx, func(r store.Reader) error {
		rows, err := r.AdvocateGet([]domain.CustomerID{x.Customer.ID})
		if err != nil {
			return err
		}
		v.CreatedAt = rfc3339(rows[0].CreatedAt)
		merges, err := r.MergeList(x.Customer.ID)
		v.Merges = v.Merges[:0]
		for _, m := range merges {
			v.Merges = append(v.Merges, mergeView{m.ID, m.From, m.To, rfc3339(m.At), m.By})
		}
		return err
	})
	return v, err
}

// orderHistory is every order that the company holds for a customer and those
// that came up beside them, the newest first, without their secrets.
func orderHistory(x *engine.Export) []domain.KnownOrder {
	proven := slices.ContainsFunc(x.Customer.Identities, func(i domain.Identity) bool { return i.Proven() })
	out := slices.Clone(notNil(x.State.Orders))
	for i := range x.Orders {
		if o := &x.Orders[i]; !slices.ContainsFunc(out, func(k domain.KnownOrder) bool { return k.ID == o.ID }) {
			out = append(out, domain.KnownOrder{Order: *o, Open: proven, Found: true, At: o.UpdatedAt})
		}
	}
	for i := range out {
		out[i].Order = out[i].Public()
	}
	slices.SortStableFunc(out, func(a, b domain.KnownOrder) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.ID, b.ID)) })
	return out
}

func notNil[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

type customerExportCmd struct {
	Who string `arg:"" help:"${who}"`
	Out string `placeholder:"FILE" help:"Write there, readable by you only (default: standard output)."`
}

func (*customerExportCmd) Help() string {
	return "Examples:\n  advocate customer export K-1001 --out maria.json"
}

func (c *customerExportCmd) Run(g *globals) error {
	x, err := ask[json.RawMessage](g, "customer.export", c.Who)
	if err != nil {
		return err
	}
	if c.Out == "" {
		return g.printJSON(x)
	}
	f, err := os.OpenFile(c.Out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%s is there already and is not written over; take another name, or remove it first", c.Out)
	}
	if err != nil {
		return err
	}
	enc := json.NewEncoder(f)
	enc.SetIndent("", "  ")
	return errors.Join(enc.Encode(x), f.Close())
}

func opCustomerExport(ctx context.Context, n *node, who string) (engine.Export, error) {
	id, err := n.resolve(ctx, who)
	if err != nil {
		return engine.Export{}, err
	}
	return n.engine.Export(ctx, id)
}

type customerEraseCmd struct {
	Who string `arg:"" help:"${who}"`
	Yes bool   `help:"Do it; without, it is only said who would be erased."`
}

func (*customerEraseCmd) Help() string {
	return `Removes the customer's state, history, posts, orders, events and work items, and cancels what was still to be sent. It cannot be undone; a restored backup applies it again (keep erasures.log, beside the database).

Examples:
  advocate customer erase K-1001
  advocate customer erase K-1001 --yes`
}

func (c *customerEraseCmd) Run(g *globals) error {
	if !c.Yes {
		v, err := ask[customerView](g, "customer.show", c.Who)
		if err != nil {
			return err
		}
		fmt.Fprintf(g.stdout, "would erase %s; say --yes to do it\n", clean(joinWords(v.Customer.ID.String(), v.Customer.Ref, v.Customer.Name)))
		return nil
	}
	id, err := ask[domain.CustomerID](g, "customer.erase", eraseParams{c.Who, operator()})
	if err == nil {
		fmt.Fprintf(g.stdout, "%s is erased\n", id)
	}
	return err
}

type eraseParams struct{ Who, By string }

func opCustomerErase(ctx context.Context, n *node, p eraseParams) (domain.CustomerID, error) {
	id, err := n.resolve(ctx, p.Who)
	if err != nil {
		return 0, err
	}
	if err := n.engine.Erase(ctx, id, p.By); err != nil {
		return 0, err
	}
	return id, n.syncErasures(ctx)
}

type customerMergeCmd struct {
	From string `arg:"" help:"The customer that ceases to be one of its own."`
	Into string `arg:"" help:"The customer that both are from now on."`
}

func (*customerMergeCmd) Help() string {
	return "Both are given as an id, a reference or an identity. Prints the merge's id, which \"unmerge\" takes.\n\nExamples:\n  advocate customer merge sandbox/maria_l K-1001"
}

func (c *customerMergeCmd) Run(g *globals) error {
	id, err := ask[string](g, "customer.merge", mergeParams{c.From, c.Into, operator()})
	if err == nil {
		fmt.Fprintln(g.stdout, id)
	}
	return err
}

type mergeParams struct{ From, Into, By string }

func opCustomerMerge(ctx context.Context, n *node, p mergeParams) (string, error) {
	from, err := n.resolve(ctx, p.From)
	if err != nil {
		return "", err
	}
	into, err := n.resolve(ctx, p.Into)
	if err != nil {
		return "", err
	}
	return n.engine.Merge(ctx, from, into, p.By)
}

type customerUnmergeCmd struct {
	ID string `arg:"" help:"The merge's id, as \"merge\" printed it and \"customer show\" lists it."`
}

func (*customerUnmergeCmd) Help() string { return "Examples:\n  advocate customer unmerge m-…" }

func (c *customerUnmergeCmd) Run(g *globals) error {
	_, err := ask[nothing](g, "customer.unmerge", unmergeParams{c.ID, operator()})
	if err == nil {
		fmt.Fprintf(g.stdout, "%s is undone\n", clean(c.ID))
	}
	return err
}

type unmergeParams struct{ ID, By string }

func opCustomerUnmerge(ctx context.Context, n *node, p unmergeParams) (nothing, error) {
	return nothing{}, n.engine.Unmerge(ctx, p.ID, p.By)
}
