package scenario

import (
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/playbook"
)

// TestAMessageThatWaitsSaysUntilWhen: who wonders why nothing was sent at night
// reads until when it is held, by the customer's clock, or by the company's
// where that is unknown.
func TestAMessageThatWaitsSaysUntilWhen(t *testing.T) {
	t.Parallel()
	const night = `
scenarios:
  - name: night
    now: 2026-11-24T15:00:00Z
    given:
      customers:
        - {ref: K-2, name: Jo Berg, ZONE identities: [{network: sandbox, handle: jo}]}
      orders:
        - {id: A-10020, customer_ref: K-2, status: shipped, eta: 2026-11-26}
    when:
      - post: {from: jo, text: "@acme where is my order A-10020?", understood: {intent: order_status, needs_agent: true, confidence: 0.9}}
      - wait: 6h
      - event: {type: order.delayed, orderid: A-10020, data: {eta: "2026-11-30T12:00:00Z"}}
        then: {replies: [{contains: [A-10020]}]}
`
	for zone, company := range map[string]string{"time_zone: Europe/Berlin,": "UTC", "": "Europe/Berlin"} {
		sc, problems := playbook.ParseScenarios("night.yaml", []byte(strings.ReplaceAll(night, "ZONE", zone)))
		if problems != nil {
			t.Fatal(problems)
		}
		policy := domain.DefaultPolicy()
		policy.TimeZone = company
		r := Run(t.Context(), Options{Name: "night.yaml", Playbook: playbook.Default(), Policy: policy}, sc[0])
		if want := "is held until Wed 25 Nov 08:00 CET"; r.Passed() || strings.Count(r.String(), want) != 2 {
			t.Errorf("of %q at a company in %s it does not say %q both in what was got and in what happened:\n%s", zone, company, want, r.String())
		}
	}
}
