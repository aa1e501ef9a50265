package httpapi

import (
	"strings"
	"testing"
)

// TestDocsShowFields: the page says what a call takes and gives, also inside
// lists and objects.
func TestDocsShowFields(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	page := f.want(f.call("GET", "/docs", ""), 200).body
	for _, want := range []string{
		`<code>author.id</code></th><td>string, required</td>`,
		`<code>visibility</code></th><td>public | private`,
		`<code>items[].created_at</code></th><td>time (RFC 3339)</td>`,
		`<code>queues[].waiting</code>`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if n := strings.Count(page, "<tr>"); n > 20_000 {
		t.Errorf("%d lines are no page to read", n)
	}
}
