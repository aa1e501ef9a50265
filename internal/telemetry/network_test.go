package telemetry

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/social"
)

type spoken struct {
	social.Pulse
	account string
}

func (*spoken) Name() string                      { return "mastodon:m.example" }
func (s *spoken) Account() string                 { return s.account }
func (*spoken) Capabilities() social.Capabilities { return social.Capabilities{} }
func (*spoken) Send(context.Context, social.Message) (social.Sent, error) {
	return social.Sent{}, nil
}

// mute says nothing of its health.
type mute struct{ social.Network }

func TestNetworkMetrics(t *testing.T) {
	t.Parallel()
	m := NewMetrics("test")
	now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	m.networks.now = func() time.Time { return now }
	if strings.Contains(scrape(t, m), "advocate_network_") {
		t.Error("figures of networks that nobody has")
	}
	a, b := &spoken{}, &spoken{account: "shop"}
	a.Began("stream", now)
	a.Alive(now, 2*time.Second)
	a.Quota(social.Quota{Name: "requests", Left: 250, Of: 300})
	a.Expires(now.Add(time.Hour))
	b.Began("stream", now)
	b.Ended(&social.Error{Fault: social.FaultNetwork, Safe: "down"}, now)
	m.WatchNetworks(func() []social.Network { return []social.Network{a, b, mute{}} })
	out := scrape(t, m)
	for _, want := range []string{
		`advocate_network_connected_state{account="",network="mastodon:m.example"} 1`,
		`advocate_network_connected_state{account="shop",network="mastodon:m.example"} 0`,
		`advocate_network_lag_seconds{account="",network="mastodon:m.example"} 2`,
		`advocate_network_lost_total{account="shop",network="mastodon:m.example"} 1`,
		`advocate_network_quota_left{account="",network="mastodon:m.example",quota="requests"} 250`,
		`advocate_network_credentials_left_seconds{account="",network="mastodon:m.example"} 3600`,
	} {
		if !strings.Contains(out, want+"\n") {
			t.Errorf("no %s in\n%s", want, out)
		}
	}
	if strings.Contains(out, `credentials_left_seconds{account="shop"`) {
		t.Error("credentials without an end have one")
	}
}
