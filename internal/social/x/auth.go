package x

import (
	"context"
	"net/http"

	"github.com/dghubble/oauth1"

	"github.com/contact-advocate/advocate/internal/secret"
	"github.com/contact-advocate/advocate/internal/social"
)

// signUser puts our account's credentials on a request.
func (n *Network) signUser(r *http.Request) error {
	if n.c.ClientID != "" {
		token, err := n.token(r.Context())
		if err == nil {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		return err
	}
	var values [4]string
	for i, ref := range []secret.Ref{n.c.ConsumerKey, n.c.ConsumerSecret, n.c.AccessToken, n.c.AccessTokenSecret} {
		v, err := ref.Read()
		if err != nil {
			return social.Unreadable("the credentials for X", err)
		}
		values[i] = v
	}
	// The library signs on the way out only; what goes out here is caught. A
	// JSON body is not part of what is signed (RFC 5849, 3.4.1.3.1).
	var signed capture
	client := oauth1.NewConfig(values[0], values[1]).Client(
		context.WithValue(r.Context(), oauth1.HTTPClient, &http.Client{Transport: &signed}),
		oauth1.NewToken(values[2], values[3]))
	bare := r.Clone(r.Context())
	bare.Body, bare.ContentLength = nil, 0
	resp, err := client.Transport.RoundTrip(bare)
	if err != nil {
		return &social.Error{Fault: social.FaultOperator, Safe: "a request cannot be signed with the credentials for X", Cause: err}
	}
	resp.Body.Close()
	r.Header.Set("Authorization", signed.authorization)
	return nil
}

// capture keeps a request's signature and sends nothing.
type capture struct{ authorization string }

// RoundTrip implements http.RoundTripper.
func (c *capture) RoundTrip(r *http.Request) (*http.Response, error) {
	c.authorization = r.Header.Get("Authorization")
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: r}, nil
}

// signApp puts the app's own credentials on a request.
func (n *Network) signApp(r *http.Request) error {
	token, err := n.c.BearerToken.Read()
	if err != nil {
		return social.Unreadable("the credentials for X", err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	return nil
}
