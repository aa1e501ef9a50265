package telemetry

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

func TestDeskMetrics(t *testing.T) {
	t.Parallel()
	m := NewMetrics("test")
	d := m.Desk()
	var err error
	d.Watch(func(context.Context) (DeskState, error) {
		return DeskState{
			Queues: []DeskQueue{{Name: "care", Waiting: 3, Later: 1, Offered: 2, Assigned: 4, Wrapping: 5, Oldest: 90 * time.Second}},
			Agents: map[domain.Activity]int{domain.ActivityAvailable: 7, domain.ActivityWrapping: 1},
		}, err
	})
	d.OfferEnded("care", domain.ReservationRejected)
	d.Taken("care", true)
	d.Taken("care", false)
	d.Overdue("care")
	d.Stale()
	d.Matched(3 * time.Millisecond)
	text := scrape(t, m)
	for _, want := range []string{
		`advocate_desk_items{queue="care",state="waiting"} 3`, `advocate_desk_items{queue="care",state="later"} 1`, `advocate_desk_items{queue="care",state="wrapping"} 5`,
		`advocate_desk_oldest_seconds{queue="care"} 90`, `advocate_desk_agents{activity="available"} 7`, `advocate_desk_agents{activity="after_contact_work"} 1`,
		`advocate_desk_agents{activity="break"} 0`, `advocate_desk_offers_ended_total{outcome="rejected",queue="care"} 1`, `advocate_desk_offers_ended_total{outcome="accepted",queue="care"} 0`,
		`advocate_desk_taken_total{queue="care"} 2`, `advocate_desk_taken_in_target_total{queue="care"} 1`, `advocate_desk_overdue_total{queue="care"} 1`,
		`advocate_desk_stale_total 1`, `advocate_desk_match_duration_seconds_bucket{le="0.005"} 1`, `advocate_desk_match_duration_seconds_bucket{le="0.0025"} 0`,
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("metrics lack %s", want)
		}
	}
	err = errors.New("away")
	if text = scrape(t, m); strings.Contains(text, "advocate_desk_items{") || !strings.Contains(text, "advocate_desk_stale_total 1\n") {
		t.Error("where the store is away, what was counted is given and nothing else")
	}
}

func TestCertificateMetrics(t *testing.T) {
	t.Parallel()
	m := NewMetrics("test")
	if text := scrape(t, m); strings.Contains(text, "advocate_tls_") {
		t.Error("without TLS there is something to say of it")
	}
	s := Certificates{Ends: time.Now().Add(100 * time.Hour), Renewed: 2}
	m.WatchCertificates(func(context.Context) (Certificates, error) { return s, nil })
	if text := scrape(t, m); !strings.Contains(text, "advocate_tls_left_seconds 3") || !strings.Contains(text, "advocate_tls_failing_state 0\n") || !strings.Contains(text, "advocate_tls_renewed_total 2\n") {
		t.Errorf("metrics are %s", text)
	}
	s = Certificates{Failing: true}
	if text := scrape(t, m); !strings.Contains(text, "advocate_tls_left_seconds 0\n") || !strings.Contains(text, "advocate_tls_failing_state 1\n") {
		t.Error("a missing certificate is not told")
	}
}
