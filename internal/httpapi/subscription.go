package httpapi

import (
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// SubscriptionView is what an advocate waits for.
type SubscriptionView struct {
	ID      string          `json:"id"`
	Case    string          `json:"case,omitempty"`
	To      string          `json:"to" doc:"An event type, or a start of one and *."`
	Anchor  domain.Anchor   `json:"anchor"`
	Where   []domain.Anchor `json:"where,omitempty" doc:"What else must be equal."`
	Reason  string          `json:"reason,omitempty"`
	Rule    string          `json:"rule,omitempty"`
	Since   time.Time       `json:"since" doc:"Events taken from then on count."`
	Expires time.Time       `json:"expires"`
	Orders  []string        `json:"orders,omitempty" doc:"It ends when none of these is open to the customer any more."`
}

// ViewSubscription shows a subscription. It shares its lists.
func ViewSubscription(s domain.Subscription) SubscriptionView {
	return SubscriptionView{s.ID, s.Case, s.To, s.Anchor, s.Where, s.Reason, s.Rule, s.Since, s.Expires, s.Orders}
}

func viewSubscriptions(subs []domain.Subscription) []SubscriptionView {
	out := make([]SubscriptionView, len(subs))
	for i := range subs {
		out[i] = ViewSubscription(subs[i])
	}
	return out
}
