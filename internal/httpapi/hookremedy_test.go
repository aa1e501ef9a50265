package httpapi

import (
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/social"
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

// TestAStrangersRequestHidesNoFault: anybody may send what is not signed; what
// the network's own connection fails of is said as it was.
func TestAStrangersRequestHidesNoFault(t *testing.T) {
	t.Parallel()
	for remedy, l := range map[string]engine.Link{
		"expired":      {Health: social.Health{Mode: "poll", Expires: testNow, Trouble: "the token has ended", Fault: social.FaultOperator}},
		"refused":      {Failed: testNow.Add(-time.Hour), Error: "the password was revoked", Fault: social.FaultOperator, Row: 2},
		"network_down": {Health: social.Health{Trouble: "the network cannot be reached"}},
		"signature":    {Health: social.Health{Mode: "poll", Expires: testNow.Add(24 * time.Hour)}},
	} {
		f := newFixture(t, nil)
		f.engine.hook = chirp{}
		l.Kind, l.Name, l.Hook = "network", "chirp", "chirp-in"
		f.engine.links = []engine.Link{l}
		first := func() map[string]any {
			return f.want(f.call("GET", "/v1/connections", "", f.as(auth.RoleRead)), 200).json(t)["items"].([]any)[0].(map[string]any)
		}
		before := first()
		f.want(f.call("POST", "/hooks/chirp-in", `hello`, "X-Signature: bad"), 401)
		v := first()
		if v["state"] != "failing" || v["remedy"] != remedy || remedy != "signature" && (v["error"] != before["error"] || v["mend"] != before["mend"]) {
			t.Errorf("%s: %v", remedy, v)
		}
	}
}
