package playbook

import (
	"testing"

	"github.com/contact-advocate/advocate/internal/domain"
)

// A question is told from an answer by its words, never by what it quotes.
func TestAsks(t *testing.T) {
	t.Parallel()
	p, err := Compile("default.yaml", Default(), domain.DefaultPolicy())
	if err != nil {
		t.Fatal(err)
	}
	for template, want := range map[string]bool{
		"clarify": true, "ask-order-number": true, "order-not-found": true, "verify-again": true,
		"article": false, "order-status": false, "person-coming": false, "no-such": false,
	} {
		if got := p.Asks(template); got != want {
			t.Errorf("%s asks %v, want %v", template, got, want)
		}
	}
}
