package playbook

import "testing"

func TestQuoteIndexes(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`- x: {orderid: post.order_refs[0]}`:        `- x: {orderid: 'post.order_refs[0]'}`,
		`- x: {a: b, id: f(a, b)[0], c: [d, e[1]]}`: `- x: {a: b, id: 'f(a, b)[0]', c: [d, 'e[1]']}`,
		`- x: {id: event.data["it's"]}`:             `- x: {id: 'event.data["it''s"]'}`,
		`- x: {id: "a[0]", b: 'c[0]'} # d[0]`:       `- x: {id: "a[0]", b: 'c[0]'} # d[0]`,
		`when: post.order_refs[0] == "x"`:           `when: post.order_refs[0] == "x"`,
		"x: |\n  {a: b[0]}\ny: {a: b[0]}":           "x: |\n  {a: b[0]}\ny: {a: 'b[0]'}",
		"- a: >-\n    {b: c[0]}\n  d: {e: f[0]}":    "- a: >-\n    {b: c[0]}\n  d: {e: 'f[0]'}",
		"x: {\n  a: b[0],\n  c: d\n}":               "x: {\n  a: 'b[0]',\n  c: d\n}",
	} {
		if got := quoteIndexes(in); got != want {
			t.Errorf("%s\n got %s\nwant %s", in, got, want)
		}
	}
}
