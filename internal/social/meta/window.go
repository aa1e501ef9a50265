package meta

import (
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
)

// In what time somebody may be written to after they wrote (developers
// .facebook.com/docs/messenger-platform/policy/policy-overview, "Standard
// Messaging" and "Human Agent"; …/discovery/private-replies, "Limitations").
const (
	standardWindow = 24 * time.Hour
	humanWindow    = 7 * 24 * time.Hour
	replyWindow    = 7 * 24 * time.Hour // a private reply to a comment
)

func tooLate(safe string) *social.Error {
	return &social.Error{Fault: social.FaultCustomer, Closed: true, Safe: safe} // until they write to us
}

// privateRoute finds the way that is open to somebody now. Where we do not
// know when they last wrote, the network is asked by sending.
func (n *Network) privateRoute(ctx context.Context, m *social.Message) (route, error) {
	if strings.HasPrefix(m.To.Author, "@") {
		return route{}, tooLate("Instagram has told only this person's name, which is no address for messages: answer in public, or wait until they write")
	}
	if !numberPattern.MatchString(m.To.Author) {
		return route{}, &social.Error{Fault: social.FaultCustomer, Safe: "nobody of that id can be written to from here"}
	}
	t, err := n.talks.Last(ctx, m.To.Author, time.Time{})
	if err != nil {
		return route{}, err
	}
	age := n.kit.Clock.Now().Sub(t.At)
	switch {
	case !t.At.IsZero() && age < standardWindow:
		return route{Way: wayMessage, To: m.To.Author}, nil
	case commentPattern.MatchString(m.InReplyTo):
		return n.replyRoute(ctx, m)
	case t.At.IsZero():
		return route{Way: wayMessage, To: m.To.Author}, nil
	case age < humanWindow && m.Person && n.c.HumanAgent:
		return route{Way: wayHuman, To: m.To.Author}, nil
	case age < humanWindow && !m.Person && n.c.HumanAgent:
		return route{}, tooLate("more than 24 hours have passed since this person wrote: only what a person writes may leave now")
	}
	return route{}, tooLate(closedWindow)
}

// replyRoute looks whether a comment may have a private reply still, and
// whether it is theirs: it would go to whoever wrote the comment.
func (n *Network) replyRoute(ctx context.Context, m *social.Message) (route, error) {
	fields := "id,from{id},created_time,can_reply_privately"
	if n.c.Kind == Instagram {
		fields = "id,from{id,username},timestamp"
	}
	var c struct {
		comment
		Can *bool `json:"can_reply_privately"`
	}
	if err := n.get(ctx, m.InReplyTo, url.Values{"fields": {fields}}, &c); err != nil {
		return route{}, err
	}
	at := c.Created.Time
	if n.c.Kind == Instagram {
		at = c.Timestamp.Time
	}
	switch {
	case c.From.ID == "":
		_, err := valid(domain.Post{}, false)
		return route{}, err
	case string(c.From.ID) != m.To.Author:
		return route{}, &social.Error{Fault: social.FaultOurs, Safe: "the comment that is to be answered in private is somebody else's"}
	case !at.IsZero() && n.kit.Clock.Now().Sub(at) >= replyWindow:
		return route{}, tooLate("the comment is older than 7 days: it takes no private reply any more")
	case c.Can != nil && !*c.Can:
		return route{}, tooLate("this comment takes no private reply")
	}
	return route{Way: wayPrivate, To: m.InReplyTo}, nil
}
