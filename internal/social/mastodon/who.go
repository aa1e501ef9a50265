package mastodon

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/web"
)

var (
	_ social.Selfer   = (*Network)(nil)
	_ social.Resolver = (*Network)(nil)
)

// Self implements social.Selfer.
func (n *Network) Self(ctx context.Context) (string, error) {
	me, err := n.us(ctx)
	return me.id, err
}

// Resolve implements social.Resolver: the id on our server of a name such as
// carla@social.example (https://docs.joinmastodon.org/methods/accounts/#lookup).
func (n *Network) Resolve(ctx context.Context, name string) (string, error) {
	acct := strings.TrimPrefix(name, "@")
	var a account
	_, err := n.web.Do(ctx, web.Request{Path: "/api/v1/accounts/lookup", Query: url.Values{"acct": {acct}}, Out: &a})
	switch {
	case web.Status(err) == http.StatusNotFound:
		return "", &social.Error{Fault: social.FaultCustomer, Safe: "our server knows nobody of that name", Cause: err}
	case err != nil:
		return "", notTheirs(err)
	case !validID(string(a.ID)):
		return "", social.Unpromised()
	}
	return string(a.ID), nil
}
