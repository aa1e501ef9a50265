package httpapi

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/social"
)

// chirp is a network that tells of posts by requests: their text is the body,
// signed with "good".
type chirp struct{}

func (chirp) Name() string                      { return "chirp" }
func (chirp) Account() string                   { return "" }
func (chirp) Capabilities() social.Capabilities { return social.Capabilities{} }
func (chirp) HookName() string                  { return "chirp-in" }
func (chirp) Send(context.Context, social.Message) (social.Sent, error) {
	return social.Sent{}, nil
}

func (chirp) ServeHook(ctx context.Context, r social.HookRequest, sink social.Sink) (social.HookReply, error) {
	if r.Method == "GET" {
		if q := r.Query["token"]; len(q) != 1 || q[0] != "good" {
			return social.HookReply{}, domain.Errorf(domain.CodeUnauthorized, "the token is not right")
		}
		return social.HookReply{Body: []byte(r.Query["challenge"][0])}, nil
	}
	if s := r.Header["X-Signature"]; len(s) != 1 || s[0] != "good" {
		return social.HookReply{}, domain.Errorf(domain.CodeUnauthorized, "the signature is not right")
	}
	p := domain.Post{Network: "chirp", ID: "1", Text: string(r.Body)}
	if _, err := sink.PostsAccept(ctx, []domain.Post{p}); err != nil {
		return social.HookReply{}, err
	}
	return social.HookReply{ContentType: "application/json", Body: []byte(`{"ok":true}`)}, nil
}

func TestNetworkHook(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	f.engine.hook = chirp{}
	f.engine.links = []engine.Link{{Kind: "network", Name: "chirp", Hook: "chirp-in"}}
	state := func() map[string]any {
		return f.want(f.call("GET", "/v1/connections", "", f.as(auth.RoleRead)), 200).json(t)["items"].([]any)[0].(map[string]any)
	}
	if v := state(); v["state"] != "unused" || v["hook"] != "/hooks/chirp-in" {
		t.Errorf("before anything came: %v", v)
	}
	f.want(f.call("POST", "/hooks/chirp-in", `hello`, "X-Signature: bad"), 401)
	if v := state(); v["state"] != "failing" || v["remedy"] != "signature" {
		t.Errorf("after a bad signature: %v", v)
	}
	if a := f.want(f.call("POST", "/hooks/chirp-in", `hello`, "X-Signature: good"), 200); a.body != `{"ok":true}` || a.header.Get("Content-Type") != "application/json" {
		t.Errorf("%v %s", a.header, a.body)
	}
	if len(f.engine.posts) != 1 || f.engine.posts[0].Text != "hello" {
		t.Errorf("the engine got %v", f.engine.posts)
	}
	if v := state(); v["state"] != "ok" || v["heard_at"] == nil {
		t.Errorf("after a good one: %v", v)
	}
	// What is shown may come back: never as a page.
	a := f.want(f.call("GET", "/hooks/chirp-in?token=good&challenge=%3Cscript%3E", ""), 200)
	if a.body != "<script>" || !strings.HasPrefix(a.header.Get("Content-Type"), "text/plain") || a.header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%v %s", a.header, a.body)
	}
	f.want(f.call("GET", "/hooks/chirp-in?token=bad&challenge=1", ""), 401)
	// The network tries again what could not be kept.
	f.engine.fail = domain.Errorf(domain.CodeUnavailable, "the disk is full")
	f.want(f.call("POST", "/hooks/chirp-in", `more`, "X-Signature: good"), 503)
	f.engine.fail = nil
	f.want(f.call("GET", "/hooks/other", ""), 401) // which networks there are is not to be tried out
}

// TestNetworkHealth: what a network says of its connection is shown, and what
// will go wrong is said before.
func TestNetworkHealth(t *testing.T) {
	t.Parallel()
	day := 24 * time.Hour
	for name, c := range map[string]struct {
		health        social.Health
		state, remedy string
		mend          string
	}{
		"well":            {social.Health{Mode: "stream", LastEvent: testNow, Expires: testNow.Add(30 * day)}, "ok", "", ""},
		"elsewhere":       {social.Health{}, "unused", "", ""},
		"lost":            {social.Health{Trouble: "the network cannot be reached", Lost: 3}, "failing", "network_down", "status page"},
		"refused":         {social.Health{Trouble: "the password was revoked", Fault: social.FaultOperator}, "failing", "refused", "credentials"},
		"ends soon":       {social.Health{Mode: "poll", Expires: testNow.Add(13*day + time.Hour)}, "ok", "expiring", "in 13 days"},
		"ended":           {social.Health{Mode: "poll", Expires: testNow}, "failing", "expired", "have ended"},
		"quota":           {social.Health{Mode: "poll", Quotas: []social.Quota{{Name: "posts", Left: 9, Of: 100}}}, "ok", "quota", "posts"},
		"quota of old":    {social.Health{Mode: "poll", Quotas: []social.Quota{{Name: "posts", Left: 0, Of: 100, Resets: testNow}}}, "ok", "", ""},
		"quota left":      {social.Health{Mode: "poll", Quotas: []social.Quota{{Name: "posts", Left: 10, Of: 100}}}, "ok", "", ""},
		"both, the worse": {social.Health{Trouble: "down", Expires: testNow.Add(day)}, "failing", "network_down", "status page"},
	} {
		f := newFixture(t, nil)
		f.engine.links = []engine.Link{{Kind: "network", Name: "x", Health: c.health}}
		v := f.want(f.call("GET", "/v1/connections", "", f.as(auth.RoleRead)), 200).json(t)["items"].([]any)[0].(map[string]any)
		remedy, _ := v["remedy"].(string)
		mend, _ := v["mend"].(string)
		if v["state"] != c.state || remedy != c.remedy || !strings.Contains(mend, c.mend) {
			t.Errorf("%s: %v", name, v)
		}
	}
}
