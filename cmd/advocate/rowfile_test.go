package main

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// endless never ends and never breaks a line.
type endless struct{ with byte }

func (e endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = e.with
	}
	return len(p), nil
}

// TestAFileWithoutLines: a line without an end is an error that names it, and
// not the end of the memory.
func TestAFileWithoutLines(t *testing.T) {
	t.Parallel()
	for name, in := range map[string]io.Reader{
		"zero":     endless{0},
		"a.csv":    io.MultiReader(strings.NewReader("ref,name\nK-1,Ann\n"), endless{'x'}),
		"a.jsonl":  io.MultiReader(strings.NewReader("{\"ref\":\"K-1\"}\n"), endless{'{'}),
		"a-quoted": io.MultiReader(strings.NewReader("ref,name\nK-1,\""), endless{'x'}),
	} {
		_, _, _, err := readAll("-", in, []string{"ref"}, customerColumns, customerOf)
		if name != "zero" && name != "a-quoted" {
			r, e := newRows(name, in, io.NopCloser(nil), []string{"ref"}, customerColumns)
			for e == nil {
				_, e = r.next()
			}
			err = e
		}
		if err == nil || !strings.Contains(err.Error(), "line ") || !strings.Contains(err.Error(), "longer than 1 MiB") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestAnImportsLineIsReadStrictly: a name that stands twice and a wrong type
// are refused, and named.
func TestAnImportsLineIsReadStrictly(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		`{"ref":"K-1","name":"Ann","name":"Bob"}`:                                 "name: stands twice",
		`{"ref":"K-1","identities":[{"network":"a","network":"b","author":"c"}]}`: "network: stands twice",
		`{"ref":"K-3","name":5}`:                                                  "name",
		`{"ref":"K-3","phone":true}`:                                              "phone",
		`{"ref":7,"name":"Ann"}`:                                                  "",
		`{"ref":"K-1","name":"\u00e9","tier":null}`:                               "",
	} {
		_, _, bad, err := readAll("-", strings.NewReader(line+"\n"), nil, customerColumns, customerOf)
		if err != nil || (len(bad) > 0) != (want != "") || len(bad) > 0 && !strings.Contains(bad[0].err.Error(), want) {
			t.Errorf("%s: %v %v", line, err, bad)
		}
	}
}

// TestParseTime: without a zone it is UTC.
func TestParseTime(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"2026-06-15":                "2026-06-15T00:00:00Z",
		"2026-06-15 08:30":          "2026-06-15T08:30:00Z",
		"2026-06-15T08:30:00":       "2026-06-15T08:30:00Z",
		"2026-06-15 08:30:00-04:00": "2026-06-15T12:30:00Z",
		"2026-06-15T08:30:00+02:00": "2026-06-15T06:30:00Z",
		"15.06.2026":                "",
		"2026-06-31":                "",
		"0001-01-01":                "",
	} {
		got, date, err := parseTime(in)
		if (err == nil) != (want != "") || err == nil && got.Format(time.RFC3339) != want || date != (in == "2026-06-15") {
			t.Errorf("%s: %s %v %v", in, got, date, err)
		}
	}
}

// TestADateInAFile: an order's date is that date wherever its customer is; what
// somebody did on a date is told by a clock, and noon has that date nearly
// everywhere.
func TestADateInAFile(t *testing.T) {
	t.Parallel()
	orders, _, bad, err := readAll("-", strings.NewReader("id,eta,promised,updated_at\nA-1,2026-11-26,2026-11-25T18:00:00-05:00,2026-11-24\n"), nil, orderColumns, orderOf)
	if err != nil || len(bad) > 0 || len(orders) != 1 {
		t.Fatalf("%v %v %v", orders, bad, err)
	}
	o := orders[0]
	zone := time.FixedZone("", -8*60*60)
	if domain.DateIn(o.ETA, zone) != "2026-11-26" || !domain.BareDate(o.ETA) || domain.BareDate(o.Promised) || domain.DateIn(o.Promised, zone) != "2026-11-25" {
		t.Errorf("expected %s, promised %s", o.ETA, o.Promised)
	}
	if got := o.UpdatedAt.Format(time.RFC3339); got != "2026-11-24T12:00:00Z" {
		t.Errorf("updated at %s", got)
	}
}

// TestAFileInLatin1 is refused row by row: repaired, KÄ-1 and KÖ-1 would be one
// customer, and A\xd6-1 and A\xc4-1 one order.
func TestAFileInLatin1(t *testing.T) {
	t.Parallel()
	const save, lost = "is not UTF-8; save the file as UTF-8", "could be mistaken for another"
	for _, c := range []struct{ name, file, want string }{
		{"a.csv", "id,reason\nA-1,ok\nA\xd6-1,ok\n", save},
		{"b.csv", "id,reason\nA-1,ok\nA-2,versp\xe4tet\n", save},
		{"a.jsonl", "{\"id\":\"A-1\"}\n{\"id\":\"A\xd6-1\"}\n", save},
		{"b.jsonl", "{\"id\":\"A-1\"}\n{\"id\":\"A-2\",\"reason\":\"\xe4\"}\n", save},
		{"c.jsonl", "{\"id\":\"A-1\"}\n{\"id\":\"A\\u0000-1\"}\n", "id: holds"},
		{"d.jsonl", "{\"id\":\"A-1\"}\n{\"id\":\"A-1\",\"customer_ref\":\"K\\ud800\"}\n", "customer_ref: holds"},
		{"c.csv", "id,reason\nA-1,ok\nA\uFFFD-1,ok\n", lost},
	} {
		rows, _, bad, err := readAllFrom(c.name, strings.NewReader(c.file), []string{"id"}, orderColumns, orderOf)
		if last := strings.Count(c.file[:len(c.file)-1], "\n") + 1; err != nil || len(rows) != 1 || len(bad) != 1 || bad[0].line != last || !strings.Contains(bad[0].err.Error(), c.want) {
			t.Errorf("%s: %v, %v, %v", c.name, rows, bad, err)
		}
	}
	for _, line := range []string{
		`{"ref":"K\u0000-1"}`, `{"ref":"K-1","identities":"sandbox/j\ufffdrg"}`, `{"ref":"K-1","identities":[{"network":"sandbox","account":"\ud800","author":"j"}]}`,
	} {
		if rows, _, bad, err := readAllFrom("x.jsonl", strings.NewReader(line+"\n"), nil, customerColumns, customerOf); err != nil || len(rows) > 0 || len(bad) != 1 || !strings.Contains(bad[0].err.Error(), lost) {
			t.Errorf("%s: %v, %v, %v", line, rows, bad, err)
		}
	}
	if _, _, bad, err := readAllFrom("x.csv", strings.NewReader("id,reason\nÄ-1,verspätet\n"), []string{"id"}, orderColumns, orderOf); err != nil || len(bad) > 0 {
		t.Errorf("UTF-8 is refused: %v, %v", bad, err)
	}
}
