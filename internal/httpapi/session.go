package httpapi

import (
	"context"
	"errors"
	"time"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/domain"
)

// sessionView is who is asking, and what they may do.
type sessionView struct {
	Kind        auth.Kind         `json:"kind" enum:"session,token" doc:"A person who is signed in, or a program."`
	Name        string            `json:"name" doc:"The login, or the token's name."`
	Shown       string            `json:"display_name,omitempty" doc:"The person's name."`
	Role        auth.Role         `json:"role" enum:"admin,supervisor,agent,auditor,ingest,read"`
	Permissions []auth.Permission `json:"permissions" doc:"What the caller may do now."`
	AllQueues   bool              `json:"all_queues"`
	Queues      []string          `json:"queues" doc:"Whose work the rights reach, unless all_queues."`
	Agent       bool              `json:"agent" doc:"The caller is an agent: GET /v1/agents/me answers. Only GET /v1/session looks."`
	Restricted  bool              `json:"restricted" doc:"The role asks for a second factor, which is not set up: until it is, only the calls about one's own account work."`
	Session     *ownSession       `json:"session,omitempty" doc:"Of a person."`
}

// ownSession is the session that the caller shows.
type ownSession struct {
	ID     string    `json:"id"`
	Via    string    `json:"via" enum:"password,link,oidc"`
	Second bool      `json:"second" doc:"A second factor was shown."`
	At     time.Time `json:"at"`
	Until  time.Time `json:"until" doc:"It ends then at the latest."`
}

func viewSession(who auth.Principal, x *auth.Session) sessionView {
	v := sessionView{
		Kind: who.Kind, Name: who.Name, Shown: who.Shown, Role: who.Role, Permissions: []auth.Permission{},
		AllQueues: who.AllQueues, Queues: who.Queues, Restricted: who.Restricted,
	}
	if v.Queues == nil {
		v.Queues = []string{}
	}
	for _, p := range auth.Permissions {
		if who.Can(p) {
			v.Permissions = append(v.Permissions, p)
		}
	}
	if x != nil {
		v.Session = &ownSession{ID: sessionID(x.ID), Via: x.Via, Second: x.Second, At: x.At, Until: x.Until}
	}
	return v
}

type sessionOutput struct {
	SetCookie string `header:"Set-Cookie"`
	Body      sessionView
}

// signedIn answers with a new session's cookie, which takes the place of
// whatever the browser had.
func signedIn(ctx context.Context, in auth.In) *sessionOutput {
	return &sessionOutput{newCookie(ctx, in), viewSession(in.Principal, &in.Session)}
}

func newCookie(ctx context.Context, in auth.In) string {
	return auth.Cookie(in.Token, in.Session.Until, visiting(ctx).secure).String()
}

func (a *API) registerSessions() {
	const tag = "Signing in"
	register(a, call{id: "sign-in", method: "POST", path: "/v1/session", need: open, tag: tag, summary: "Sign in",
		about: "The answer sets the session's cookie. A second factor is asked for with 401 and the field code: send login, password and code then. " +
			"Wrong attempts are answered more and more slowly: Retry-After says when the next one counts."}, a.signIn)
	register(a, call{id: "get-session", method: "GET", path: "/v1/session", need: anyone, tag: tag, summary: "Who is asking",
		about: "What the token or session stands for. With the cookie no other proof goes with a write: what a page of another origin sends is refused."}, a.getSession)
	register(a, call{id: "sign-out", method: "DELETE", path: "/v1/session", need: open, tag: tag, summary: "Sign out",
		about: "The session is worth nothing from then on, wherever its cookie may be. One that has ended is fine."}, a.signOut)
	register(a, call{id: "show-link", method: "POST", path: "/v1/links/show", need: open, tag: tag, summary: "What a one-time link is for",
		about: "The link stays as it is."}, a.showLink)
	register(a, call{id: "use-link", method: "POST", path: "/v1/links/use", need: open, tag: tag, summary: "Choose a password by a one-time link",
		about: "The link is worth nothing afterwards; a password that will not do leaves it as it is. The person is signed in, unless a second factor is set up: " +
			"then they sign in with both."}, a.useLink)
}

// people is who looks after accounts and sessions.
func (a *API) people() (*auth.Service, error) {
	if a.o.People == nil {
		return nil, domain.Errorf(domain.CodeUnavailable, "people do not sign in on this server; it takes tokens alone")
	}
	return a.o.People, nil
}

type signInInput struct {
	Body struct {
		Login    string `json:"login" maxLength:"200"`
		Password string `json:"password" maxLength:"4096" format:"password"`
		Code     string `json:"code,omitempty" maxLength:"64" doc:"Of the authenticator app, or a recovery code."`
	}
}

func (a *API) signIn(ctx context.Context, in *signInInput) (*sessionOutput, error) {
	s, err := a.people()
	if err != nil {
		return nil, err
	}
	v := visiting(ctx)
	got, err := s.SignIn(ctx, auth.SignIn{Login: in.Body.Login, Password: in.Body.Password, Code: in.Body.Code, Old: v.token, From: v.from, Agent: v.agent})
	if err != nil {
		return nil, err
	}
	return signedIn(ctx, got), nil
}

type whoOutput struct {
	Body sessionView
}

func (a *API) getSession(ctx context.Context, _ *struct{}) (*whoOutput, error) {
	who := caller(ctx)
	x, err := a.reach(ctx)
	if err != nil {
		return nil, err
	}
	var own *auth.Session
	if who.Kind == auth.KindSession {
		_, s, err := a.o.People.Session(ctx, visiting(ctx).token)
		if err != nil {
			return nil, err
		}
		own = &s
	}
	out := &whoOutput{viewSession(who, own)}
	out.Body.Agent = x.self != nil
	return out, nil
}

type signOutInput struct {
	Everywhere bool `query:"everywhere" doc:"End the person's other sessions as well."`
}

type signOutOutput struct {
	SetCookie string `header:"Set-Cookie"`
	Body      struct {
		ProviderURL string `json:"provider_url,omitempty" doc:"Where to send the browser, so that it is signed out at the OpenID provider too."`
	}
}

func (a *API) signOut(ctx context.Context, in *signOutInput) (*signOutOutput, error) {
	v := visiting(ctx)
	out := &signOutOutput{SetCookie: auth.Cookie("", time.Time{}, v.secure).String()}
	if v.token == "" || a.o.People == nil {
		return out, nil
	}
	who, x, err := a.o.People.Session(ctx, v.token)
	if errors.Is(err, auth.ErrSession) {
		return out, nil
	}
	if err == nil && v.as != "" && v.as != who.Name {
		err = anotherSession()
	}
	if err == nil && in.Everywhere {
		err = a.o.People.SessionEndAll(ctx, who, who.Name)
	}
	if err == nil {
		err = a.o.People.SignOut(ctx, v.token)
	}
	if err != nil {
		return nil, err
	}
	if x.Via == "oidc" && a.o.OIDC != nil {
		back := a.address()
		if back != "" {
			back += signInPath
		}
		out.Body.ProviderURL = a.o.OIDC.LogoutURL(ctx, back)
	}
	return out, nil
}

// LinkSecret is a link's part behind the #.
type LinkSecret struct {
	Secret string `json:"secret" maxLength:"200" format:"password" doc:"What stands behind the # of the link."`
}

type showLinkInput struct {
	Body LinkSecret
}

type showLinkOutput struct {
	Body struct {
		Purpose auth.Purpose `json:"purpose" enum:"invite,reset,first" doc:"A first password, another one, or the first administrator, who chooses a login as well."`
		Login   string       `json:"login,omitempty"`
		Name    string       `json:"name,omitempty"`
	}
}

func (a *API) showLink(ctx context.Context, in *showLinkInput) (*showLinkOutput, error) {
	s, err := a.people()
	if err != nil {
		return nil, err
	}
	l, who, err := s.LinkShow(ctx, in.Body.Secret)
	if err != nil {
		return nil, err
	}
	out := &showLinkOutput{}
	out.Body.Purpose, out.Body.Login, out.Body.Name = l.Purpose, l.Login, who.Name
	return out, nil
}

type useLinkInput struct {
	Body struct {
		LinkSecret
		Password string `json:"password" maxLength:"4096" format:"password"`
		Login    string `json:"login,omitempty" maxLength:"63" doc:"Of the first administrator, as name and email."`
		Name     string `json:"name,omitempty" maxLength:"200"`
		Email    string `json:"email,omitempty" maxLength:"254"`
	}
}

type useLinkOutput struct {
	SetCookie string `header:"Set-Cookie"`
	Body      struct {
		Login   string       `json:"login"`
		Session *sessionView `json:"session,omitempty" doc:"Missing where a second factor is set up: sign in with it."`
	}
}

func (a *API) useLink(ctx context.Context, in *useLinkInput) (*useLinkOutput, error) {
	s, err := a.people()
	if err != nil {
		return nil, err
	}
	v, b := visiting(ctx), &in.Body
	got, err := s.LinkUse(ctx, auth.LinkUse{Secret: b.Secret, Password: b.Password, Login: b.Login, Name: b.Name, Email: b.Email, From: v.from, Agent: v.agent})
	if err != nil {
		return nil, err
	}
	out := &useLinkOutput{}
	out.Body.Login = got.User.Login
	if got.Token != "" {
		view := viewSession(got.Principal, &got.Session)
		out.SetCookie, out.Body.Session = newCookie(ctx, got), &view
	} else if v.token != "" {
		out.SetCookie = auth.Cookie("", time.Time{}, v.secure).String() // the sessions before have ended
	}
	return out, nil
}
