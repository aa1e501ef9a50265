package main

import (
	"context"
	"fmt"
	"io"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
)

type importCmd struct {
	Orders    importOrdersCmd    `cmd:"" help:"Import orders from CSV or JSON lines."`
	Customers importCustomersCmd `cmd:"" help:"Import customers from CSV or JSON lines."`
}

// importBatch is how many rows are handed in at once.
const importBatch = 500

// importReport is what --json prints.
type importReport struct {
	Rows      int             `json:"rows"`
	Added     int             `json:"added"`
	Updated   int             `json:"updated"`
	Unchanged int             `json:"unchanged"`
	Refused   []importRefusal `json:"refused"`
}

type importRefusal struct {
	Line   int    `json:"line"`
	Name   string `json:"name,omitempty"`
	Reason string `json:"reason"`
}

type importOrdersCmd struct {
	File string `arg:"" help:"CSV or JSON lines; \"-\" is standard input."`
	JSON bool   `name:"json" help:"Print the report as JSON."`
}

func (*importOrdersCmd) Help() string {
	return `Columns or fields: id, customer_ref, status, placed_at, eta, promised, delivered_at, carrier, tracking, items, total, currency, reason, area, email, postcode, version, updated_at. Only id is required. In CSV, items are text: "2x Kettle (KET-2); Lamp". Times are RFC 3339, such as 2026-11-30T14:00:00-05:00; without a zone they are UTC, and a date alone is told as that date everywhere.

Importing the same file again changes nothing. An older version or updated_at never overwrites a newer one. email and postcode are the order's secrets: who knows one is told about the order.

Examples:
  advocate import orders orders.csv
  zcat orders.jsonl.gz | advocate import orders - --json`
}

func (c *importOrdersCmd) Run(g *globals) error {
	rows, lines, bad, err := readAll(c.File, g.stdin, []string{"id"}, orderColumns, orderOf)
	if err != nil {
		return err
	}
	return runImport(g, "import.orders", c.File, rows, lines, bad, c.JSON)
}

type importCustomersCmd struct {
	File string `arg:"" help:"CSV or JSON lines; \"-\" is standard input."`
	JSON bool   `name:"json" help:"Print the report as JSON."`
}

func (*importCustomersCmd) Help() string {
	return `Columns or fields: ref, name, phone, email, lang, time_zone, tier, identities, calls, messages. Only ref, the company's own reference, is required. In CSV, identities are "network/author" or "network/account/author", divided by spaces; what you import counts as proven. calls and messages are "granted" or "refused".

Examples:
  advocate import customers customers.csv`
}

func (c *importCustomersCmd) Run(g *globals) error {
	rows, lines, bad, err := readAll(c.File, g.stdin, []string{"ref"}, customerColumns, customerOf)
	if err != nil {
		return err
	}
	return runImport(g, "import.customers", c.File, rows, lines, bad, c.JSON)
}

// runImport hands rows in batch by batch and tells what came of them.
func runImport[T any](g *globals, operation, file string, rows []T, lines []int, bad []badLine, asJSON bool) error {
	c, err := g.connect()
	if err != nil {
		return err
	}
	defer c.close()
	rep := importReport{Rows: len(rows) + len(bad), Refused: []importRefusal{}}
	for _, b := range bad {
		rep.Refused = append(rep.Refused, importRefusal{Line: b.line, Reason: b.err.Error()})
	}
	p := newProgress(newTerminal(g.stderr), "import")
	p.unit = "row"
	for at := 0; at < len(rows); at += importBatch {
		end := min(at+importBatch, len(rows))
		var part engine.ImportReport
		if err := c.call(g.ctx, operation, rows[at:end], &part); err != nil {
			p.end()
			return fmt.Errorf("after %s: %w", amount(at, "row"), err)
		}
		rep.Added, rep.Updated, rep.Unchanged = rep.Added+part.Added, rep.Updated+part.Updated, rep.Unchanged+part.Unchanged
		for _, r := range part.Refused {
			rep.Refused = append(rep.Refused, importRefusal{Line: lines[at+r.Row-1], Name: r.Name, Reason: r.Reason})
		}
		if len(rows) > importBatch {
			p.show(end, len(rows), "")
		}
	}
	if len(rows) > importBatch {
		p.end()
	}
	return rep.tell(g, file, asJSON)
}

func (rep *importReport) tell(g *globals, file string, asJSON bool) error {
	if asJSON {
		if err := g.printJSON(rep); err != nil {
			return err
		}
	} else {
		rep.print(g.stdout, file)
	}
	if len(rep.Refused) > 0 {
		return errProblem
	}
	return nil
}

func (rep *importReport) print(w io.Writer, file string) {
	for _, r := range rep.Refused {
		fmt.Fprintf(w, "%s:%d: %srefused: %s\n", file, r.Line, nameColon(r.Name), clean(r.Reason))
	}
	fmt.Fprintf(w, "%s: %d added, %d updated, %d unchanged, %d refused\n", amount(rep.Rows, "row"), rep.Added, rep.Updated, rep.Unchanged, len(rep.Refused))
}

func nameColon(s string) string {
	if s == "" {
		return ""
	}
	return clean(s) + ": "
}

func opImportOrders(ctx context.Context, n *node, rows []domain.Order) (engine.ImportReport, error) {
	if err := n.needPlaybook(ctx); err != nil {
		return engine.ImportReport{}, err
	}
	return n.engine.OrdersImport(ctx, rows)
}

func opImportCustomers(ctx context.Context, n *node, rows []engine.CustomerImport) (engine.ImportReport, error) {
	if err := n.needPlaybook(ctx); err != nil {
		return engine.ImportReport{}, err
	}
	return n.engine.CustomersImport(ctx, rows)
}
