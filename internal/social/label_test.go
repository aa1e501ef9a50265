package social_test

import (
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/social"
)

func TestLabel(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "help", "2nd", "eu-west_1", strings.Repeat("a", 50)} {
		if err := social.CheckLabel(s); err != nil {
			t.Errorf("%q: %v", s, err)
		}
	}
	for _, s := range []string{" ", "a b", "a/b", "../x", "Help", "-help", "hilfe!", "büro", "a\n", strings.Repeat("a", 51)} {
		if err := social.CheckLabel(s); err == nil || !strings.Contains(err.Error(), "a-z") {
			t.Errorf("%q: %v; want a refusal that says what is accepted", s, err)
		}
	}
}
