package x

import (
	"context"
	"errors"
	"regexp"
	"strconv"
	"strings"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/web"
)

// manner is what else a public answer's first attempt settles: who is not to be
// called by it.
type manner struct {
	Without []string `json:"without,omitempty"`
}

// Send implements social.Network.
func (n *Network) Send(ctx context.Context, m social.Message) (social.Sent, error) {
	if err := ctx.Err(); err != nil {
		return social.Sent{}, social.Unreached(err)
	}
	if m.To.Network != Name || m.To.Account != n.c.Account || !validID(m.To.Author) {
		return social.Sent{}, &social.Error{Fault: social.FaultOurs, Safe: "the message is to nobody on X"}
	}
	if blocked, err := n.blocks(ctx, m.To.Author); err != nil || blocked {
		if err == nil {
			err = &social.Error{Fault: social.FaultCustomer, Blocked: true, Safe: "they have blocked us"}
		}
		return social.Sent{}, err
	}
	if m.Visibility == domain.Private {
		return n.sendPrivate(ctx, m)
	}
	return n.sendPublic(ctx, m)
}

func (n *Network) sendPublic(ctx context.Context, m social.Message) (social.Sent, error) {
	if !validID(m.InReplyTo) {
		return social.Sent{}, &social.Error{Fault: social.FaultOurs, Safe: "a public reply on X answers a post, and this one answers none"}
	}
	// X itself puts the mention before an answer, and does not count it
	// (https://docs.x.com/fundamentals/counting-characters, "@mentions in
	// replies").
	s := social.Sequence[manner]{
		Message: &m, Keys: &n.keys, Clock: n.kit.Clock, State: n.kit.State,
		Plan: func(ctx context.Context) (social.Plan[manner], error) {
			without, err := n.thirdPeople(ctx, &m)
			return social.Plan[manner]{Parts: n.length().Split(m.Text, "", n.c.Parts), InReplyTo: m.InReplyTo, Route: manner{without}}, err
		},
		Send: func(ctx context.Context, p social.Part[manner]) (social.Sent, error) {
			if p.InReplyTo != m.InReplyTo {
				p.Route.Without = nil // it answers our own part, which called nobody else
			}
			return n.write(ctx, p.Text, p.InReplyTo, p.Route.Without)
		},
		Find: func(ctx context.Context, p social.Part[manner]) (social.Sent, bool, error) {
			return n.find(ctx, p.Text, p.InReplyTo)
		},
	}
	return s.Run(ctx)
}

// write publishes one answer
// (https://docs.x.com/x-api/posts/manage-tweets/introduction, "Reply to a Post").
func (n *Network) write(ctx context.Context, text, to string, without []string) (social.Sent, error) {
	reply := map[string]any{"in_reply_to_tweet_id": to}
	if len(without) > 0 {
		reply["exclude_reply_user_ids"] = without
	}
	body := map[string]any{"text": text, "reply": reply}
	var out struct {
		Data struct {
			ID string `json:"id"`
		} `json:"data"`
	}
	_, err := n.ask(ctx, web.Request{Method: "POST", Path: "2/tweets", JSON: body, Out: &out})
	switch {
	case errors.Is(err, errDuplicate):
		// It may be this very answer, of an attempt that nobody heard back from.
		if sent, found, lost := n.find(ctx, text, to); lost == nil && found {
			return sent, nil
		}
		return social.Sent{}, err
	case err != nil:
		return social.Sent{}, err
	case !validID(out.Data.ID):
		return social.Sent{}, social.Unpromised() // it may be there: it will be looked for
	}
	return n.sent(out.Data.ID), nil
}

func (n *Network) sent(id string) social.Sent {
	return social.Sent{PostID: id, URL: "https://x.com/i/status/" + id, At: n.kit.Clock.Now()}
}

// Limits of a search for our own.
const findPages = 3

// find looks for an answer among our own posts since what it answers.
func (n *Network) find(ctx context.Context, text, to string) (social.Sent, bool, error) {
	us, err := n.self(ctx)
	if err != nil {
		return social.Sent{}, false, err
	}
	q := withFields(map[string][]string{"since_id": {to}, "max_results": {strconv.Itoa(perPage)}})
	for range findPages {
		var p page
		if _, err := n.ask(ctx, web.Request{Path: "2/users/" + us.ID + "/tweets", Query: q, Out: &p}); err != nil {
			return social.Sent{}, false, lookup(err)
		}
		in := readIncludes(p.Includes)
		var ids []string
		found := ""
		for _, b := range p.Data {
			post, id, ok := n.readTweet(us, b, &in)
			ids = append(ids, id)
			if ok && post.Own && post.InReplyTo == to && same(post.Text, text) {
				found = post.ID
			}
		}
		if _, err := n.spend(ctx, ids...); err != nil {
			return social.Sent{}, false, err
		}
		if found != "" {
			return n.sent(found), true, nil
		}
		if p.Meta.Next == "" {
			break
		}
		q["pagination_token"] = []string{p.Meta.Next}
	}
	return social.Sent{}, false, nil
}

// lookup is the error of a look for what was sent: whatever it is, it says
// nothing of the customer.
func lookup(err error) error {
	var e *social.Error
	if errors.As(err, &e) && e.Fault == social.FaultCustomer {
		return &social.Error{Retry: true, Fault: social.FaultNetwork, Safe: "our own posts at X cannot be seen", Cause: e}
	}
	return err
}

var (
	anyLink = regexp.MustCompile(`https?://[^\s<>"]+`)
	leading = regexp.MustCompile(`^(?:\s*@\w{1,50})+\s+`)
)

// same compares a text with what X has made of it: it adds mentions, and makes
// links its own.
func same(a, b string) bool {
	bare := func(s string) string {
		s = anyLink.ReplaceAllString(leading.ReplaceAllString(s, ""), "§")
		return strings.Join(strings.Fields(s), " ")
	}
	return bare(a) == bare(b)
}
