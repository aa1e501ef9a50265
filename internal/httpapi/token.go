package httpapi

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// tokenView is an API token without its secret.
type tokenView struct {
	Name      string            `json:"name"`
	Role      auth.Role         `json:"role" enum:"admin,supervisor,agent,auditor,ingest,read"`
	Queues    []string          `json:"queues" doc:"Whose work its rights reach; none: all."`
	Only      []auth.Permission `json:"only" doc:"What is left of the role's permissions; none: all of them."`
	CreatedAt time.Time         `json:"created_at"`
	ExpiresAt time.Time         `json:"expires_at,omitzero" doc:"Missing: it does not expire."`
	Expired   bool              `json:"expired,omitempty"`
	Secret    string            `json:"secret,omitempty" doc:"Only in the answer that makes it."`
}

// viewToken leaves the role empty of a token that a newer program made.
func (a *API) viewToken(t *store.Token) tokenView {
	g, _ := auth.ParseGrant(t.Role)
	v := tokenView{
		Name: t.Name, Role: g.Role, Queues: g.Queues, Only: g.Only, CreatedAt: t.CreatedAt, ExpiresAt: t.ExpiresAt,
		Expired: !t.ExpiresAt.IsZero() && !a.now().Before(t.ExpiresAt),
	}
	if v.Queues == nil {
		v.Queues = []string{}
	}
	if v.Only == nil {
		v.Only = []auth.Permission{}
	}
	return v
}

func (a *API) registerTokens() {
	const tag = "Tokens"
	register(a, call{id: "list-tokens", method: "GET", path: "/v1/tokens", need: people, tag: tag, summary: "API tokens, by name"}, a.listTokens)
	register(a, call{id: "create-token", method: "POST", path: "/v1/tokens", need: people, tag: tag, status: 201, summary: "Make an API token",
		about: "Its secret is in this answer and no other. Nobody can give rights that they do not have."}, a.createToken)
	register(a, call{id: "revoke-token", method: "DELETE", path: "/v1/tokens/{name}", need: people, tag: tag, status: 204, summary: "Make a token worthless"}, a.revokeToken)
}

func (a *API) tokens(ctx context.Context) (out []store.Token, err error) {
	err = a.view(ctx, func(r store.Reader) error {
		out, err = r.TokenList()
		return err
	})
	slices.SortFunc(out, func(x, y store.Token) int { return strings.Compare(x.Name, y.Name) })
	return out, err
}

func (a *API) listTokens(ctx context.Context, in *PageInput) (*listOutput[tokenView], error) {
	rows, err := a.tokens(ctx)
	if err != nil {
		return nil, err
	}
	out := []tokenView{}
	for i := range rows {
		if rows[i].Name > in.Cursor && len(out) <= in.limit() {
			out = append(out, a.viewToken(&rows[i]))
		}
	}
	return paged(out, in.limit(), func(t tokenView) string { return t.Name }), nil
}

type createTokenInput struct {
	Body struct {
		Name             string            `json:"name" maxLength:"63" doc:"Letters, digits, \".\", \"_\" and \"-\"; no person's login."`
		Role             auth.Role         `json:"role" enum:"admin,supervisor,agent,auditor,ingest,read"`
		Queues           []string          `json:"queues,omitempty" maxItems:"100" doc:"Whose work its rights reach; none: all."`
		Only             []auth.Permission `json:"only,omitempty" maxItems:"32" doc:"Of what the role may, only this."`
		ExpiresInSeconds int64             `json:"expires_in_seconds,omitempty" minimum:"60" maximum:"3153600000" doc:"Missing: it does not expire."`
	}
}

type tokenOutput struct {
	Body tokenView
}

func (a *API) createToken(ctx context.Context, in *createTokenInput) (*tokenOutput, error) {
	who, b := caller(ctx), &in.Body
	if !grants(&who, b.Role, b.Only, b.Queues) {
		return nil, beyond("a token of this role and these queues")
	}
	p := auth.CreateParams{Name: b.Name, Role: b.Role, Queues: b.Queues, Only: b.Only, Now: a.now(), TTL: time.Duration(b.ExpiresInSeconds) * time.Second}
	secret, err := auth.Create(ctx, a.o.Store, p)
	if err != nil {
		return nil, err
	}
	rows, err := a.tokens(ctx)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(rows, func(t store.Token) bool { return t.Name == b.Name })
	if i < 0 {
		return nil, domain.Errorf(domain.CodeConflict, "the token %q was revoked at the same moment", b.Name)
	}
	v := a.viewToken(&rows[i])
	v.Secret = secret
	return &tokenOutput{v}, nil
}

// grants reports whether a caller has all that a token would have.
func grants(who *auth.Principal, role auth.Role, only []auth.Permission, queues []string) bool {
	for _, p := range auth.Permissions {
		if role.Can(p) && (len(only) == 0 || slices.Contains(only, p)) && !who.Can(p) {
			return false
		}
	}
	return who.AllQueues || len(queues) > 0 && !slices.ContainsFunc(queues, func(q string) bool { return !who.MayQueue(q) })
}

type TokenInput struct {
	Name string `path:"name" maxLength:"63" doc:"The token's name."`
}

// revokeToken takes a token's rights away, if the caller has all of them.
func (a *API) revokeToken(ctx context.Context, in *TokenInput) (*accepted, error) {
	rows, err := a.tokens(ctx)
	if err != nil {
		return nil, err
	}
	who := caller(ctx)
	for i := range rows {
		if rows[i].Name != in.Name {
			continue
		}
		g, err := auth.ParseGrant(rows[i].Role)
		if err != nil { // of another version: nobody can say what it may
			g = auth.Grant{Role: auth.RoleAdmin}
		}
		if !grants(&who, g.Role, g.Only, g.Queues) {
			return nil, domain.Errorf(domain.CodeForbidden, "the token %q has rights that you have not", in.Name)
		}
	}
	if err := auth.Revoke(ctx, a.o.Store, in.Name); err != nil {
		return nil, err
	}
	a.standing.withdraw(tokenStanding(in.Name))
	return done(), nil
}
