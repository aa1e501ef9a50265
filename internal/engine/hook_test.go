package engine_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/socialtest"
	"github.com/contact-advocate/advocate/internal/store/memory"
)

// hooked is a network that is told of posts by requests.
type hooked struct {
	*socialtest.Scripted
	social.Pulse
	hook  string
	asks  bool // it is configured to ask for posts
	serve func(social.HookRequest, social.Sink) (social.HookReply, error)
}

func (h *hooked) Capabilities() social.Capabilities {
	c := h.Scripted.Capabilities()
	c.In.Hook = !h.asks
	return c
}

func (h *hooked) HookName() string { return h.hook }

func (h *hooked) ServeHook(_ context.Context, r social.HookRequest, sink social.Sink) (social.HookReply, error) {
	return h.serve(r, sink)
}

func TestHooks(t *testing.T) {
	t.Parallel()
	far := &hooked{Scripted: socialtest.NewScripted(socialtest.ScriptedOptions{Name: "far"}), hook: "far"}
	k := newKit(t, memory.New(), setup{networks: []social.Network{far}})
	far.serve = func(r social.HookRequest, sink social.Sink) (social.HookReply, error) {
		switch string(r.Body) {
		case "forged":
			return social.HookReply{}, domain.Errorf(domain.CodeUnauthorized, "the signature is not right")
		case "panic":
			panic("a defect")
		case "odd":
			return social.HookReply{}, errors.New("what the connector should have said in another way")
		}
		p := k.post("ann", string(r.Body))
		p.Network = "far"
		_, err := sink.PostsAccept(t.Context(), []domain.Post{p})
		return social.HookReply{Body: []byte("taken")}, err
	}
	serve := func(name, body string) (social.HookReply, error) {
		return k.engine.HookServe(t.Context(), name, social.HookRequest{Method: "POST", Body: []byte(body)})
	}
	if reply, err := serve("far", "hello"); err != nil || string(reply.Body) != "taken" {
		t.Errorf("got %q, %v", reply.Body, err)
	}
	_, err := serve("near", "hello")
	wantCode(t, err, domain.CodeNotFound)
	_, err = serve("far", "forged")
	wantCode(t, err, domain.CodeUnauthorized)
	for _, body := range []string{"panic", "odd"} {
		_, err = serve("far", body)
		wantCode(t, err, domain.CodeInternal)
	}
	if names := k.engine.HookNames(); len(names) != 1 || names[0] != "far" {
		t.Errorf("hooks: %v", names)
	}
	if n := len(k.engine.Networks()); n != 2 {
		t.Errorf("%d networks", n)
	}

	far.Began("webhook", start)
	far.Ended(&social.Error{Fault: social.FaultOperator, Safe: "the signature is not right any more"}, start.Add(time.Minute))
	links, err := k.engine.Links(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range links {
		if l.Name == "far" && (l.Hook != "far" || l.Heard.IsZero() || l.Health.Lost != 1 || l.Health.Trouble == "") {
			t.Errorf("the link says %+v", l)
		}
	}

	k.options.Networks = append(k.options.Networks, &hooked{Scripted: socialtest.NewScripted(socialtest.ScriptedOptions{Name: "further"}), hook: "far"})
	_, err = engine.New(k.options)
	wantCode(t, err, domain.CodeInvalid)
}

// TestAnAddressThatNobodyIsTold: where an account is asked for its posts there
// is no address to tell a network of.
func TestAnAddressThatNobodyIsTold(t *testing.T) {
	t.Parallel()
	for _, asks := range []bool{true, false} {
		far := &hooked{Scripted: socialtest.NewScripted(socialtest.ScriptedOptions{Name: "far"}), hook: "far", asks: asks}
		k := newKit(t, memory.New(), setup{networks: []social.Network{far}})
		links, err := k.engine.Links(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range links {
			if l.Name == "far" && (l.Hook == "") != asks {
				t.Errorf("asking %v: its address is %q", asks, l.Hook)
			}
		}
	}
}
