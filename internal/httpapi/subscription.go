package httpapi

import (
	"context"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/said"
	"github.com/contact-advocate/advocate/internal/store"
)

// SubscriptionView is what an advocate waits for.
type SubscriptionView struct {
	ID      string          `json:"id"`
	Case    string          `json:"case,omitempty"`
	To      string          `json:"to" doc:"An event type, or a start of one and *."`
	Anchor  domain.Anchor   `json:"anchor"`
	Where   []domain.Anchor `json:"where,omitempty" doc:"What else must be equal."`
	Reason  string          `json:"reason,omitempty"`
	Said    []said.Part     `json:"reason_said,omitempty" doc:"The sentences of the reason."`
	Rule    string          `json:"rule,omitempty"`
	Since   time.Time       `json:"since" doc:"Events taken from then on count."`
	Expires time.Time       `json:"expires"`
	Orders  []string        `json:"orders,omitempty" doc:"It ends when none of these is open to the customer any more."`
}

// ViewSubscription shows a subscription. It shares its lists.
func ViewSubscription(s domain.Subscription) SubscriptionView {
	return SubscriptionView{s.ID, s.Case, s.To, s.Anchor, s.Where, s.Reason, said.Of(s.Reason), s.Rule, s.Since, s.Expires, s.Orders}
}

func viewSubscriptions(subs []domain.Subscription) []SubscriptionView {
	out := make([]SubscriptionView, len(subs))
	for i := range subs {
		out[i] = ViewSubscription(subs[i])
	}
	return out
}

func (a *API) customerSubscriptions(ctx context.Context, in *CustomerListInput) (*listOutput[SubscriptionView], error) {
	if err := in.one(); err != nil {
		return nil, err
	}
	var out []domain.Subscription
	err := a.view(ctx, func(r store.Reader) error {
		t, m, err := a.matter(r, &in.CustomerInput)
		if err == nil {
			out, err = kept(t.snap.Subscriptions, func(s *domain.Subscription) (bool, error) { return m.concerns(t, s.Case) })
		}
		return err
	})
	return all(viewSubscriptions(out)), err
}
