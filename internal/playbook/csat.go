package playbook

import (
	"time"

	"cel.dev/cel-go/common/types"

	"github.com/contact-advocate/advocate/internal/domain"
)

// Defaults and limits of asking customers how a case went.
const (
	csatAfter      = 24 * time.Hour
	csatEvery      = 90 * 24 * time.Hour
	csatLeastAfter = 10 * time.Minute
	csatLeastEvery = 7 * 24 * time.Hour
)

// CSAT says when customers are asked how a case went. What no playbook can
// loosen is package advocate's: nobody is asked about a grave matter, nor who
// said stop.
type CSAT struct {
	After time.Duration // once the case has been resolved for so long
	Every time.Duration // a customer is asked at most once in

	p    *Playbook
	when *expr
}

// CSAT returns when customers are asked how a case went; nil for never.
func (p *Playbook) CSAT() *CSAT { return p.csat }

// Eval evaluates the condition for a resolved case. An error means that the
// customer is not asked.
func (c *CSAT) Eval(v *View) (bool, error) {
	if c.when == nil {
		return true, nil
	}
	out, err := c.when.eval(v.ready(c.p.policy.Company))
	if err != nil {
		return false, err
	}
	return out == types.True, nil
}

// csat reads the section of that name: "off", or a map.
func (b *builder) csat(n *node) {
	const expected = "off, or a map of after, every, when"
	if n.kind == scalarNode {
		if n.text != "off" && n.text != "false" {
			b.r.at(n, expected, "", "csat is %q", domain.Clip(n.text, 40))
		}
		return
	}
	if n.kind != mapNode {
		b.r.at(n, expected, "", "csat is %s", n.kind)
		return
	}
	b.r.keys(n, "csat", "after", "every", "when")
	c := &CSAT{After: csatAfter, Every: csatEvery, p: b.p}
	for _, x := range []struct {
		name  string
		dst   *time.Duration
		least time.Duration
		says  string
	}{{"after", &c.After, csatLeastAfter, "from 10m to 90d"}, {"every", &c.Every, csatLeastEvery, "from 7d to 90d"}} {
		if v := n.get(x.name); v != nil {
			if *x.dst = b.r.argDuration(v, x.name); *x.dst > 0 && *x.dst < x.least {
				b.r.at(v, x.says, "", "csat.%s is %s", x.name, domain.Clip(v.text, 40))
			}
		}
	}
	if v := n.get("when"); v != nil {
		if _, ok := b.r.word(v, "when"); ok {
			c.when = b.c.expression(b.r, v, v.text, blockLine(v), quoteColumn(v), isBool, "a condition: true or false")
		}
	}
	b.p.csat = c
}
