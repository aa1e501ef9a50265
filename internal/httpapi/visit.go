package httpapi

import (
	"context"
	"net/http"
	"strings"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/remote"
)

// visit is what a request shows of where it comes from.
type visit struct {
	from   string // the caller's address
	agent  string // the browser, as it calls itself
	secure bool   // it came by TLS, so that cookies may be marked for it
	token  string // the session's token, unjudged; "" for none
	as     string // whom it is meant to come from; "" for whoever it is
}

type visitKey struct{}

// visiting is the visit that a handler answers.
func visiting(ctx context.Context) visit {
	v, _ := ctx.Value(visitKey{}).(visit)
	return v
}

// visit reads a request. Whoever reaches the server under an address that the
// operator says is https has come by TLS, whatever ends it in front of us.
func (a *API) visit(r *http.Request) visit {
	v := visit{agent: r.UserAgent(), as: r.Header.Get(asHeader)}
	v.from, v.secure = remote.ClientAddr(r)
	v.secure = v.secure || strings.EqualFold(a.address(), "https://"+r.Host)
	v.token = auth.CookieToken(r, v.secure)
	return v
}

// address is where browsers reach this server, "" if nobody said.
func (a *API) address() string {
	if a.o.Address == nil {
		return ""
	}
	return a.o.Address()
}

// fromHere reports whether a request that carries a cookie was made by a page
// of this server, or by somebody who typed the address. Browsers say so
// (Fetch Metadata §2.3); programs, and browsers too old to, do not, and for
// these the cookie's SameSite and the check of Origin on writes remain.
func fromHere(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return true
	}
	return false
}
