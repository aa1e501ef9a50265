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

// Who manages people gives nobody what they do not have themselves, and lays
// no hand on the account of somebody who has more: else the smallest part of
// an administrator's rights would be all of them.

func (a *API) registerPeople() {
	const tag = "People"
	register(a, call{id: "list-users", method: "GET", path: "/v1/users", need: people, tag: tag, summary: "People", about: "By login."}, a.listUsers)
	register(a, call{id: "list-people", method: "GET", path: "/v1/people", need: readWork, record: recordNever, tag: tag, summary: "What people are called",
		about: "By login, also of those who are disabled: what they did is still theirs. An agent without an account is among them, by id."}, a.listPeople)
	register(a, call{id: "create-user", method: "POST", path: "/v1/users", need: people, tag: tag, status: 201, summary: "Make an account",
		about: "Nobody can sign in to it before a link or the OpenID provider lets them. Nobody can give rights that they do not have."}, a.createUser)
	register(a, call{id: "get-user", method: "GET", path: "/v1/users/{login}", need: people, tag: tag, summary: "A person"}, a.getUser)
	register(a, call{id: "set-user", method: "PUT", path: "/v1/users/{login}", need: people, tag: tag, summary: "Change an account",
		about: "With If-Match. Whose rights change, or who is disabled, is signed out everywhere. The last administrator stays one."}, a.setUser)
	register(a, call{id: "disable-user", method: "POST", path: "/v1/users/{login}/disable", need: people, tag: tag, summary: "Keep somebody out",
		about: "All sessions end at once; links are worth nothing."}, a.disableUser)
	register(a, call{id: "enable-user", method: "POST", path: "/v1/users/{login}/enable", need: people, tag: tag, summary: "Let somebody in again"}, a.enableUser)
	register(a, call{id: "make-link", method: "POST", path: "/v1/users/{login}/link", need: people, tag: tag, status: 201, summary: "Make a one-time link",
		about: "An invitation (72 hours) while there is no password, else a link for another password (1 hour). It is in this answer and no other; the one before is void."}, a.makeLink)
	register(a, call{id: "unlink-user", method: "DELETE", path: "/v1/users/{login}/oidc", need: people, tag: tag, status: 204, summary: "Part an account from its OpenID identity",
		about: "The provider lets them in no more, until the account is linked anew. All sessions end."}, a.unlinkUser)
	register(a, call{id: "list-user-sessions", method: "GET", path: "/v1/users/{login}/sessions", need: people, tag: tag, summary: "Where a person is signed in"}, a.listUserSessions)
	register(a, call{id: "end-user-sessions", method: "DELETE", path: "/v1/users/{login}/sessions", need: people, tag: tag, status: 204, summary: "Sign a person out everywhere",
		about: "Of one's own sessions the one that asks stays."}, a.endUserSessions)
	register(a, call{id: "clear-user-totp", method: "DELETE", path: "/v1/users/{login}/totp", need: people, tag: tag, status: 204, summary: "Take away a second factor that somebody lost",
		about: "All their sessions end."}, a.clearTOTP)
}

type LoginInput struct {
	Login string `path:"login" maxLength:"63" doc:"The person's login."`
}

// within reports whether a caller has all that a role over some queues is.
// queues are none for all, and for an agent where the agent works.
func within(who *auth.Principal, role auth.Role, queues []string) bool {
	if !who.May(role) {
		return false
	}
	if who.AllQueues {
		return true
	}
	return len(queues) > 0 && !slices.ContainsFunc(queues, func(q string) bool { return !who.MayQueue(q) })
}

// managed reads the account that a call is about, if the caller may lay hand
// on it.
func (a *API) managed(ctx context.Context, login string) (*auth.Service, auth.User, error) {
	s, err := a.people()
	if err != nil {
		return nil, auth.User{}, err
	}
	u, err := s.User(ctx, login)
	if err != nil {
		return nil, auth.User{}, err
	}
	if who := caller(ctx); !within(&who, u.Role, u.Queues) {
		return nil, auth.User{}, beyond(u.Login)
	}
	return s, u, nil
}

func (a *API) listUsers(ctx context.Context, in *PageInput) (*listOutput[userView], error) {
	s, err := a.people()
	if err != nil {
		return nil, err
	}
	rows, err := s.UserList(ctx, in.Cursor, in.limit()+1)
	if err != nil {
		return nil, err
	}
	out := make([]userView, len(rows))
	for i := range rows {
		out[i] = viewUser(rows[i])
	}
	return paged(out, in.limit(), func(u userView) string { return u.Login }), nil
}

// personName is what colleagues may know of everybody.
type personName struct {
	Login string `json:"login"`
	Name  string `json:"name,omitempty"`
}

// listPeople merges the accounts with the agents that have none, such as those
// that another system registers: both stand behind what the console shows.
func (a *API) listPeople(ctx context.Context, in *PageInput) (*listOutput[personName], error) {
	s, err := a.people()
	if err != nil {
		return nil, err
	}
	rows, err := s.UserList(ctx, in.Cursor, in.limit()+1)
	if err != nil {
		return nil, err
	}
	out := make([]personName, len(rows))
	for i := range rows {
		out[i] = personName{rows[i].Login, rows[i].Name}
	}
	if err := a.view(ctx, func(r store.Reader) error {
		docs, err := r.DocumentList(store.DocumentListParams{Kind: store.AgentKind, After: in.Cursor, Limit: in.limit() + 1})
		if err != nil {
			return err
		}
		for i := range docs {
			g, err := store.AgentOf(docs[i])
			if err != nil {
				return err
			}
			at, known := slices.BinarySearchFunc(out, g.ID, func(p personName, id string) int { return strings.Compare(p.Login, id) })
			switch {
			case !known:
				out = slices.Insert(out, at, personName{g.ID, g.Name})
			case out[at].Name == "":
				out[at].Name = g.Name
			}
		}
		return nil
	}); err != nil {
		return nil, err
	}
	return paged(out, in.limit(), func(p personName) string { return p.Login }), nil
}

// UserBody is what administrators say of a person.
type UserBody struct {
	Name   string    `json:"name,omitempty" maxLength:"200"`
	Email  string    `json:"email,omitempty" maxLength:"254"`
	Role   auth.Role `json:"role" enum:"admin,supervisor,agent,auditor"`
	Queues []string  `json:"queues,omitempty" maxItems:"100" doc:"Whose work the rights reach; none: all, and for an agent where the agent works."`
}

type createUserInput struct {
	Body struct {
		Login string `json:"login" maxLength:"63"`
		UserBody
	}
}

func (a *API) createUser(ctx context.Context, in *createUserInput) (*userOutput, error) {
	s, err := a.people()
	if err != nil {
		return nil, err
	}
	who, b := caller(ctx), &in.Body
	if !within(&who, b.Role, b.Queues) {
		return nil, beyond("an account of this role and these queues")
	}
	u, err := s.UserAdd(ctx, who, auth.UserAdd{Login: b.Login, Name: b.Name, Email: b.Email, Role: b.Role, Queues: b.Queues})
	if err != nil {
		return nil, err
	}
	return userAnswer(u), nil
}

func (a *API) getUser(ctx context.Context, in *LoginInput) (*userOutput, error) {
	s, err := a.people()
	if err != nil {
		return nil, err
	}
	u, err := s.User(ctx, in.Login)
	if err != nil {
		return nil, err
	}
	return userAnswer(u), nil
}

type setUserInput struct {
	LoginInput
	VersionInput
	Body struct {
		UserBody
		Disabled bool `json:"disabled,omitempty"`
	}
}

func (a *API) setUser(ctx context.Context, in *setUserInput) (*userOutput, error) {
	version, err := in.needVersion("the account")
	if err != nil {
		return nil, err
	}
	_, u, err := a.managed(ctx, in.Login)
	if err != nil {
		return nil, err
	}
	who, b := caller(ctx), &in.Body
	if !within(&who, b.Role, b.Queues) {
		return nil, beyond("an account of this role and these queues")
	}
	queues := b.Queues
	return a.changeUser(ctx, auth.UserChange{Login: u.Login, Version: version, Name: &b.Name, Email: &b.Email, Role: &b.Role, Queues: &queues, Disabled: &b.Disabled})
}

func (a *API) disableUser(ctx context.Context, in *LoginInput) (*userOutput, error) {
	return a.setDisabled(ctx, in, true)
}

func (a *API) enableUser(ctx context.Context, in *LoginInput) (*userOutput, error) {
	return a.setDisabled(ctx, in, false)
}

func (a *API) setDisabled(ctx context.Context, in *LoginInput, yes bool) (*userOutput, error) {
	_, u, err := a.managed(ctx, in.Login)
	if err != nil {
		return nil, err
	}
	if u.Disabled == yes {
		return userAnswer(u), nil
	}
	return a.changeUser(ctx, auth.UserChange{Login: u.Login, Disabled: &yes})
}

type linkOutput struct {
	Body struct {
		URL     string       `json:"url" doc:"To be given to the person by a way that is theirs alone. What stands behind the # is the secret."`
		Purpose auth.Purpose `json:"purpose" enum:"invite,reset"`
		Expires time.Time    `json:"expires"`
	}
}

func (a *API) makeLink(ctx context.Context, in *LoginInput) (*linkOutput, error) {
	s, u, err := a.managed(ctx, in.Login)
	if err != nil {
		return nil, err
	}
	l, err := s.LinkMake(ctx, caller(ctx), u.Login)
	if err != nil {
		return nil, err
	}
	out := &linkOutput{}
	out.Body.URL, out.Body.Purpose, out.Body.Expires = l.URL(a.address()), l.Purpose, l.Expires
	return out, nil
}

func (a *API) unlinkUser(ctx context.Context, in *LoginInput) (*accepted, error) {
	s, u, err := a.managed(ctx, in.Login)
	if err != nil {
		return nil, err
	}
	return done(), s.Unlink(ctx, caller(ctx), u.Login)
}

func (a *API) listUserSessions(ctx context.Context, in *LoginInput) (*listOutput[browserView], error) {
	s, err := a.people()
	if err != nil {
		return nil, err
	}
	u, err := s.User(ctx, in.Login)
	if err != nil {
		return nil, err
	}
	return a.sessionsOf(ctx, u.Login)
}

func (a *API) endUserSessions(ctx context.Context, in *LoginInput) (*accepted, error) {
	s, u, err := a.managed(ctx, in.Login)
	if err != nil {
		return nil, err
	}
	return done(), s.SessionEndAll(ctx, caller(ctx), u.Login)
}

func (a *API) clearTOTP(ctx context.Context, in *LoginInput) (*accepted, error) {
	s, u, err := a.managed(ctx, in.Login)
	if err != nil {
		return nil, err
	}
	if !u.HasTOTP {
		return nil, domain.Errorf(domain.CodeConflict, "%s has no second factor", u.Login)
	}
	return done(), s.TOTPClear(ctx, caller(ctx), u.Login)
}
