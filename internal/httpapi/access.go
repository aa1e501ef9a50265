package httpapi

import (
	"context"
	"net"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/domain"
)

// access is what a route asks of its caller: one of auth's permissions, or all
// that reading takes. Beside these there are four that ask for no credentials,
// and two that ask for nothing but them.
type access string

const (
	open     access = "open"    // anybody
	sandboxy access = "sandbox" // anybody, while the sandbox network is on for them
	inside   access = "inside"  // anybody on this machine, while the demo's inside view is on
	signed   access = "signed"  // whoever can sign: webhooks
	anyone   access = "anyone"  // whoever shows a token or a session that stands
	account  access = "account" // a person who is signed in, about their own account

	read          = access(auth.RoleRead) // all that the role may: what mixes customers, work and setup
	readCustomers = access(auth.ReadCustomers)
	readWork      = access(auth.ReadWork)
	readSetup     = access(auth.ReadSetup)
	work          = access(auth.Work)
	supervise     = access(auth.Supervise)
	reports       = access(auth.Reports)
	configure     = access(auth.Configure)
	ingest        = access(auth.Ingest)
	erase         = access(auth.Erase)
	people        = access(auth.People)
	auditing      = access(auth.Audit)
)

// rights are a role's, or what a caller has of them.
type rights interface {
	Can(need auth.Permission) bool
	May(need auth.Role) bool
}

// allowedBy reports whether rights are enough. What a restricted person may do
// about their own account is no right, and not asked here.
func (need access) allowedBy(r rights) bool {
	if need == read {
		return r.May(auth.RoleRead)
	}
	return r.Can(auth.Permission(need))
}

// free reports whether a route is answered without credentials.
func (need access) free() bool {
	return need == open || need == sandboxy || need == inside || need == signed
}

func (need access) String() string {
	if need == read {
		return "role read"
	}
	return "permission " + string(need)
}

type principalKey struct{}

// caller is who is asking; empty on routes without a token.
func caller(ctx context.Context) auth.Principal {
	p, _ := ctx.Value(principalKey{}).(auth.Principal)
	return p
}

// guard lets a request through to its handler or answers it.
func (a *API) guard(c *call) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		r, w := humago.Unwrap(ctx)
		who, err := a.admit(r, c.need)
		if err == nil {
			err = c.whole(&who)
		}
		if err != nil {
			a.refused(ctx, c, who)
			a.refuse(w, r, err)
			return
		}
		if err := a.seated(w, r, c, &who); err != nil {
			a.refuse(w, r, err)
			return
		}
		if who.Name != "" {
			ctx = huma.WithValue(ctx, principalKey{}, who)
		}
		next(c.follow(huma.WithValue(ctx, visitKey{}, a.visit(r))))
	}
}

// admit decides whether a request may reach a route.
func (a *API) admit(r *http.Request, need access) (auth.Principal, error) {
	switch need {
	case open, signed:
		return auth.Principal{}, nil
	case sandboxy:
		if a.o.Sandbox == nil || a.o.SandboxHere && !local(r) {
			return auth.Principal{}, domain.Errorf(domain.CodeNotFound, "the sandbox network is off")
		}
		return auth.Principal{}, nil
	case inside:
		if a.o.Sandbox == nil || !a.o.DemoInside || !local(r) {
			return auth.Principal{}, domain.Errorf(domain.CodeNotFound, "the inside view is part of \"advocate demo\", on the machine it runs on")
		}
		return auth.Principal{Name: "demo", Role: auth.RoleSupervisor, AllQueues: true}, nil
	}
	who, err := a.identify(r, attended(r) && !a.streams[r.Pattern])
	if err == nil {
		err = inTheirName(r, who)
	}
	if err != nil {
		return auth.Principal{}, err
	}
	return who, judge(&who, need)
}

// identify says who is asking: by the Authorization header or, where there is
// none, by the cookie of a session. A header that is no good is not made up for
// by a cookie. used says that a person is behind the request, for their session's
// time.
func (a *API) identify(r *http.Request, used bool) (auth.Principal, error) {
	v := a.visit(r)
	if h := r.Header.Get("Authorization"); h != "" || v.token == "" || a.o.People == nil {
		who, err := a.verifier.Verify(r.Context(), h)
		if err != nil {
			return auth.Principal{}, err
		}
		who.From = v.from
		return who, nil
	}
	if !fromHere(r) {
		return auth.Principal{}, domain.Errorf(domain.CodeForbidden, "a page of another origin may not do this")
	}
	session := a.o.People.Session
	if used {
		session = a.o.People.SessionUse
	}
	who, _, err := session(r.Context(), v.token)
	if err != nil {
		return auth.Principal{}, err
	}
	who.From = v.from
	return who, nil
}

// unattended is the header by which a page says that it asks by itself: nobody
// has touched it for a while. Without it whoever leaves a page open would stay
// signed in, since pages ask again and again for what they show. Streams, which
// browsers open anew by themselves, count as unattended always.
const unattended = "Advocate-Unattended"

func attended(r *http.Request) bool { return r.Header.Get(unattended) == "" }

// judge says whether a caller may do what a route asks for, and why not.
func judge(who *auth.Principal, need access) error {
	person := who.Kind == auth.KindSession
	switch {
	case need == anyone, need == account && person, need.allowedBy(who):
		return nil
	case need == account:
		return domain.Errorf(domain.CodeForbidden, "this call is about the account of a person who is signed in; a token has none")
	case who.Restricted:
		return domain.Errorf(domain.CodeForbidden, "set up a second factor first, at /account: the role %s asks for one", who.Role)
	case person:
		return domain.Errorf(domain.CodeForbidden, "this call asks for the %s; you have the role %s", need, who.Role)
	case need.allowedBy(who.Role):
		return domain.Errorf(domain.CodeForbidden, "this call asks for the %s; the token was made for less than its role, %s", need, who.Role)
	}
	return domain.Errorf(domain.CodeForbidden, "this call asks for the %s; the token has the role %s", need, who.Role)
}

// local reports whether a request comes from this machine and was meant for
// it. The Host is checked as well as the address: a web page elsewhere can
// point its own name at 127.0.0.1 and would otherwise read along. A request
// that a proxy passed on is nobody's we know; one that writes no header and its
// own Host, as nginx does unless it is told more, often asks by HTTP/1.0, which
// no browser does.
func local(r *http.Request) bool {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil || !loopback(host) || !r.ProtoAtLeast(1, 1) {
		return false
	}
	for _, h := range []string{"Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via"} {
		if r.Header.Get(h) != "" {
			return false
		}
	}
	name := r.Host
	if h, _, err := net.SplitHostPort(name); err == nil {
		name = h
	}
	return strings.EqualFold(name, "localhost") || loopback(strings.Trim(name, "[]"))
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
