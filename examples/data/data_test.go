package data

import (
	"bytes"
	"encoding/csv"
	"regexp"
	"slices"
	"testing"
)

// fiction are ranges of numbers that regulators keep for films, books and
// samples, so that nobody real is called.
var fiction = map[string]*regexp.Regexp{
	"United States, 555-0100 to 555-0199": regexp.MustCompile(`^\+1\d{3}55501\d{2}$`),
	"United Kingdom, Ofcom, mobile":       regexp.MustCompile(`^\+447700900\d{3}$`),
	"Germany, Bundesnetzagentur, Berlin":  regexp.MustCompile(`^\+493023125\d{3}$`),
	"France, Arcep, mobile":               regexp.MustCompile(`^\+3363998\d{4}$`),
}

// TestNumbersAreNobodys: each sample customer's number is of such a range, and
// of nobody else among them. Spain keeps none: its customers have British ones.
func TestNumbersAreNobodys(t *testing.T) {
	t.Parallel()
	rows, err := csv.NewReader(bytes.NewReader(Customers)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	phone := slices.Index(rows[0], "phone")
	used, seen := map[string]bool{}, map[string]bool{}
	for _, row := range rows[1:] {
		n := row[phone]
		if seen[n] {
			t.Errorf("%s: %s is another customer's, too", row[0], n)
		}
		seen[n] = true
		known := false
		for name, r := range fiction {
			if r.MatchString(n) {
				known, used[name] = true, true
			}
		}
		if !known {
			t.Errorf("%s: %q is in no range that is kept for fiction", row[0], n)
		}
	}
	if len(used) != len(fiction) {
		t.Errorf("only %d of %d ranges are used", len(used), len(fiction))
	}
}
