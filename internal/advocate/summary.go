package advocate

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/contact-advocate/advocate/internal/domain"
)

// summary tells the case so far, for an agent's eyes.
func (t *deciding) summary(c *domain.Case) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %s", strings.ReplaceAll(string(c.Intent), "_", " "), c.Sentiment)
	if len(c.Topics) > 0 {
		fmt.Fprintf(&b, "; %s", joinTopics(c.Topics))
	}
	if o := t.orderOf(c, nil); o != nil {
		switch {
		case !o.Found:
			fmt.Fprintf(&b, ". Order %s: not known", o.ID)
		case !o.Open:
			fmt.Fprintf(&b, ". Order %s is %s; NOT proven by the writer: tell nothing about it", o.ID, o.Status)
		default:
			fmt.Fprintf(&b, ". Order %s is %s", o.ID, o.Status)
			if o.Status == domain.OrderDelivered && !o.DeliveredAt.IsZero() {
				fmt.Fprintf(&b, " since %s", o.DeliveredAt.In(t.zone).Format("Mon 2 Jan"))
			}
			if !o.ETA.IsZero() && !o.Status.Final() {
				fmt.Fprintf(&b, ", expected %s", o.ETA.In(t.zone).Format("Mon 2 Jan"))
			}
			if o.Reason != "" {
				fmt.Fprintf(&b, " (%s)", o.Reason)
			}
		}
	}
	fmt.Fprintf(&b, ". %s, %s", counted(countFrom(c, domain.FromCustomer), "post", "posts"), counted(c.Replies, "automated reply", "automated replies"))
	if c.Reopened > 0 {
		fmt.Fprintf(&b, ", reopened %d times", c.Reopened)
	}
	b.WriteString(".")
	return b.String()
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

func joinTopics(ts []domain.Topic) string {
	s := make([]string, len(ts))
	for i, x := range ts {
		s[i] = strings.ReplaceAll(string(x), "_", " ")
	}
	return strings.Join(s, ", ")
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
