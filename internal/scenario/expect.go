package scenario

import (
	"fmt"
	"slices"
	"strings"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/playbook"
)

// checker compares one period with what was expected of it.
type checker struct {
	file   string
	p      *period
	story  []string
	failed []Failure
}

func (w *world) check(file string, e *playbook.Expect, p *period) []Failure {
	c := &checker{file: file, p: p, story: w.log.story(p)}
	c.replies(e)
	c.workItems(e)
	c.subscriptions(e)
	c.promises(e)
	for _, name := range e.Lookups {
		if !slices.ContainsFunc(p.lookups, func(l domain.Lookup) bool { return l.Component == name }) {
			c.fail(e.Line, "expected a lookup at %q, got: %s", name, listOf(p.lookups, showLookup))
		}
	}
	if e.Case != nil {
		c.matter(e.Line, e.Case, w.log.newestCase())
	}
	if e.SetAside != "" && !slices.ContainsFunc(p.aside, func(s string) bool {
		return e.SetAside == "any" || strings.Contains(strings.ToLower(s), strings.ToLower(e.SetAside))
	}) {
		c.fail(e.Line, "expected it to be set aside (%s), got: %s", e.SetAside, listOf(p.aside, func(s string) string { return s }))
	}
	return c.failed
}

func (c *checker) fail(line int, format string, args ...any) {
	f := Failure{File: c.file, Line: line, What: fmt.Sprintf(format, args...)}
	if len(c.failed) == 0 {
		f.Happened = c.story // once is enough: it is the same for all
	}
	c.failed = append(c.failed, f)
}

// replies matches each expected reply with another sent one, so that two
// expectations are not met by one message.
func (c *checker) replies(e *playbook.Expect) {
	taken := make([]bool, len(c.p.replies))
	for i := range e.Replies {
		x := &e.Replies[i]
		at := -1
		for j := range c.p.replies {
			if !taken[j] && replyMatches(x, &c.p.replies[j]) {
				at = j
				break
			}
		}
		if at < 0 {
			c.fail(x.Line, "expected %s, got: %s", wantReply(x), c.gotReplies())
			continue
		}
		taken[at] = true
	}
	if e.NoReplies && len(c.p.replies) > 0 {
		c.fail(e.Line, "expected no replies, got: %s", c.gotReplies())
	}
	if e.NoPublic && slices.ContainsFunc(c.p.replies, func(s sent) bool { return s.Visibility == domain.Public }) {
		c.fail(e.Line, "expected nothing in public, got: %s", c.gotReplies())
	}
}

func replyMatches(x *playbook.ExpectReply, s *sent) bool {
	text := fold(s.Text)
	return (x.Visibility == "" || x.Visibility == s.Visibility) &&
		(x.Template == "" || x.Template == s.template) &&
		(x.Lang == "" || sameLang(x.Lang, s.Lang)) &&
		!slices.ContainsFunc(x.Contains, func(want string) bool { return !strings.Contains(text, fold(want)) }) &&
		!slices.ContainsFunc(x.NotContains, func(bad string) bool { return strings.Contains(text, fold(bad)) })
}

func sameLang(want, got string) bool {
	base, _, _ := strings.Cut(got, "-")
	return strings.EqualFold(want, got) || strings.EqualFold(want, base)
}

// fold ignores case, how words are spaced, and which apostrophe was typed.
func fold(s string) string {
	return strings.ReplaceAll(strings.ToLower(strings.Join(strings.Fields(s), " ")), "’", "'")
}

func wantReply(x *playbook.ExpectReply) string {
	parts := []string{"a"}
	if x.Visibility != "" {
		parts = append(parts, string(x.Visibility))
	}
	parts = append(parts, "reply")
	if x.Template != "" {
		parts = append(parts, "from the template "+x.Template)
	}
	if x.Lang != "" {
		parts = append(parts, "in "+x.Lang)
	}
	for _, s := range x.Contains {
		parts = append(parts, fmt.Sprintf("containing %q", s))
	}
	for _, s := range x.NotContains {
		parts = append(parts, fmt.Sprintf("without %q", s))
	}
	return strings.Join(parts, " ")
}

func (c *checker) gotReplies() string {
	got := listOf(c.p.replies, func(s sent) string {
		return fmt.Sprintf("%s %s [%s, %s]: %q", s.Visibility, s.template, s.To.Author, s.Lang, domain.Clip(s.Text, 300))
	})
	if len(c.p.suggested) > len(c.p.replies) {
		got += fmt.Sprintf(" (%d decided, %d sent", len(c.p.suggested), len(c.p.replies))
		for i := range c.p.suggested {
			if until := c.p.suggested[i].held(); until != "" {
				got += "; " + until
			}
		}
		got += ")"
	}
	return got
}

func (c *checker) workItems(e *playbook.Expect) {
	taken := make([]bool, len(c.p.work))
	show := func(w domain.WorkItem) string {
		return fmt.Sprintf("%s in %s, priority %d, %s", w.Kind, w.Queue, w.Priority, w.State)
	}
	for i := range e.WorkItems {
		x := &e.WorkItems[i]
		at := -1
		for j := range c.p.work {
			w := &c.p.work[j]
			if !taken[j] && (x.Kind == "" || x.Kind == w.Kind) && (x.Queue == "" || x.Queue == w.Queue) &&
				w.Priority >= x.Priority && (x.State == "" || x.State == w.State) {
				at = j
				break
			}
		}
		if at < 0 {
			want := []string{"a work item"}
			for _, s := range [][2]string{{"of kind ", string(x.Kind)}, {"in queue ", x.Queue}, {"in state ", string(x.State)}} {
				if s[1] != "" {
					want = append(want, s[0]+s[1])
				}
			}
			if x.Priority > 0 {
				want = append(want, fmt.Sprintf("of priority %d or more", x.Priority))
			}
			c.fail(x.Line, "expected %s, got: %s", strings.Join(want, " "), listOf(c.p.work, show))
			continue
		}
		taken[at] = true
	}
	if e.NoWorkItems && c.p.created > 0 {
		c.fail(e.Line, "expected no work item, got: %s", listOf(c.p.work, show))
	}
}

func (c *checker) subscriptions(e *playbook.Expect) {
	show := func(s domain.Subscription) string { return s.To + " where " + s.Anchor.String() }
	for i := range e.Subscriptions {
		x := &e.Subscriptions[i]
		var want domain.Anchor
		if attr, value, ok := strings.Cut(x.Anchor, "="); ok {
			want, _ = domain.NormalizeAnchor(domain.Anchor{Attr: attr, Value: value})
		}
		if !slices.ContainsFunc(c.p.subs, func(s domain.Subscription) bool {
			return (x.To == "" || x.To == s.To) && (x.Anchor == "" || want == s.Anchor || slices.Contains(s.Where, want))
		}) {
			c.fail(x.Line, "expected a subscription to %s where %s, got: %s", orAny(x.To), orAny(x.Anchor), listOf(c.p.subs, show))
		}
	}
}

func (c *checker) promises(e *playbook.Expect) {
	show := func(p domain.Promise) string {
		return fmt.Sprintf("%s, %s, due %s", p.What, p.State, p.Due.Format("2006-01-02 15:04Z"))
	}
	for i := range e.Promises {
		x := &e.Promises[i]
		if !slices.ContainsFunc(c.p.promises, func(p domain.Promise) bool {
			return (x.What == "" || x.What == p.What) && (x.State == "" || x.State == p.State)
		}) {
			c.fail(x.Line, "expected a promise %s in state %s, got: %s", orAny(x.What), orAny(string(x.State)), listOf(c.p.promises, show))
		}
	}
	if e.NoPromises && c.p.made > 0 {
		c.fail(e.Line, "expected no promise, got: %s", listOf(c.p.promises, show))
	}
}

// matter checks the newest case, field by field.
func (c *checker) matter(line int, x *playbook.ExpectCase, k *domain.Case) {
	if k == nil {
		c.fail(line, "expected a case, got: none")
		return
	}
	for _, f := range []struct{ name, want, got string }{
		{"state", string(x.State), string(k.State)}, {"outcome", x.Outcome, k.Outcome}, {"intent", string(x.Intent), string(k.Intent)},
	} {
		if f.want != "" && f.want != f.got {
			c.fail(line, "expected the case's %s to be %q, got: %q %s", f.name, f.want, f.got, k.Reason)
		}
	}
	if x.HandedOver != nil && *x.HandedOver != k.HandedOver {
		c.fail(line, "expected the case's handed_over to be %v, got: %v", *x.HandedOver, k.HandedOver)
	}
	score, asked := 0, k.Rating != nil && !k.Rating.AskedAt.IsZero()
	if k.Rating != nil {
		score = k.Rating.Score
	}
	if x.Rating != nil && *x.Rating != score {
		c.fail(line, "expected the case's rating to be %d, got: %d", *x.Rating, score)
	}
	if x.Asked != nil && *x.Asked != asked {
		c.fail(line, "expected the case's customer to be asked how it went: %v, got: %v", *x.Asked, asked)
	}
	if x.Taken != nil && *x.Taken != k.Taken() {
		c.fail(line, "expected the case's taken to be %v, got: %v (owner %q)", *x.Taken, k.Taken(), k.Owner)
	}
}

func showLookup(l domain.Lookup) string {
	what := l.ID
	if what == "" {
		what = l.Query
	}
	return fmt.Sprintf("%s %q", l.Component, domain.Clip(what, 40))
}

func orAny(s string) string {
	if s == "" {
		return "any"
	}
	return s
}

// listOf shows things one after the other, "none" where there are none.
func listOf[T any](in []T, show func(T) string) string {
	if len(in) == 0 {
		return "none"
	}
	out := make([]string, len(in))
	for i := range in {
		out[i] = show(in[i])
	}
	return strings.Join(out, "; ")
}
