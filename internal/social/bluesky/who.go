package bluesky

import (
	"context"
	"net/url"
	"strings"

	"github.com/contact-advocate/advocate/internal/social"
)

var (
	_ social.Selfer   = (*Network)(nil)
	_ social.Resolver = (*Network)(nil)
)

// Self implements social.Selfer.
func (n *Network) Self(ctx context.Context) (string, error) { return n.us(ctx) }

// Resolve implements social.Resolver: a handle's DID.
func (n *Network) Resolve(ctx context.Context, name string) (string, error) {
	handle := strings.TrimPrefix(name, "@")
	if !validHandle(handle) {
		return "", &social.Error{Fault: social.FaultOurs, Safe: "it is no handle, such as carla.example.com"}
	}
	did, err := n.handleDID(ctx, handle)
	if p := problemOf(err); p.status == 400 || p.status == 404 {
		return "", &social.Error{Fault: social.FaultCustomer, Safe: "nobody there is called that", Cause: err}
	}
	return did, err
}

// handleDID asks whose a handle is
// (lexicons/com/atproto/identity/resolveHandle.json).
func (n *Network) handleDID(ctx context.Context, handle string) (string, error) {
	var out struct {
		DID string `json:"did"`
	}
	if err := n.ask(ctx, call{name: "com.atproto.identity.resolveHandle", query: url.Values{"handle": {handle}}, out: &out}); err != nil {
		return "", err
	}
	if !validDID(out.DID) {
		return "", social.Unpromised()
	}
	return out.DID, nil
}
