package auth

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

func (d *desk) use(l Link, password string) (In, error) {
	return d.LinkUse(d.Context(), LinkUse{Secret: l.Secret, Password: password})
}

func TestLink(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	if _, err := d.UserAdd(t.Context(), boss, UserAdd{Login: "ana", Name: "Ana", Role: RoleAgent}); err != nil {
		t.Fatal(err)
	}
	first, err := d.LinkMake(t.Context(), boss, "ana")
	if err != nil || first.Purpose != PurposeInvite || !first.Expires.Equal(now.Add(InviteFor)) || first.URL("https://desk.example/") != "https://desk.example/link#"+first.Secret {
		t.Fatalf("%+v %v", first, err)
	}
	l, err := d.LinkMake(t.Context(), boss, "ANA")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.use(first, goodPassword); !errors.Is(err, ErrLink) {
		t.Errorf("a link that was replaced: %v", err)
	}
	if _, who, err := d.LinkShow(t.Context(), l.Secret); err != nil || who.Name != "Ana" {
		t.Errorf("shown: %+v %v", who, err)
	}
	if _, err := d.use(l, "short"); domain.ErrorCode(err) != domain.CodeInvalid {
		t.Errorf("a bad password: %v", err)
	}
	in, err := d.use(l, goodPassword)
	if err != nil || in.Principal.Name != "ana" {
		t.Fatal(err)
	}
	if _, err := d.use(l, goodPassword); !errors.Is(err, ErrLink) {
		t.Errorf("a link that was used: %v", err)
	}
	before, err := d.LinkMake(t.Context(), boss, "ana")
	if err != nil {
		t.Fatal(err)
	}
	role := RoleSupervisor
	if _, err := d.UserChange(t.Context(), boss, UserChange{Login: "ana", Role: &role}); err != nil {
		t.Fatal(err)
	}
	if _, err := d.use(before, goodPassword); !errors.Is(err, ErrLink) {
		t.Errorf("a link to an account that has other rights now: %v", err)
	}
	reset, err := d.LinkMake(t.Context(), boss, "ana")
	if err != nil || reset.Purpose != PurposeReset || !reset.Expires.Equal(now.Add(ResetFor)) {
		t.Fatalf("%+v %v", reset, err)
	}
	d.pass(ResetFor)
	if _, err := d.use(reset, goodPassword); !errors.Is(err, ErrLink) {
		t.Errorf("a link that has run out: %v", err)
	}
	for _, s := range []string{"", "x", strings.Repeat("A", 43), reset.Secret + "A", strings.Repeat("é", 300)} {
		if _, _, err := d.LinkShow(t.Context(), s); !errors.Is(err, ErrLink) {
			t.Errorf("%.20q: %v", s, err)
		}
	}
}

// TestLinkOnce: of many who use a link at once, one gets in.
func TestLinkOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	if _, err := d.UserAdd(t.Context(), boss, UserAdd{Login: "ana", Role: RoleAgent}); err != nil {
		t.Fatal(err)
	}
	l, err := d.LinkMake(t.Context(), boss, "ana")
	if err != nil {
		t.Fatal(err)
	}
	var in atomic.Int32
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := d.use(l, goodPassword); err == nil {
				in.Add(1)
			}
		})
	}
	wg.Wait()
	if in.Load() != 1 {
		t.Errorf("%d got in", in.Load())
	}
}

// TestResetKeepsSecondFactor: a link that was read by somebody else is not
// enough where there is a second factor.
func TestResetKeepsSecondFactor(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	in, secret, _ := d.second(d.person("ana", RoleAgent))
	l, err := d.LinkMake(t.Context(), boss, "ana")
	if err != nil {
		t.Fatal(err)
	}
	const next = "seven green lanterns wait"
	after, err := d.use(l, next)
	if err != nil || after.Token != "" || !d.dead(in.Token) {
		t.Fatalf("%+v %v", after, err)
	}
	if _, err := d.signIn("ana", next, "", ""); !errors.Is(err, ErrCode) {
		t.Errorf("without the code: %v", err)
	}
	d.pass(time.Minute)
	if _, err := d.signIn("ana", next, d.code(secret), ""); err != nil {
		t.Error(err)
	}
}

func TestFirstLink(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	old, made, err := d.FirstLink(t.Context())
	if err != nil || !made {
		t.Fatal(err)
	}
	l, made, err := d.FirstLink(t.Context())
	if err != nil || !made || l.Secret == old.Secret {
		t.Fatal(err)
	}
	use := LinkUse{Secret: old.Secret, Login: "ana", Name: "Ana", Password: goodPassword}
	if _, err := d.LinkUse(t.Context(), use); !errors.Is(err, ErrLink) {
		t.Errorf("the one before: %v", err)
	}
	use.Secret = l.Secret
	for login, password := range map[string]string{"": goodPassword, "desk": goodPassword, "a b": goodPassword, "ana": "short", "anastasia1": "anastasia1!!"} {
		bad := use
		bad.Login, bad.Password = login, password
		if _, err := d.LinkUse(t.Context(), bad); domain.ErrorCode(err) != domain.CodeInvalid {
			t.Errorf("%q, %q: %v", login, password, err)
		}
	}
	in, err := d.LinkUse(t.Context(), use)
	if err != nil || in.User.Role != RoleAdmin || !in.Principal.Can(People) {
		t.Fatalf("%+v %v", in, err)
	}
	if _, made, err := d.FirstLink(t.Context()); err != nil || made {
		t.Errorf("there is somebody, and still a link: %v", err)
	}
	use.Login = "eve"
	if _, err := d.LinkUse(t.Context(), use); !errors.Is(err, ErrLink) {
		t.Errorf("used again: %v", err)
	}
}

// TestFirstLinkEndsWithTheFirstPerson, however that one came about.
func TestFirstLinkEndsWithTheFirstPerson(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	l, _, err := d.FirstLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	d.person("ana", RoleAdmin)
	if _, err := d.LinkUse(t.Context(), LinkUse{Secret: l.Secret, Login: "eve", Password: goodPassword}); !errors.Is(err, ErrLink) {
		t.Errorf("%v", err)
	}
}
