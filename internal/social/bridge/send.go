package bridge

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/web"
)

// outgoing is a message as the callback gets it. It has a type, which a post
// has not.
type outgoing struct {
	Type       string            `json:"type"` // "message", or "find" where it is looked for
	ID         string            `json:"id"`   // the same for every attempt
	Network    string            `json:"network"`
	Account    string            `json:"account,omitempty"`
	To         string            `json:"to"` // the author's id
	Handle     string            `json:"handle,omitempty"`
	InReplyTo  string            `json:"in_reply_to,omitempty"`
	Visibility domain.Visibility `json:"visibility"`
	Text       string            `json:"text"`
	Lang       string            `json:"lang,omitempty"`
}

// none: nothing but the parts is settled by a message's first attempt.
type none = struct{}

// Send implements social.Network.
func (n *Network) Send(ctx context.Context, m social.Message) (social.Sent, error) {
	switch {
	case m.Key == "" || !m.To.Valid() || m.To.Network != n.c.Name || m.To.Account != n.c.Account:
		return social.Sent{}, ours("the message has no key, or nobody here to go to")
	case m.Visibility == domain.Private && !n.c.Private, m.Visibility != domain.Private && !n.c.Public:
		return social.Sent{}, ours("the network is configured without such messages")
	}
	s := social.Sequence[none]{Message: &m, Keys: &n.keys, Clock: n.kit.Clock, State: n.kit.State, Unmade: unmade,
		Plan: func(context.Context) (social.Plan[none], error) {
			return social.Plan[none]{Parts: n.c.length().Split(m.Text, "", n.c.Parts), InReplyTo: m.InReplyTo}, nil
		},
		Send: func(ctx context.Context, p social.Part[none]) (social.Sent, error) {
			return n.part(ctx, &m, p.Key, p.Text, p.InReplyTo)
		}}
	if !n.c.Idempotent {
		s.Find = func(ctx context.Context, p social.Part[none]) (social.Sent, bool, error) {
			return n.look(ctx, &m, p.Key, p.Text, p.InReplyTo)
		}
	}
	return s.Run(ctx)
}

func ours(safe string) *social.Error { return &social.Error{Fault: social.FaultOurs, Safe: safe} }

// ask sends a part, or asks for one, and returns what the bridge says.
func (n *Network) ask(ctx context.Context, at *place, kind string, m *social.Message, key, text, to string) (web.Answer, error) {
	return at.web.Do(ctx, web.Request{Method: http.MethodPost, Path: at.path, Query: at.query,
		Header: http.Header{headerID: {kind + "_" + digest(n.HookName(), "\x00", key)}},
		JSON: outgoing{Type: typeOf[kind], ID: key, Network: n.c.Name, Account: n.c.Account, To: m.To.Author, Handle: m.Handle,
			InReplyTo: to, Visibility: m.Visibility, Text: text, Lang: m.Lang}})
}

// typeOf is a request's type by what its id begins with.
var typeOf = map[string]string{"msg": "message", "find": "find"}

func (n *Network) part(ctx context.Context, m *social.Message, key, text, to string) (social.Sent, error) {
	a, err := n.ask(ctx, n.callback, "msg", m, key, text, to)
	if err != nil {
		return social.Sent{}, n.failed(err, m, n.callback)
	}
	said := readAnswer(a.Body)
	if e := said.failure(a.Header, n.kit.Clock.Now(), m); e != nil {
		return social.Sent{}, e
	}
	if isPage(a.Body) {
		return social.Sent{}, notJSON(n.callback)
	}
	return n.sent(&said, key), nil
}

// isPage reports whether an answer is a page, which is what a wrong address, or
// something that asks for a sign-in, answers: to take it for a yes would lose
// the reply.
func isPage(body []byte) bool { return bytes.HasPrefix(bytes.TrimSpace(body), []byte("<")) }

func notJSON(at *place) *social.Error {
	return &social.Error{Fault: social.FaultOperator, Safe: "the " + at.name + " answers with a page instead of JSON; is its address right?"}
}

func (n *Network) sent(said *answer, key string) social.Sent {
	sent := social.Sent{PostID: said.id, URL: said.url, At: said.at}
	if sent.PostID == "" {
		sent.PostID = key
	}
	if sent.At.IsZero() {
		sent.At = n.kit.Clock.Now()
	}
	return sent
}

// failed reads an error of the client as a bridge means it.
func (n *Network) failed(err error, m *social.Message, at *place) error {
	var e *social.Error
	var status *web.StatusError
	if !errors.As(err, &e) || !errors.As(err, &status) {
		return err
	}
	said := readAnswer(status.Body)
	if e := said.failure(status.Header, n.kit.Clock.Now(), m); e != nil {
		e.Cause = errors.Join(errSaid, status)
		return e
	}
	switch s := status.Status; {
	case s >= 300 && s < 400:
		return &social.Error{Fault: social.FaultOperator, Safe: fmt.Sprintf("the %s is somewhere else (%d); configure where", at.name, s), Cause: e.Cause}
	case s == http.StatusUnauthorized:
		return &social.Error{Fault: social.FaultOperator, Safe: "the bridge does not take our signature (401): its secret is another, or its clock is wrong", Cause: e.Cause}
	case s == http.StatusNotFound || s == http.StatusGone || s == http.StatusMethodNotAllowed:
		return &social.Error{Fault: social.FaultOperator, Safe: fmt.Sprintf("the %s is not there (%d); is its address right?", at.name, s), Cause: e.Cause}
	}
	return e
}

// sign signs a request; its id stands in its header.
func (n *Network) sign(r *http.Request) error {
	keys, err := n.keyring.get(r.Context(), &n.c, n.kit.Clock)
	if err != nil {
		return social.Unreadable("the secrets of the bridge", errors.Join(errUnsent, err))
	}
	var body []byte
	if r.GetBody != nil {
		b, err := r.GetBody()
		if err != nil {
			return err
		}
		defer b.Close()
		if body, err = io.ReadAll(b); err != nil {
			return err
		}
	}
	stamp := strconv.FormatInt(n.kit.Clock.Now().Unix(), 10)
	r.Header.Set(headerTimestamp, stamp)
	r.Header.Set(headerSignature, signature(keys, r.Header.Get(headerID), stamp, body))
	return nil
}

// Check implements social.Checker: a signed GET, which a bridge may answer
// with {"account", "server"}, and which publishes nothing.
func (n *Network) Check(ctx context.Context) (social.Check, error) {
	a, err := n.callback.web.Do(ctx, web.Request{Path: n.callback.path, Query: n.callback.query,
		Header: http.Header{headerID: {"check_" + strconv.FormatInt(n.kit.Clock.Now().UnixNano(), 36)}}})
	var status *web.StatusError
	switch {
	case errors.As(err, &status) && (status.Status == http.StatusNotFound || status.Status == http.StatusMethodNotAllowed || status.Status == http.StatusNotImplemented):
		return social.Check{Warnings: []string{"the callback's host answers, but not whether the callback works: let it answer a signed GET with 200"}}, nil
	case err != nil:
		return social.Check{}, n.failed(err, &social.Message{}, n.callback)
	}
	var said struct{ Account, Server string }
	if json.Unmarshal(a.Body, &said) != nil {
		return social.Check{Warnings: []string{"the callback answers a signed GET with something else than JSON"}}, nil
	}
	return social.Check{Account: line(said.Account), Server: line(said.Server)}, nil
}

// line makes of a bridge's words one line fit for a screen.
func line(s string) string {
	s = strings.Join(strings.FieldsFunc(domain.CleanText(s), func(r rune) bool { return r <= ' ' || r >= 0x7f && r <= 0x9f }), " ")
	return domain.Clip(s, maxMessage)
}
