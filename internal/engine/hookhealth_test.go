package engine_test

import (
	"context"
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/socialtest"
	"github.com/contact-advocate/advocate/internal/store/memory"
)

// TestRefusedRequestsAreTold: that a bridge's requests are refused is seen
// though replies to it arrive, until one is taken.
func TestRefusedRequestsAreTold(t *testing.T) {
	t.Parallel()
	far := &hooked{Scripted: socialtest.NewScripted(socialtest.ScriptedOptions{Name: "far"}), hook: "far"}
	k := newKit(t, memory.New(), setup{networks: []social.Network{far}})
	answers := map[string]error{
		"forged": domain.Errorf(domain.CodeUnauthorized, "the signature is not right"),
		"twice":  domain.Errorf(domain.CodeConflict, "the id was used with another body"),
		"early":  domain.Errorf(domain.CodeUnavailable, "come back later"),
		"odd":    context.DeadlineExceeded,
	}
	far.serve = func(r social.HookRequest, _ social.Sink) (social.HookReply, error) {
		return social.HookReply{}, answers[string(r.Body)]
	}
	for _, c := range []struct {
		body, says string
		fault      social.Fault
	}{
		{"forged", "the signature is not right", social.FaultOperator},
		{"twice", "used with another body", social.FaultOperator},
		{"early", "come back later", social.FaultNetwork},
		{"odd", "the log says why", social.FaultNetwork},
		{"good", "", ""},
	} {
		_, _ = k.engine.HookServe(t.Context(), "far", social.HookRequest{Body: []byte(c.body)})
		links, err := k.engine.Links(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range links {
			if l.Name == "far" && (!strings.Contains(l.HookError, c.says) || l.HookFault != c.fault || l.HookFailed.IsZero() != (c.says == "")) {
				t.Errorf("after %q the link says %q, %q at %v", c.body, l.HookError, l.HookFault, l.HookFailed)
			}
		}
	}
}
