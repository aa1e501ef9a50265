package advocate

import (
	"strconv"
	"strings"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/said"
)

// summary tells the case so far, for an agent's eyes.
func (t *deciding) summary(c *domain.Case) string {
	var out []string
	if c.Intent != "" {
		out = append(out, said.SummaryMatter.Text(string(c.Intent), first(string(c.Sentiment), string(domain.Neutral))))
	}
	for _, topic := range c.Topics {
		out = append(out, said.PointTopic.Text(string(topic)))
	}
	if o := t.orderOf(c, nil); o != nil {
		out = append(out, t.orderSummary(o)...)
	}
	if n := countFrom(c, domain.FromCustomer); n > 0 {
		out = append(out, said.PointWroteOften.Text(strconv.Itoa(n)))
	}
	if c.Replies > 0 {
		out = append(out, said.SummaryReplies.Text(strconv.Itoa(c.Replies)))
	}
	if c.Reopened > 0 {
		out = append(out, said.PointReopened.Text(strconv.Itoa(c.Reopened)))
	}
	return strings.Join(out, " ")
}

// orderSummary tells where an order stands. That it is not proven comes right
// behind, since the agent may tell nothing of it then.
func (t *deciding) orderSummary(o *domain.KnownOrder) []string {
	switch {
	case !o.Found:
		return []string{said.PointOrderUnknown.Text(o.ID)}
	case !o.Open:
		return []string{said.PointOrder.Text(o.ID, string(o.Status)), said.PointOrderUnproven.Text(o.ID)}
	}
	stands := said.PointOrder.Text(o.ID, string(o.Status))
	switch {
	case o.Status == domain.OrderDelivered && !o.DeliveredAt.IsZero():
		stands = said.PointOrderSince.Text(o.ID, string(o.Status), domain.DateIn(o.DeliveredAt, t.zone))
	case !o.ETA.IsZero() && !o.Status.Final():
		stands = said.PointOrderExpected.Text(o.ID, string(o.Status), domain.DateIn(o.ETA, t.zone))
	}
	if why := strings.TrimRight(o.Reason, ". "); why != "" {
		return []string{stands, said.PointOrderReason.Text(why)}
	}
	return []string{stands}
}

func countFrom(c *domain.Case, from string) int {
	n := 0
	for _, p := range c.Posts {
		if p.From == from {
			n++
		}
	}
	return n
}

// recalled returns a post's text if an input of this decision or an open work
// item has it.
func (t *deciding) recalled(c *domain.Case, postID string) string {
	for i := range t.inputs {
		if p := t.inputs[i].Post; p != nil && p.ID == postID {
			return clip(p.Text, 2000)
		}
	}
	for i := range t.snap.WorkItems {
		if w := &t.snap.WorkItems[i]; w.Case == c.ID && w.Post.ID == postID {
			return w.PostText
		}
	}
	return c.Quote
}
