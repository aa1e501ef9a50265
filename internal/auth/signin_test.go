package auth

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// TestNobodyLearnsWhoIsThere: whatever is wrong, the answer and the work are
// the same.
func TestNobodyLearnsWhoIsThere(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.person("ana", RoleAgent)
	d.person("ben", RoleAgent)
	yes := true
	if _, err := d.UserChange(t.Context(), boss, UserChange{Login: "ben", Disabled: &yes}); err != nil {
		t.Fatal(err)
	}
	if _, err := d.UserAdd(t.Context(), boss, UserAdd{Login: "invited", Role: RoleAgent}); err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct{ login, password string }{
		{"ana", "wrong"}, {"nobody", "wrong"}, {"ben", goodPassword}, {"invited", ""}, {"not a login!", "x"}, {"", ""}, {"desk", "x"}, {"ana", strings.Repeat("x", 5000)},
	} {
		before := d.hasher.looks.Load()
		_, err := d.signIn(c.login, c.password, "", fmt.Sprintf("192.0.2.%d", i))
		if !errors.Is(err, ErrSignIn) || err.Error() != ErrSignIn.Error() || wait(err) != 0 {
			t.Errorf("%q: %v, wait %v", c.login, err, wait(err))
		}
		if n := d.hasher.looks.Load() - before; n != 1 {
			t.Errorf("%q: %d hashes were computed, want 1", c.login, n)
		}
	}
	for _, doc := range d.documents(kindThrottle) {
		if strings.Contains(doc.ID+string(doc.Body), "ana") || strings.Contains(doc.ID+string(doc.Body), "not a") {
			t.Errorf("what was typed is kept: %s %s", doc.ID, doc.Body)
		}
	}
	if got := d.audited("user/nobody"); len(got) != 0 {
		t.Errorf("what was typed is in the audit log: %v", got)
	}
	if got := d.audited("user/ben"); got[len(got)-1] != "session.refuse disabled" {
		t.Errorf("audit of ben: %v", got)
	}
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.person("ana", RoleSupervisor)
	in, err := d.signIn(" ANA ", goodPassword, "", "192.0.2.1:4711")
	if err != nil {
		t.Fatal(err)
	}
	p, x, err := d.Session(t.Context(), in.Token)
	if err != nil || p.Name != "ana" || p.Role != RoleSupervisor || p.Kind != KindSession || p.Session != x.ID || !p.MayQueue("care") || !p.Can(Supervise) || p.Can(People) {
		t.Errorf("%+v %+v %v", p, x, err)
	}
	for _, doc := range d.documents(kindSession) {
		if strings.Contains(doc.ID+strings.Join(doc.Keys, "")+string(doc.Body), in.Token) {
			t.Error("the store keeps the token")
		}
	}
	for _, doc := range d.documents(kindUser) {
		if strings.Contains(string(doc.Body), goodPassword) || !strings.Contains(string(doc.Body), "$argon2id$v=19$") {
			t.Errorf("the account is kept as %s", doc.Body)
		}
	}
}

// TestFixation: what a browser brings is never what it is given, and ends.
func TestFixation(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	first := d.person("ana", RoleAgent)
	for _, old := range []string{first.Token, "", "chosen by somebody", randomSecret()} {
		in, err := d.SignIn(t.Context(), SignIn{Login: "ana", Password: goodPassword, Old: old})
		if err != nil || in.Token == old || in.Token == first.Token {
			t.Fatalf("%v, the token is %q", err, in.Token)
		}
		if !d.dead(old) {
			t.Errorf("%q opens something", old)
		}
	}
}

// TestGuesser: pauses grow, hold for whatever is tried, and end.
func TestGuesser(t *testing.T) {
	t.Parallel()
	for _, login := range []string{"ana", "nobody"} {
		d := newDesk(t)
		d.person("ana", RoleAgent)
		guesses, longest := 0, time.Duration(0)
		for end := d.clock().Add(24 * time.Hour); d.clock().Before(end); {
			_, err := d.signIn(login, "wrong", "", fmt.Sprintf("198.51.%d.%d", guesses/250, guesses%250))
			if !errors.Is(err, ErrSignIn) || err.Error() != ErrSignIn.Error() {
				t.Fatal(err)
			}
			guesses++
			longest = max(longest, wait(err))
			if w := wait(err); w > 0 {
				// Too early: the same answer, no work, and nothing is counted.
				before := d.hasher.looks.Load()
				_, err := d.signIn(login, goodPassword, "", "203.0.113.9")
				if !errors.Is(err, ErrSignIn) || wait(err) == 0 || d.hasher.looks.Load() != before {
					t.Fatalf("%s, too early: %v", login, err)
				}
				d.pass(w)
			}
		}
		if guesses < 20 || guesses > 200 || longest != pauseByLogin {
			t.Errorf("%s: %d guesses in a day, the longest pause %v", login, guesses, longest)
		}
		d.pass(pauseByLogin)
		if _, err := d.signIn("ana", goodPassword, "", "203.0.113.9"); err != nil {
			t.Errorf("%s: locked out for good: %v", login, err)
		}
	}
}

func TestOwnerIsNotKeptOut(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.person("ana", RoleAgent)
	if _, err := d.signIn("ana", goodPassword, "", "192.0.2.1"); err != nil {
		t.Fatal(err)
	}
	for i := range 8 {
		_, _ = d.signIn("ana", "wrong", "", fmt.Sprintf("198.51.100.%d", i))
	}
	if _, err := d.signIn("ana", goodPassword, "", "198.51.100.99"); wait(err) == 0 {
		t.Errorf("guessed at from everywhere, and still open: %v", err)
	}
	if _, err := d.signIn("ana", goodPassword, "", "192.0.2.1"); err != nil {
		t.Errorf("kept out where she signed in before: %v", err)
	}
}

// TestSpray: one address tries a password on many logins; its IPv6 neighbours
// are the same address.
func TestSpray(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.person("ana", RoleAgent)
	for i := range freeByAddress {
		_, _ = d.signIn(fmt.Sprintf("u%d", i), "wrong", "", fmt.Sprintf("[2001:db8:1:2::%x]:99", i))
	}
	if _, err := d.signIn("ana", goodPassword, "", "2001:db8:1:2:ffff::1"); wait(err) == 0 {
		t.Errorf("the address is not slowed down: %v", err)
	}
	if _, err := d.signIn("ana", goodPassword, "", "2001:db8:1:3::1"); err != nil {
		t.Errorf("another one is: %v", err)
	}
}

// TestGuessesAtOnce: attempts are counted before they are judged.
func TestGuessesAtOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.person("ana", RoleAgent)
	before := d.hasher.looks.Load()
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() { _, _ = d.signIn("ana", "wrong", "", fmt.Sprintf("198.51.100.%d", i)) })
	}
	wg.Wait()
	if n := d.hasher.looks.Load() - before; n > freeByLogin {
		t.Errorf("%d of 40 guesses at once were judged, want %d at most", n, freeByLogin)
	}
}

func TestPasswordChange(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	first := d.person("ana", RoleAgent)
	other, err := d.signIn("ana", goodPassword, "", "")
	if err != nil {
		t.Fatal(err)
	}
	const next = "seven green lanterns wait"
	if _, err := d.PasswordChange(t.Context(), other.Principal, Proof{Password: "wrong"}, next); !errors.Is(err, ErrSignIn) {
		t.Errorf("with a wrong password: %v", err)
	}
	if _, err := d.PasswordChange(t.Context(), other.Principal, Proof{Password: goodPassword}, "short"); domain.ErrorCode(err) != domain.CodeInvalid {
		t.Errorf("to a bad one: %v", err)
	}
	in, err := d.PasswordChange(t.Context(), other.Principal, Proof{Password: goodPassword}, next)
	if err != nil {
		t.Fatal(err)
	}
	if !d.dead(first.Token) || !d.dead(other.Token) || d.dead(in.Token) {
		t.Error("want all sessions ended but the new one")
	}
	if _, err := d.PasswordChange(t.Context(), other.Principal, Proof{Password: next}, goodPassword); !errors.Is(err, ErrSession) {
		t.Errorf("by a session that has ended: %v", err)
	}
	if _, err := d.signIn("ana", goodPassword, "", ""); !errors.Is(err, ErrSignIn) {
		t.Errorf("the old password: %v", err)
	}
	if _, err := d.signIn("ana", next, "", ""); err != nil {
		t.Errorf("the new one: %v", err)
	}
}

// TestRehash: a hash of another cost is made anew when its password is shown.
func TestRehash(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.person("ana", RoleAgent)
	d.hasher.cost = Cost{MemoryKiB: 16, Passes: 2, Threads: 1}
	if _, err := d.signIn("ana", goodPassword, "", ""); err != nil {
		t.Fatal(err)
	}
	if body := string(d.documents(kindUser)[0].Body); !strings.Contains(body, "m=16,t=2,p=1") {
		t.Errorf("still %s", body)
	}
	if _, err := d.signIn("ana", goodPassword, "", ""); err != nil {
		t.Fatal(err)
	}
}
