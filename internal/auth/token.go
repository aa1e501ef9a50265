package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

const (
	secretPrefix = "adv_"
	secretBytes  = 32
	secretLen    = len(secretPrefix) + 43 // unpadded base64url of 32 bytes
)

var (
	tokenName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$`)
	queueName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,62}$`) // as the configuration has it
)

// ErrCredentials means that a request carried no usable token. What was wrong
// with it is not told: a guesser learns nothing.
var ErrCredentials = &domain.Error{Code: domain.CodeUnauthorized, Message: "a valid token is needed: Authorization: Bearer adv_…"}

// ErrExpired means that the token was good once. Only its owner can learn this.
var ErrExpired = &domain.Error{Code: domain.CodeUnauthorized, Message: "the token has expired; make a new one with \"advocate token create\""}

// NewSecret makes a token's secret from random, crypto/rand's where nil.
func NewSecret(random io.Reader) (string, error) {
	if random == nil {
		random = rand.Reader
	}
	var b [secretBytes]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", err
	}
	return secretPrefix + base64.RawURLEncoding.EncodeToString(b[:]), nil
}

// Hash is what a store keeps of a secret.
func Hash(secret string) [32]byte { return sha256.Sum256([]byte(secret)) }

// CreateParams describes a new token.
type CreateParams struct {
	Name   string
	Role   Role
	Queues []string     // none: its rights reach every queue
	Only   []Permission // none: all that the role has
	Now    time.Time
	TTL    time.Duration // 0: it does not expire
}

// Create makes a token and stores its hash. The secret is returned here and
// nowhere else. A name in use is a conflict, a person's login too: what a
// token does is recorded under its name.
func Create(ctx context.Context, st store.Store, p CreateParams) (secret string, err error) {
	if !tokenName.MatchString(p.Name) {
		return "", domain.FieldErrorf("name", "is %.70q; want up to 63 letters, digits, \".\", \"_\" or \"-\", beginning with a letter or digit", p.Name)
	}
	if slices.Contains(reservedLogins, strings.ToLower(p.Name)) {
		return "", domain.FieldErrorf("name", "%q is reserved; take another one", p.Name)
	}
	grant := Grant{Role: p.Role, Queues: p.Queues, Only: p.Only}
	if err := grant.check(); err != nil {
		return "", err
	}
	if p.TTL < 0 {
		return "", domain.FieldErrorf("expires", "lies in the past")
	}
	if secret, err = NewSecret(nil); err != nil {
		return "", err
	}
	row := store.Token{Name: p.Name, Hash: Hash(secret), Role: grant.String(), CreatedAt: p.Now.UTC()}
	if p.TTL > 0 {
		row.ExpiresAt = p.Now.Add(p.TTL).UTC()
	}
	err = st.Update(ctx, func(tx store.Tx) error {
		known, err := tx.TokenList()
		if err != nil {
			return err
		}
		for _, t := range known {
			if t.Name == p.Name {
				return domain.Errorf(domain.CodeConflict, "a token named %q exists; revoke it first or take another name", p.Name)
			}
		}
		people, err := tx.DocumentGet(kindUser, []string{strings.ToLower(p.Name)})
		if err != nil {
			return err
		}
		if people[0].ID != "" {
			return domain.Errorf(domain.CodeConflict, "%q is a person's login; a token needs a name of its own", p.Name)
		}
		return tx.TokenPut(row)
	})
	if err != nil {
		return "", err
	}
	return secret, nil
}

// Revoke removes a token by name.
func Revoke(ctx context.Context, st store.Store, name string) error {
	return st.Update(ctx, func(tx store.Tx) error {
		known, err := tx.TokenList()
		if err != nil {
			return err
		}
		for _, t := range known {
			if t.Name == name {
				return tx.TokenDelete(name)
			}
		}
		return domain.Errorf(domain.CodeNotFound, "there is no token named %.70q", name)
	})
}

// Verifier checks tokens against a store.
type Verifier struct {
	store store.Store
	now   func() time.Time
}

// NewVerifier makes a Verifier. now is the clock that expiry is measured by.
func NewVerifier(st store.Store, now func() time.Time) *Verifier {
	if st == nil || now == nil {
		panic("auth: NewVerifier needs a store and a clock")
	}
	return &Verifier{store: st, now: now}
}

// Verify reads an Authorization header. Its errors are ErrCredentials,
// ErrExpired, or the store's.
func (v *Verifier) Verify(ctx context.Context, authorization string) (Principal, error) {
	scheme, secret, ok := strings.Cut(authorization, " ")
	secret = strings.TrimSpace(secret)
	// RFC 9110 §11.1: the scheme's name is case-insensitive
	if !ok || !strings.EqualFold(scheme, "Bearer") || len(secret) != secretLen || !strings.HasPrefix(secret, secretPrefix) {
		return Principal{}, ErrCredentials
	}
	hash := Hash(secret)
	var row store.Token
	err := v.store.View(ctx, func(r store.Reader) (err error) {
		row, err = r.TokenFind(hash)
		return err
	})
	switch {
	case errors.Is(err, store.ErrNotFound):
		return Principal{}, ErrCredentials
	case err != nil:
		return Principal{}, err
	}
	// The look-up goes by the hash, whose timing tells nothing about the
	// secret; the comparison holds even for a driver that matches loosely.
	if subtle.ConstantTimeCompare(hash[:], row.Hash[:]) != 1 {
		return Principal{}, ErrCredentials
	}
	if !row.ExpiresAt.IsZero() && !v.now().Before(row.ExpiresAt) {
		return Principal{}, ErrExpired
	}
	grant, err := ParseGrant(row.Role)
	if err != nil {
		return Principal{}, ErrCredentials // written by a newer program: nothing is allowed
	}
	return Principal{
		Kind: KindToken, Name: row.Name, Role: grant.Role, Only: grant.Only, Queues: grant.Queues, AllQueues: len(grant.Queues) == 0,
	}, nil
}
