package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/domain"
)

// TestImportRefusesNonsense: a cell that cannot mean anything refuses its row
// with the field, what was found and what is accepted.
func TestImportRefusesNonsense(t *testing.T) {
	t.Parallel()
	cell := func(name, value string) row {
		b, _ := json.Marshal(value)
		return row{line: 2, fields: map[string]json.RawMessage{"id": []byte(`"B-1"`), name: b}}
	}
	for _, c := range []struct{ field, bad, wanted, good string }{
		{"status", "flying", "created, paid, shipped", "Shipped"},
		{"status", "shiped", "did you mean shipped?", "delayed"},
		{"total", "abc", "129.00", "129.00"},
		{"total", "12,5,0", "129.00", "-3"},
		{"currency", "EURO", "EUR", "eur"},
		{"email", "ann@", "ann@example.com", "ann@example.com"},
		{"email", "Ann <ann@example.com>", "ann@example.com", "a.b+c@mail.example.org"},
	} {
		_, err := orderOf(cell(c.field, c.bad))
		if err == nil || !strings.HasPrefix(err.Error(), c.field+":") || !strings.Contains(err.Error(), c.bad) || !strings.Contains(err.Error(), c.wanted) {
			t.Errorf("%s %q: %v", c.field, c.bad, err)
		}
		if _, err := orderOf(cell(c.field, c.good)); err != nil {
			t.Errorf("%s %q: %v", c.field, c.good, err)
		}
	}
	for _, c := range []struct{ field, bad, wanted, good string }{
		{"phone", "12", "+12025550101", "+1 (202) 555-0101"},
		{"phone", "call me", "+12025550101", "0151 23456789"},
		{"lang", "German", "de", "pt-BR"},
		{"time_zone", "Mars/Base", "Europe/Berlin", "UTC"},
		{"email", "ann@localhost", "ann@example.com", "ann@example.com"},
	} {
		r := cell(c.field, c.bad)
		delete(r.fields, "id")
		r.fields["ref"] = []byte(`"K-1"`)
		_, err := customerOf(r)
		if err == nil || !strings.HasPrefix(err.Error(), c.field+":") || !strings.Contains(err.Error(), c.bad) || !strings.Contains(err.Error(), c.wanted) {
			t.Errorf("%s %q: %v", c.field, c.bad, err)
		}
		r.fields[c.field], _ = json.Marshal(c.good)
		if _, err := customerOf(r); err != nil {
			t.Errorf("%s %q: %v", c.field, c.good, err)
		}
	}
	if o, err := orderOf(cell("status", "Shipped")); err != nil || o.Status != domain.OrderShipped {
		t.Errorf("%+v, %v", o, err)
	}
}

// TestImportTakesTheRest: a refused row, also one with a cell too few, keeps
// no other out, and the same file again changes nothing.
func TestImportTakesTheRest(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	must(t, dir, "migrate")
	write(t, dir, "o.csv", "id,customer_ref,status,eta\nP-1,K-2,shipped,2026-12-01\nB-7,too,few\nP-2,K-2,flying,\nP-3,K-2,delayed,2026-12-04\n")
	for _, want := range []importReport{{Rows: 4, Added: 2}, {Rows: 4, Unchanged: 2}} {
		r := command(t, dir, "", "import", "orders", "o.csv", "--json")
		rep := decode[importReport](t, r.stdout)
		if r.code != exitProblem || rep.Added != want.Added || rep.Updated != 0 || rep.Unchanged != want.Unchanged || len(rep.Refused) != 2 {
			t.Fatalf("exit %d: %+v", r.code, rep)
		}
		if f := rep.Refused; f[0].Line != 3 || !strings.Contains(f[0].Reason, "3 cells") || f[1].Line != 4 || !strings.Contains(f[1].Reason, "status") {
			t.Errorf("%+v", f)
		}
	}
}
