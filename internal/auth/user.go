package auth

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// Limits on what an account says.
const (
	maxUserName  = 200
	maxUserEmail = 254 // RFC 5321 §4.5.3.1.3
)

// A login is lower case: who may not be told apart by reading must not be two.
// LoginRule says it in words, wherever one is asked for.
const LoginRule = `up to 63 small letters, digits, ".", "_", "@", "+" or "-", beginning with a letter or digit`

var loginForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._@+-]{0,62}$`)

// reservedLogins name those who act by themselves, and "me" in paths.
var reservedLogins = []string{"advocate", "cli", "customer", "desk", "engine", "me", "staff", "system"}

// User is a person who may sign in. It holds nothing secret.
type User struct {
	Login    string   `json:"login"` // also the agent's id
	Name     string   `json:"name,omitempty"`
	Email    string   `json:"email,omitempty"`
	Role     Role     `json:"role"`
	Queues   []string `json:"queues,omitempty"`  // where the rights reach; none: everywhere, and for an agent where the agent works
	Issuer   string   `json:"issuer,omitempty"`  // who vouches for the person, where that is OpenID Connect …
	Subject  string   `json:"subject,omitempty"` // … and under which name
	Disabled bool     `json:"disabled,omitempty"`

	CreatedAt  time.Time `json:"created_at"`
	PasswordAt time.Time `json:"password_at,omitzero"`
	SignedInAt time.Time `json:"signed_in_at,omitzero"`

	HasPassword bool  `json:"has_password"`
	HasTOTP     bool  `json:"has_totp"`
	Recovery    int   `json:"recovery_codes"` // how many are left
	Version     int64 `json:"version"`
}

// account is a User as it is stored.
type account struct {
	User
	Password   string   `json:"password,omitempty"` // PHC
	TOTP       *totp    `json:"totp,omitempty"`
	NewTOTP    *totp    `json:"new_totp,omitempty"`    // set up, and not confirmed by a code yet
	RecoveryOf []string `json:"recovery_of,omitempty"` // hashes of codes
}

// public is the account without what is secret.
func (a *account) public(version int64) User {
	u := a.User
	u.HasPassword, u.HasTOTP, u.Recovery, u.Version = a.Password != "", a.TOTP != nil, len(a.RecoveryOf), version
	u.Queues = slices.Clone(a.Queues)
	return u
}

// keys are the names that an account is found by beside its login.
func (a *account) keys() []string {
	var out []string
	if a.Email != "" {
		out = append(out, emailKey(a.Email))
	}
	if a.Subject != "" {
		out = append(out, subjectKey(a.Issuer, a.Subject))
	}
	return out
}

func emailKey(email string) string { return "email:" + strings.ToLower(email) }

// subjectKey is a hash, since a provider may send names of any length.
func subjectKey(issuer, subject string) string {
	h := sha256.Sum256([]byte(issuer + "\x00" + subject))
	return "oidc:" + hex.EncodeToString(h[:])
}

// foldLogin is what a person typed, as logins are written.
func foldLogin(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

func checkLogin(login string) error {
	if !loginForm.MatchString(login) {
		return domain.FieldErrorf("login", "is %.70q; want "+LoginRule, login)
	}
	if slices.Contains(reservedLogins, login) {
		return domain.FieldErrorf("login", "%q is reserved; take another one", login)
	}
	return nil
}

// check reports what is wrong with what somebody typed in.
func (u *User) check() error {
	if _, err := ParsePeopleRole(string(u.Role)); err != nil {
		return err
	}
	if len(u.Name) > maxUserName || !plainText(u.Name) {
		return domain.FieldErrorf("name", "is not a line of text of at most %d bytes", maxUserName)
	}
	if err := domain.CheckName("name", u.Name); err != nil {
		return err
	}
	if u.Email != "" {
		a, err := mail.ParseAddress(u.Email)
		if err != nil || a.Address != u.Email || len(u.Email) > maxUserEmail {
			return domain.FieldErrorf("email", "is %.80q; want an address such as ana@example.com", u.Email)
		}
	}
	var err error
	u.Queues, err = checkQueues(u.Queues)
	return err
}

func plainText(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}

// UserAdd describes a new person.
type UserAdd struct {
	Login, Name, Email string
	Role               Role
	Queues             []string
}

// UserAdd makes an account that nobody can sign in to yet: an invitation
// (LinkMake) or OpenID Connect does that. A login that is taken is a conflict.
func (s *Service) UserAdd(ctx context.Context, by Principal, p UserAdd) (User, error) {
	a := account{User: User{Login: foldLogin(p.Login), Name: strings.TrimSpace(p.Name), Email: strings.TrimSpace(p.Email), Role: p.Role, Queues: p.Queues}}
	var out User
	err := s.update(ctx, func(tx store.Tx) (err error) {
		out, err = s.addUser(tx, by, a)
		return err
	})
	return out, err
}

// addUser writes a new account.
func (s *Service) addUser(tx store.Tx, by Principal, a account) (User, error) {
	if err := checkLogin(a.Login); err != nil {
		return User{}, err
	}
	if err := a.check(); err != nil {
		return User{}, err
	}
	if err := loginFree(tx, a.Login); err != nil {
		return User{}, err
	}
	now := s.now()
	a.CreatedAt = now
	d := store.Document{Kind: kindUser, ID: a.Login}
	if err := s.putUser(tx, &d, &a); err != nil {
		return User{}, err
	}
	return a.public(d.Version), audit(tx, now, by, "user.add", a.Login, ok, map[string]any{"role": a.Role, "queues": a.Queues})
}

// loginFree refuses a login that a person or a token has.
func loginFree(tx store.Tx, login string) error {
	docs, err := tx.DocumentGet(kindUser, []string{login})
	if err != nil {
		return err
	}
	if docs[0].ID != "" {
		return domain.Errorf(domain.CodeConflict, "there is a person with the login %q", login)
	}
	tokens, err := tx.TokenList()
	if err != nil {
		return err
	}
	for _, t := range tokens {
		if strings.EqualFold(t.Name, login) {
			return domain.Errorf(domain.CodeConflict, "there is a token named %q; a person needs a login of their own", login)
		}
	}
	return nil
}

// putUser writes an account, and says it when an address is another's.
func (s *Service) putUser(tx store.Tx, d *store.Document, a *account) error {
	for _, key := range a.keys() {
		others, err := tx.DocumentFind(kindUser, []string{key})
		if err != nil {
			return err
		}
		if o := others[0].ID; o != "" && o != d.ID {
			field := "email"
			if strings.HasPrefix(key, "oidc:") {
				field = "subject"
			}
			return &domain.Error{Code: domain.CodeConflict, Field: field, Message: "belongs to " + o}
		}
	}
	d.Keys = a.keys()
	return write(tx, d, a, s.now())
}

// lockUser reads an account that only this transaction changes.
func lockUser(tx store.Tx, login string) (account, store.Document, error) {
	docs, err := tx.DocumentLock(kindUser, []string{login})
	if err != nil {
		return account{}, store.Document{}, err
	}
	if docs[0].ID == "" {
		return account{}, store.Document{}, noUser(login)
	}
	var a account
	return a, docs[0], read(&docs[0], &a)
}

func noUser(login string) error {
	return domain.Errorf(domain.CodeNotFound, "there is nobody with the login %.70q", login)
}

// User reads one person.
func (s *Service) User(ctx context.Context, login string) (User, error) {
	var out User
	err := s.o.Store.View(ctx, func(r store.Reader) error {
		a, version, err := getUser(r, foldLogin(login))
		out = a.public(version)
		return err
	})
	if err != nil {
		return User{}, err
	}
	return out, nil
}

func getUser(r store.DocumentReader, login string) (account, int64, error) {
	if login == "" {
		return account{}, 0, noUser(login)
	}
	docs, err := r.DocumentGet(kindUser, []string{login})
	if err != nil {
		return account{}, 0, err
	}
	if docs[0].ID == "" {
		return account{}, 0, noUser(login)
	}
	var a account
	return a, docs[0].Version, read(&docs[0], &a)
}

// UserList pages through people by login.
func (s *Service) UserList(ctx context.Context, after string, limit int) ([]User, error) {
	out := []User{}
	err := s.o.Store.View(ctx, func(r store.Reader) error {
		out = out[:0]
		docs, err := r.DocumentList(store.DocumentListParams{Kind: kindUser, After: after, Limit: limit})
		for i := range docs {
			var a account
			if err := read(&docs[i], &a); err != nil {
				return err
			}
			out = append(out, a.public(docs[i].Version))
		}
		return err
	})
	return out, err
}

// UserChange says what of an account is to be changed: what is not nil.
type UserChange struct {
	Login    string
	Version  int64 // the one that was seen, or 0 for any
	Name     *string
	Email    *string
	Role     *Role
	Queues   *[]string
	Disabled *bool
}

// UserChange changes an account. Somebody whose rights change, or who is
// disabled, is signed out everywhere, and a link made for them is void. The last administrator stays one:
// CodeConflict. So is another Version than the stored one.
func (s *Service) UserChange(ctx context.Context, by Principal, p UserChange) (User, error) {
	login := foldLogin(p.Login)
	var out User
	err := s.update(ctx, func(tx store.Tx) error {
		a, d, err := lockUser(tx, login)
		if err != nil {
			return err
		}
		if p.Version != 0 && p.Version != d.Version {
			return domain.Errorf(domain.CodeConflict, "%s was changed by somebody else; look again", login)
		}
		before, detail := a.User, map[string]any{}
		p.apply(&a.User, detail)
		if err := a.check(); err != nil {
			return err
		}
		if wasAdmin(before) && !wasAdmin(a.User) {
			if err := otherAdmin(tx, login); err != nil {
				return err
			}
		}
		if before.Role != a.Role || before.Disabled != a.Disabled || !slices.Equal(before.Queues, a.Queues) {
			if err := endSessions(tx, login, ""); err != nil {
				return err
			}
		}
		if before.Role != a.Role || a.Disabled || !slices.Equal(before.Queues, a.Queues) {
			// Who made a link may have had the right to these rights' account, and
			// not to those it has now.
			if err := dropLink(tx, login); err != nil {
				return err
			}
		}
		if err := s.putUser(tx, &d, &a); err != nil {
			return err
		}
		out = a.public(d.Version)
		return audit(tx, s.now(), by, "user.change", login, ok, detail)
	})
	if err != nil {
		return User{}, err
	}
	return out, nil
}

func (p *UserChange) apply(u *User, detail map[string]any) {
	if p.Name != nil {
		u.Name = strings.TrimSpace(*p.Name)
		detail["name"] = true // that it changed, not what it is
	}
	if p.Email != nil {
		u.Email = strings.TrimSpace(*p.Email)
		detail["email"] = true
	}
	if p.Role != nil {
		detail["role"] = []Role{u.Role, *p.Role}
		u.Role = *p.Role
	}
	if p.Queues != nil {
		detail["queues"] = [][]string{u.Queues, *p.Queues}
		u.Queues = *p.Queues
	}
	if p.Disabled != nil {
		detail["disabled"] = *p.Disabled
		u.Disabled = *p.Disabled
	}
}

func wasAdmin(u User) bool { return u.Role == RoleAdmin && !u.Disabled }

// otherAdmin refuses to go on when login is the only administrator. The others
// are locked, so that two cannot remove each other at one moment.
func otherAdmin(tx store.Tx, login string) error {
	var admins []string
	err := eachUser(tx, func(a *account) error {
		if wasAdmin(a.User) && a.Login != login {
			admins = append(admins, a.Login)
		}
		return nil
	})
	if err != nil {
		return err
	}
	docs, err := tx.DocumentLock(kindUser, admins)
	if err != nil {
		return err
	}
	for i := range docs {
		var a account
		if docs[i].ID == "" {
			continue
		}
		if err := read(&docs[i], &a); err != nil {
			return err
		}
		if wasAdmin(a.User) {
			return nil
		}
	}
	return domain.Errorf(domain.CodeConflict, "%s is the last administrator; make somebody else one first", login)
}

const listPage = 500

// eachUser calls fn for every account, by login.
func eachUser(r store.DocumentReader, fn func(*account) error) error {
	after := ""
	for {
		docs, err := r.DocumentList(store.DocumentListParams{Kind: kindUser, After: after, Limit: listPage})
		if err != nil {
			return err
		}
		for i := range docs {
			var a account
			if err := read(&docs[i], &a); err != nil {
				return err
			}
			if err := fn(&a); err != nil {
				return err
			}
			after = docs[i].ID
		}
		if len(docs) < listPage {
			return nil
		}
	}
}
