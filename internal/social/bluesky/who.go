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
	var out struct {
		DID string `json:"did"`
	}
	err := n.ask(ctx, call{name: "com.atproto.identity.resolveHandle", query: url.Values{"handle": {handle}}, out: &out})
	switch {
	case problemOf(err).status == 400, problemOf(err).status == 404:
		return "", &social.Error{Fault: social.FaultCustomer, Safe: "nobody there is called that", Cause: err}
	case err != nil:
		return "", err
	case !validDID(out.DID):
		return "", social.Unpromised()
	}
	return out.DID, nil
}
