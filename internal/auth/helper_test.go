package auth

import (
	"encoding/base32"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/memory"
	"github.com/contact-advocate/advocate/internal/vault"
)

// desk is a service over a store in memory, with a clock that tests move.
type desk struct {
	*testing.T
	*Service
	st store.Store

	mu sync.Mutex
	at time.Time
}

var boss = Principal{Kind: KindCommand, Name: "cli", Role: RoleAdmin, AllQueues: true}

const goodPassword = "three blue kettles sing"

func newDesk(t *testing.T, change ...func(*Options)) *desk {
	d := &desk{T: t, st: memory.New(), at: now}
	v := vault.New(vault.Options{Store: d.st, Now: d.clock, File: filepath.Join(t.TempDir(), "vault.key")})
	o := Options{Store: d.st, Now: d.clock, Sealer: v, Cost: Cost{MemoryKiB: 8, Passes: 1, Threads: 1}, Company: "Acme: Home"}
	for _, f := range change {
		f(&o)
	}
	d.Service = New(o)
	return d
}

func (d *desk) clock() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.at
}

func (d *desk) pass(by time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.at = d.at.Add(by)
}

// person makes somebody with goodPassword, by an invitation.
func (d *desk) person(login string, role Role) In {
	d.Helper()
	if _, err := d.UserAdd(d.Context(), boss, UserAdd{Login: login, Role: role}); err != nil {
		d.Fatal(err)
	}
	l, err := d.LinkMake(d.Context(), boss, login)
	if err != nil {
		d.Fatal(err)
	}
	in, err := d.LinkUse(d.Context(), LinkUse{Secret: l.Secret, Password: goodPassword})
	if err != nil {
		d.Fatal(err)
	}
	return in
}

func (d *desk) signIn(login, password, code, from string) (In, error) {
	return d.SignIn(d.Context(), SignIn{Login: login, Password: password, Code: code, From: from})
}

// dead reports whether a session's token opens nothing any more.
func (d *desk) dead(token string) bool {
	d.Helper()
	_, _, err := d.SessionUse(d.Context(), token)
	if err != nil && !errors.Is(err, ErrSession) {
		d.Fatal(err)
	}
	return err != nil
}

// code is what an authenticator app shows.
func (d *desk) code(secret string) string {
	d.Helper()
	b, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	if err != nil {
		d.Fatal(err)
	}
	return totpCode(b, d.clock().Unix()/30)
}

// second sets up a second factor.
func (d *desk) second(in In) (after In, secret string, recovery []string) {
	d.Helper()
	x, err := d.TOTPBegin(d.Context(), in.Principal, Proof{Password: goodPassword})
	if err != nil {
		d.Fatal(err)
	}
	after, recovery, err = d.TOTPConfirm(d.Context(), in.Principal, d.code(x.Secret), Proof{})
	if err != nil {
		d.Fatal(err)
	}
	return after, x.Secret, recovery
}

func wait(err error) time.Duration {
	var e *domain.Error
	if errors.As(err, &e) {
		return e.RetryAfter
	}
	return 0
}

// documents gives all of a kind.
func (d *desk) documents(kind string) []store.Document {
	d.Helper()
	var out []store.Document
	err := d.st.View(d.Context(), func(r store.Reader) (err error) {
		out, err = r.DocumentList(store.DocumentListParams{Kind: kind, Limit: 1000})
		return err
	})
	if err != nil {
		d.Fatal(err)
	}
	return out
}

// audited gives the actions and outcomes in the audit log, the oldest first.
func (d *desk) audited(object string) []string {
	d.Helper()
	var out []string
	err := d.st.View(d.Context(), func(r store.Reader) error {
		rows, err := r.AuditList(store.AuditListParams{Object: object, Limit: 1000})
		out = nil
		for i := len(rows) - 1; i >= 0; i-- {
			out = append(out, rows[i].Action+" "+rows[i].Outcome)
		}
		return err
	})
	if err != nil {
		d.Fatal(err)
	}
	return out
}
