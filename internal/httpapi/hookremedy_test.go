package httpapi

import (
	"testing"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
)

// TestWhoMendsARefusedRequest: what was refused for good is not said to come
// again by itself.
func TestWhoMendsARefusedRequest(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	f.engine.hook = chirp{}
	f.engine.links = []engine.Link{{Kind: "network", Name: "chirp", Hook: "chirp-in"}}
	for _, c := range []struct {
		fail   error
		status int
		remedy string
	}{
		{domain.Errorf(domain.CodeConflict, "webhook-id: was used with another body"), 409, "sender"},
		{domain.FieldErrorf("text", "is empty"), 400, "sender"},
		{domain.Errorf(domain.CodeTooLarge, "is larger than 8 MiB"), 413, "sender"},
		{domain.Errorf(domain.CodeUnavailable, "the disk is full"), 503, "ours"},
	} {
		f.engine.fail = c.fail
		f.want(f.call("POST", "/hooks/chirp-in", `more`, "X-Signature: good"), c.status)
		f.engine.fail = nil
		v := f.want(f.call("GET", "/v1/connections", "", f.as(auth.RoleRead)), 200).json(t)["items"].([]any)[0].(map[string]any)
		if v["state"] != "failing" || v["remedy"] != c.remedy || v["mend"] == "" {
			t.Errorf("after %v: %v", c.fail, v)
		}
	}
}
