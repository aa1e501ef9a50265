package auth

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// TestTOTPVectors are those of RFC 6238, appendix B, cut to six digits.
func TestTOTPVectors(t *testing.T) {
	t.Parallel()
	secret := []byte("12345678901234567890")
	for at, want := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130"} {
		if got := totpCode(secret, at/30); got != want {
			t.Errorf("at %d: %s, want %s", at, got, want)
		}
	}
}

func TestSecondFactor(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	in := d.person("ana", RoleAdmin)
	after, secret, recovery := d.second(in)
	if !d.dead(in.Token) || d.dead(after.Token) || !after.Session.Second {
		t.Error("a new second factor must end the sessions before it")
	}
	for _, doc := range d.documents(kindUser) {
		if strings.Contains(string(doc.Body), secret) || strings.Contains(string(doc.Body), recovery[0]) {
			t.Error("the store keeps the secret, or a recovery code")
		}
	}
	try := func(code string, want error) {
		t.Helper()
		if _, err := d.signIn("ana", goodPassword, code, ""); !errors.Is(err, want) {
			t.Errorf("code %q: %v, want %v", code, err, want)
		}
	}
	try("", ErrCode)
	try(d.code(secret), ErrCodeWrong) // it confirmed the factor: used
	d.pass(30 * time.Second)
	code := d.code(secret)
	try(code, nil)
	try(code, ErrCodeWrong) // replayed
	d.pass(30 * time.Second)
	try(code, ErrCodeWrong)
	code = d.code(secret)
	d.pass(30 * time.Second)
	try(code[:3]+" "+code[3:], nil) // a phone that is a step late
	d.pass(10 * time.Minute)
	code = d.code(secret)
	d.pass(60 * time.Second)
	try(code, ErrCodeWrong) // too old
	try(strings.ToLower(recovery[3]), nil)
	try(recovery[3], ErrCodeWrong)
	if u, err := d.User(t.Context(), "ana"); err != nil || u.Recovery != recoveryMany-1 || !u.HasTOTP {
		t.Errorf("%+v %v", u, err)
	}
}

// TestCodesAreGuessedSlowly: who knows the password does not get a million
// attempts, whichever way the codes are tried.
func TestCodesAreGuessedSlowly(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	in, _, _ := d.second(d.person("ana", RoleAgent))
	ways := map[string]func() error{
		"sign-in": func() error { _, err := d.signIn("ana", goodPassword, "000000", ""); return err },
		"password": func() error {
			_, err := d.PasswordChange(t.Context(), in.Principal, Proof{Password: goodPassword, Code: "000000"}, "seven green lanterns wait")
			return err
		},
		"remove": func() error {
			_, err := d.TOTPRemove(t.Context(), in.Principal, Proof{Password: goodPassword, Code: "000000"})
			return err
		},
	}
	for name, try := range ways {
		d.pass(25 * time.Hour)
		if name != "sign-in" { // the session has ended by now
			if err := d.TOTPClear(t.Context(), boss, "ana"); err != nil {
				t.Fatal(err)
			}
			x, err := d.signIn("ana", goodPassword, "", "")
			if err != nil {
				t.Fatal(err)
			}
			in, _, _ = d.second(x)
		}
		var err error
		for range 12 {
			if err = try(); wait(err) > 0 {
				break
			}
		}
		if wait(err) == 0 {
			t.Errorf("%s: twelve wrong codes and no pause: %v", name, err)
		}
	}
}

func TestTOTPURI(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	in := d.person("ana", RoleAgent)
	if _, err := d.TOTPBegin(t.Context(), in.Principal, Proof{Password: "wrong"}); !errors.Is(err, ErrSignIn) {
		t.Errorf("without the password: %v", err)
	}
	x, err := d.TOTPBegin(t.Context(), in.Principal, Proof{Password: goodPassword})
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(x.URI)
	if err != nil || u.Scheme != "otpauth" || u.Host != "totp" || u.Path != "/Acme  Home:ana" || u.Query().Get("secret") != x.Secret || len(x.Secret) != 32 || strings.Contains(x.URI, "+") {
		t.Errorf("%s: %v", x.URI, err)
	}
	// Not confirmed: it asks for nothing yet.
	if _, err := d.signIn("ana", goodPassword, "", ""); err != nil {
		t.Error(err)
	}
}

// TestRequired: who must have a second factor can do nothing without but set
// it up.
func TestRequired(t *testing.T) {
	t.Parallel()
	d := newDesk(t, func(o *Options) { o.RequireTOTP = []Role{RoleAdmin} })
	in := d.person("ana", RoleAdmin)
	if p := in.Principal; !p.Restricted || p.Can(ReadWork) || p.May(RoleRead) {
		t.Errorf("without a second factor: %+v", p)
	}
	after, secret, _ := d.second(in)
	p, _, err := d.Session(t.Context(), after.Token)
	if err != nil || p.Restricted || !p.Can(People) {
		t.Errorf("with one: %+v %v", p, err)
	}
	d.pass(time.Minute)
	after, err = d.TOTPRemove(t.Context(), p, Proof{Password: goodPassword, Code: d.code(secret)})
	if err != nil || !after.Principal.Restricted {
		t.Errorf("without one again: %+v %v", after.Principal, err)
	}
	if x := d.person("ben", RoleAgent); x.Principal.Restricted {
		t.Error("an agent need not have one")
	}
}

func TestRecoveryRenew(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	in := d.person("ana", RoleAgent)
	if _, err := d.RecoveryRenew(t.Context(), in.Principal, Proof{Password: goodPassword}); domain.ErrorCode(err) != domain.CodeConflict {
		t.Errorf("without a second factor: %v", err)
	}
	in, _, old := d.second(in)
	fresh, err := d.RecoveryRenew(t.Context(), in.Principal, Proof{Password: goodPassword, Code: old[0]})
	if err != nil || len(fresh) != recoveryMany {
		t.Fatal(err)
	}
	if _, err := d.signIn("ana", goodPassword, old[1], ""); !errors.Is(err, ErrCodeWrong) {
		t.Errorf("an old code: %v", err)
	}
	if _, err := d.signIn("ana", goodPassword, fresh[1], ""); err != nil {
		t.Error(err)
	}
}
