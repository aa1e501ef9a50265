package auth

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

func TestSessionEnds(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	in := d.person("ana", RoleAgent)
	d.pass(DefaultSessionIdle - time.Second)
	if d.dead(in.Token) {
		t.Fatal("ended before its time")
	}
	d.pass(DefaultSessionIdle - time.Second) // it was used meanwhile
	if d.dead(in.Token) {
		t.Fatal("ended although it was used")
	}
	d.pass(DefaultSessionIdle)
	if !d.dead(in.Token) {
		t.Error("open although nobody used it")
	}
	if list, err := d.SessionList(t.Context(), "ana"); err != nil || len(list) != 0 {
		t.Errorf("listed: %+v %v", list, err)
	}
	in, err := d.signIn("ana", goodPassword, "", "")
	if err != nil {
		t.Fatal(err)
	}
	for range 23 {
		d.pass(time.Hour)
		if d.dead(in.Token) {
			t.Fatal("ended before its time")
		}
	}
	d.pass(time.Hour)
	if !d.dead(in.Token) {
		t.Error("open for longer than a day")
	}
}

// TestTouchSparesWrites: a session in use costs one write a minute.
func TestTouchSparesWrites(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	in := d.person("ana", RoleAgent)
	for range 60 {
		d.pass(5 * time.Second)
		if d.dead(in.Token) {
			t.Fatal("it ended")
		}
	}
	if v := d.documents(kindSession)[0].Version; v != 6 {
		t.Errorf("five minutes of use made %d writes, want 1 and 5", v)
	}
}

func TestRightsEndAtOnce(t *testing.T) {
	t.Parallel()
	yes, role, queues := true, RoleAgent, []string{"care"}
	for what, c := range map[string]UserChange{"disabled": {Disabled: &yes}, "another role": {Role: &role}, "other queues": {Queues: &queues}} {
		d := newDesk(t)
		in := d.person("ana", RoleSupervisor)
		c.Login = "ana"
		if _, err := d.UserChange(t.Context(), boss, c); err != nil {
			t.Fatal(err)
		}
		if !d.dead(in.Token) {
			t.Errorf("%s, and the session works", what)
		}
	}
	// Even if the session stayed: rights are those of the account.
	d := newDesk(t)
	in := d.person("ana", RoleSupervisor)
	err := d.st.Update(t.Context(), func(tx store.Tx) error {
		a, doc, err := lockUser(tx, "ana")
		if err != nil {
			return err
		}
		a.Disabled = true
		return d.putUser(tx, &doc, &a)
	})
	if err != nil || !d.dead(in.Token) {
		t.Errorf("a disabled person's session works (%v)", err)
	}
}

func TestSessionsOfOthers(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ana, ben, eve := d.person("ana", RoleAgent), d.person("an", RoleSupervisor), d.person("eve", RoleAdmin)
	list, err := d.SessionList(t.Context(), "an")
	if err != nil || len(list) != 1 || list[0].Login != "an" {
		t.Fatalf("%+v %v", list, err)
	}
	if err := d.SessionEnd(t.Context(), ben.Principal, ana.Session.ID); domain.ErrorCode(err) != domain.CodeNotFound || d.dead(ana.Token) {
		t.Errorf("a supervisor ended another's session: %v", err)
	}
	if err := d.SessionEndAll(t.Context(), ben.Principal, "ana"); domain.ErrorCode(err) != domain.CodeNotFound || d.dead(ana.Token) {
		t.Errorf("… all of them: %v", err)
	}
	if err := d.SessionEnd(t.Context(), eve.Principal, ana.Session.ID); err != nil || !d.dead(ana.Token) {
		t.Errorf("an administrator cannot: %v", err)
	}
	if err := d.SessionEnd(t.Context(), eve.Principal, ana.Session.ID); domain.ErrorCode(err) != domain.CodeNotFound {
		t.Errorf("again: %v", err)
	}
	second, err := d.signIn("an", goodPassword, "", "")
	if err != nil {
		t.Fatal(err)
	}
	if err := d.SessionEndAll(t.Context(), second.Principal, "an"); err != nil || !d.dead(ben.Token) || d.dead(second.Token) {
		t.Errorf("all but one's own: %v", err)
	}
	if err := d.SignOut(t.Context(), second.Token); err != nil || !d.dead(second.Token) {
		t.Errorf("signing out: %v", err)
	}
	if err := d.SignOut(t.Context(), second.Token); err != nil {
		t.Errorf("signing out twice: %v", err)
	}
}

func TestSessionsAreBounded(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	first := d.person("ana", RoleAgent)
	for range maxSessions {
		d.pass(time.Second)
		if _, err := d.signIn("ana", goodPassword, "", ""); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(d.documents(kindSession)); n != maxSessions || !d.dead(first.Token) {
		t.Errorf("%d sessions; want %d, without the oldest", n, maxSessions)
	}
}

// TestQueues: an agent's rights reach where the agent works, and without an
// answer to that question nowhere.
func TestQueues(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	if p := d.person("ana", RoleAgent).Principal; p.MayQueue("care") || p.MayQueue("") {
		t.Errorf("%+v", p)
	}
	d = newDesk(t, func(o *Options) {
		o.QueuesOf = func(_ store.Reader, login string) ([]string, error) { return []string{"care"}, nil }
	})
	if p := d.person("ana", RoleAgent).Principal; !p.MayQueue("care") || p.MayQueue("urgent") || p.MayQueue("") {
		t.Errorf("%+v", p)
	}
	if p := d.person("sue", RoleSupervisor).Principal; !p.MayQueue("urgent") || !p.MayQueue("") {
		t.Errorf("%+v", p)
	}
	queues := []string{"urgent", "care", "urgent"}
	u, err := d.UserChange(t.Context(), boss, UserChange{Login: "sue", Queues: &queues})
	if err != nil || !slices.Equal(u.Queues, []string{"care", "urgent"}) {
		t.Errorf("%+v %v", u, err)
	}
	if (&Principal{}).MayQueue("care") || (&Principal{}).Can(ReadWork) || (&Principal{}).May("") {
		t.Error("nobody may something")
	}
}

func TestCookie(t *testing.T) {
	t.Parallel()
	c := Cookie("x", now, true)
	if c.Name != "__Host-advocate" || !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
		t.Errorf("%v", c)
	}
	if c := Cookie("", now, false); c.MaxAge >= 0 || c.Secure {
		t.Errorf("%v", c)
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.AddCookie(Cookie("x", time.Time{}, true))
	if got := CookieToken(r, true); got != "x" {
		t.Errorf("%q", got)
	}
	if got := CookieToken(r, false); got != "" {
		t.Errorf("a secure cookie counts on a plain page: %q", got)
	}
	r.AddCookie(Cookie("y", time.Time{}, true))
	if got := CookieToken(r, true); got != "" {
		t.Errorf("two cookies: %q", got)
	}
}
