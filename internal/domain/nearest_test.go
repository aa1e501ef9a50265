package domain_test

import (
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/domain"
)

func TestNearest(t *testing.T) {
	t.Parallel()
	words := []string{"orders", "customers", "queues", "id"}
	for got, want := range map[string]string{
		"order":                   "orders",
		"odrers":                  "orders", // neighbours swapped
		"Customrs":                "customers",
		"QUEUES":                  "queues",
		"weather":                 "",
		"xy":                      "", // as far off as the word is long
		"":                        "",
		strings.Repeat("o", 5000): "",
	} {
		if have := domain.Nearest(got, words); have != want {
			t.Errorf("nearest to %.20q is %q, want %q", got, have, want)
		}
	}
	if got := domain.NearestWithin("quoues", words, 0); got != "" {
		t.Errorf("with no letter wrong it is %q, want nothing", got)
	}
	if got := domain.Nearest("ab", nil); got != "" {
		t.Errorf("of no words the nearest is %q", got)
	}
}

func TestClip(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   string
		n    int
		want string
	}{{"short", 5, "short"}, {"longer", 5, "long…"}, {"größer", 6, "größer"}, {"größer", 4, "grö…"}} {
		if got := domain.Clip(c.in, c.n); got != c.want {
			t.Errorf("%q clipped to %d is %q, want %q", c.in, c.n, got, c.want)
		}
	}
}
