package httpapi

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/domain"
)

// userView is an account as administrators and its person see it.
type userView struct {
	Login         string    `json:"login" doc:"What they sign in with; also the agent's id."`
	Name          string    `json:"name,omitempty"`
	Email         string    `json:"email,omitempty"`
	Role          auth.Role `json:"role" enum:"admin,supervisor,agent,auditor"`
	Queues        []string  `json:"queues" doc:"Whose work the rights reach; none: all, and for an agent where the agent works."`
	Issuer        string    `json:"oidc_issuer,omitempty" doc:"The OpenID provider that vouches for the person."`
	Subject       string    `json:"oidc_subject,omitempty"`
	Disabled      bool      `json:"disabled,omitempty"`
	HasPassword   bool      `json:"has_password"`
	HasTOTP       bool      `json:"has_totp" doc:"A second factor is set up."`
	RecoveryCodes int       `json:"recovery_codes" doc:"How many are left."`
	CreatedAt     time.Time `json:"created_at"`
	PasswordAt    time.Time `json:"password_at,omitzero" doc:"When the password was set."`
	SignedInAt    time.Time `json:"signed_in_at,omitzero"`
	Version       int64     `json:"version"`
}

func viewUser(u auth.User) userView {
	v := userView{
		Login: u.Login, Name: u.Name, Email: u.Email, Role: u.Role, Queues: u.Queues, Issuer: u.Issuer, Subject: u.Subject, Disabled: u.Disabled,
		HasPassword: u.HasPassword, HasTOTP: u.HasTOTP, RecoveryCodes: u.Recovery,
		CreatedAt: u.CreatedAt, PasswordAt: u.PasswordAt, SignedInAt: u.SignedInAt, Version: u.Version,
	}
	if v.Queues == nil {
		v.Queues = []string{}
	}
	return v
}

type userOutput struct {
	ETag string `header:"ETag"`
	Body userView
}

func userAnswer(u auth.User) *userOutput { return &userOutput{etag(u.Version), viewUser(u)} }

// ProofBody is what somebody shows again before what keeps their account safe
// is changed.
type ProofBody struct {
	Password string `json:"password,omitempty" maxLength:"4096" format:"password" doc:"One's own, where there is one."`
	Code     string `json:"code,omitempty" maxLength:"64" doc:"Where a second factor is set up: of the authenticator app, or a recovery code."`
}

func (p *ProofBody) proof(ctx context.Context) auth.Proof {
	v := visiting(ctx)
	return auth.Proof{Password: p.Password, Code: p.Code, From: v.from, Agent: v.agent}
}

type proofInput struct {
	Body ProofBody
}

func (a *API) registerAccount() {
	const tag = "Account"
	const again = "The answer sets a new cookie; all other sessions end."
	register(a, call{id: "get-account", method: "GET", path: "/v1/account", need: account, tag: tag, summary: "One's own account"}, a.getAccount)
	register(a, call{id: "set-account", method: "PUT", path: "/v1/account", need: account, tag: tag, summary: "Change one's own name",
		about: "Login, address, role and queues are for administrators to change."}, a.setAccount)
	register(a, call{id: "set-password", method: "PUT", path: "/v1/account/password", need: account, tag: tag, summary: "Change one's password", about: again}, a.setPassword)
	register(a, call{id: "begin-totp", method: "POST", path: "/v1/account/totp", need: account, tag: tag, summary: "Set up a second factor",
		about: "It counts once confirm-totp has seen a code of it. One that is there stays until then."}, a.beginTOTP)
	register(a, call{id: "confirm-totp", method: "POST", path: "/v1/account/totp/confirm", need: account, tag: tag, summary: "Confirm a second factor by its first code",
		about: "The recovery codes are in this answer and no other. " + again}, a.confirmTOTP)
	register(a, call{id: "remove-totp", method: "POST", path: "/v1/account/totp/remove", need: account, tag: tag, summary: "Take one's second factor away", about: again}, a.removeTOTP)
	register(a, call{id: "renew-recovery-codes", method: "POST", path: "/v1/account/recovery-codes", need: account, tag: tag, summary: "New recovery codes in place of those before"}, a.renewRecovery)
	register(a, call{id: "list-own-sessions", method: "GET", path: "/v1/account/sessions", need: account, tag: tag, summary: "Where one is signed in",
		about: "The one used last first."}, a.listOwnSessions)
	register(a, call{id: "end-own-session", method: "DELETE", path: "/v1/account/sessions/{id}", need: account, tag: tag, status: 204, summary: "End one of one's sessions"}, a.endOwnSession)
	register(a, call{id: "end-own-sessions", method: "DELETE", path: "/v1/account/sessions", need: account, tag: tag, status: 204, summary: "End all of one's sessions but this one"}, a.endOwnSessions)
}

func (a *API) getAccount(ctx context.Context, _ *struct{}) (*userOutput, error) {
	u, err := a.o.People.User(ctx, caller(ctx).Name)
	if err != nil {
		return nil, err
	}
	return userAnswer(u), nil
}

type setAccountInput struct {
	VersionInput
	Body struct {
		Name string `json:"name" maxLength:"200"`
	}
}

// setAccount changes a name and nothing else. An address is not one's own to
// choose: where the provider's people are known by theirs, whoever wrote
// somebody else's into their account would be found in that person's place.
func (a *API) setAccount(ctx context.Context, in *setAccountInput) (*userOutput, error) {
	version, _, err := in.version()
	if err != nil {
		return nil, err
	}
	who := caller(ctx)
	return a.changeUser(ctx, auth.UserChange{Login: who.Name, Version: version, Name: &in.Body.Name})
}

// changeUser carries out a change, and says it as HTTP does when it comes too
// late.
func (a *API) changeUser(ctx context.Context, c auth.UserChange) (*userOutput, error) {
	if c.Version != 0 {
		had, err := a.o.People.User(ctx, c.Login)
		if err != nil {
			return nil, err
		}
		if had.Version != c.Version {
			return nil, lost(had.Login, had.Version)
		}
	}
	u, err := a.o.People.UserChange(ctx, caller(ctx), c)
	if err != nil {
		return nil, err
	}
	return userAnswer(u), nil
}

type setPasswordInput struct {
	Body struct {
		ProofBody
		New string `json:"new_password" maxLength:"4096" format:"password" doc:"At least 12 characters."`
	}
}

func (a *API) setPassword(ctx context.Context, in *setPasswordInput) (*sessionOutput, error) {
	got, err := a.o.People.PasswordChange(ctx, caller(ctx), in.Body.proof(ctx), in.Body.New)
	var e *domain.Error
	if errors.As(err, &e) && e.Code == domain.CodeInvalid && e.Field == "password" {
		return nil, domain.FieldErrorf("new_password", "%s", e.Message)
	}
	if err != nil {
		return nil, err
	}
	return signedIn(ctx, got), nil
}

type beginTOTPOutput struct {
	Body struct {
		Secret string `json:"secret" doc:"Base32, to be typed into an authenticator app."`
		URI    string `json:"uri" doc:"otpauth://…, for an authenticator app."`
		QR     string `json:"qr" doc:"The uri as a QR code: SVG."`
	}
}

func (a *API) beginTOTP(ctx context.Context, in *proofInput) (*beginTOTPOutput, error) {
	t, err := a.o.People.TOTPBegin(ctx, caller(ctx), in.Body.proof(ctx))
	if err != nil {
		return nil, err
	}
	picture, err := qrCode(t.URI)
	if err != nil {
		return nil, err
	}
	out := &beginTOTPOutput{}
	out.Body.Secret, out.Body.URI, out.Body.QR = t.Secret, t.URI, picture
	return out, nil
}

type confirmTOTPInput struct {
	Body struct {
		Code string `json:"code" maxLength:"64"`
	}
}

type RecoveryBody struct {
	Codes []string `json:"recovery_codes" doc:"Each opens the account once in place of a code of the app."`
}

type confirmTOTPOutput struct {
	SetCookie string `header:"Set-Cookie"`
	Body      struct {
		RecoveryBody
		Session sessionView `json:"session"`
	}
}

func (a *API) confirmTOTP(ctx context.Context, in *confirmTOTPInput) (*confirmTOTPOutput, error) {
	none := ProofBody{}
	got, codes, err := a.o.People.TOTPConfirm(ctx, caller(ctx), in.Body.Code, none.proof(ctx))
	if err != nil {
		return nil, err
	}
	out := &confirmTOTPOutput{SetCookie: newCookie(ctx, got)}
	out.Body.Codes, out.Body.Session = codes, viewSession(got.Principal, &got.Session)
	return out, nil
}

func (a *API) removeTOTP(ctx context.Context, in *proofInput) (*sessionOutput, error) {
	got, err := a.o.People.TOTPRemove(ctx, caller(ctx), in.Body.proof(ctx))
	if err != nil {
		return nil, err
	}
	return signedIn(ctx, got), nil
}

type recoveryOutput struct {
	Body RecoveryBody
}

func (a *API) renewRecovery(ctx context.Context, in *proofInput) (*recoveryOutput, error) {
	codes, err := a.o.People.RecoveryRenew(ctx, caller(ctx), in.Body.proof(ctx))
	if err != nil {
		return nil, err
	}
	return &recoveryOutput{RecoveryBody{codes}}, nil
}

// browserView is a session as a list shows it.
type browserView struct {
	ID     string    `json:"id"`
	Via    string    `json:"via" enum:"password,link,oidc"`
	At     time.Time `json:"at"`
	SeenAt time.Time `json:"seen_at" doc:"To the minute."`
	Until  time.Time `json:"until"`
	From   string    `json:"from,omitempty" doc:"The address."`
	Agent  string    `json:"agent,omitempty" doc:"The browser, as it calls itself."`
	Second bool      `json:"second" doc:"A second factor was shown."`
	Own    bool      `json:"own,omitempty" doc:"It is the one that asks."`
}

// sessionID is a session's id in paths, where its person is named already.
func sessionID(id string) string { return id[strings.LastIndexByte(id, '/')+1:] }

func (a *API) sessionsOf(ctx context.Context, login string) (*listOutput[browserView], error) {
	rows, err := a.o.People.SessionList(ctx, login)
	if err != nil {
		return nil, err
	}
	out := make([]browserView, len(rows))
	for i, x := range rows {
		out[i] = browserView{sessionID(x.ID), x.Via, x.At, x.SeenAt, x.Until, x.From, x.Agent, x.Second, x.ID == caller(ctx).Session}
	}
	return all(out), nil
}

func (a *API) listOwnSessions(ctx context.Context, _ *struct{}) (*listOutput[browserView], error) {
	return a.sessionsOf(ctx, caller(ctx).Name)
}

type BrowserInput struct {
	ID string `path:"id" maxLength:"64" pattern:"^[A-Za-z0-9_-]+$" doc:"The session's id."`
}

func (a *API) endOwnSession(ctx context.Context, in *BrowserInput) (*accepted, error) {
	who := caller(ctx)
	if err := a.o.People.SessionEnd(ctx, who, who.Name+"/"+in.ID); err != nil {
		return nil, err
	}
	return done(), nil
}

func (a *API) endOwnSessions(ctx context.Context, _ *struct{}) (*accepted, error) {
	who := caller(ctx)
	if err := a.o.People.SessionEndAll(ctx, who, who.Name); err != nil {
		return nil, err
	}
	return done(), nil
}

// beyond is the answer to who would give or take what they do not have.
func beyond(what string) error {
	return domain.Errorf(domain.CodeForbidden, "%s has rights that you do not have", what)
}
