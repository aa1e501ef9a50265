package auth

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/contact-advocate/advocate/internal/domain"
)

func TestUserRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	if _, err := Create(t.Context(), d.st, CreateParams{Name: "Till", Role: RoleIngest, Now: now}); err != nil {
		t.Fatal(err)
	}
	if _, err := d.UserAdd(t.Context(), boss, UserAdd{Login: "ana", Email: "ana@example.com", Role: RoleAgent}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		u    UserAdd
		want domain.Code
	}{
		{UserAdd{Login: "ANA ", Role: RoleAgent}, domain.CodeConflict},
		{UserAdd{Login: "till", Role: RoleAgent}, domain.CodeConflict},
		{UserAdd{Login: "ben", Email: "Ana@Example.com", Role: RoleAgent}, domain.CodeConflict},
		{UserAdd{Login: "ben", Role: RoleIngest}, domain.CodeInvalid},
		{UserAdd{Login: "ben"}, domain.CodeInvalid},
		{UserAdd{Login: "", Role: RoleAgent}, domain.CodeInvalid},
		{UserAdd{Login: "a/b", Role: RoleAgent}, domain.CodeInvalid},
		{UserAdd{Login: "me", Role: RoleAgent}, domain.CodeInvalid},
		{UserAdd{Login: strings.Repeat("a", 64), Role: RoleAgent}, domain.CodeInvalid},
		{UserAdd{Login: "ben", Email: "no address", Role: RoleAgent}, domain.CodeInvalid},
		{UserAdd{Login: "ben", Name: "a\nb", Role: RoleAgent}, domain.CodeInvalid},
		{UserAdd{Login: "ben", Queues: []string{"no queue"}, Role: RoleAgent}, domain.CodeInvalid},
	} {
		if _, err := d.UserAdd(t.Context(), boss, c.u); domain.ErrorCode(err) != c.want {
			t.Errorf("%+v: %v", c.u, err)
		}
	}
	if _, err := Create(t.Context(), d.st, CreateParams{Name: "Ana", Role: RoleRead, Now: now}); domain.ErrorCode(err) != domain.CodeConflict {
		t.Errorf("a token named like a person: %v", err)
	}
	list, err := d.UserList(t.Context(), "", 10)
	if err != nil || len(list) != 1 || list[0].Login != "ana" {
		t.Errorf("%+v %v", list, err)
	}
}

func TestLastAdministrator(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.person("ana", RoleAdmin)
	yes, role := true, RoleAgent
	for _, c := range []UserChange{{Login: "ana", Disabled: &yes}, {Login: "ana", Role: &role}} {
		if _, err := d.UserChange(t.Context(), boss, c); domain.ErrorCode(err) != domain.CodeConflict {
			t.Errorf("%+v: %v", c, err)
		}
	}
	d.person("ben", RoleAdmin)
	var wg sync.WaitGroup
	for _, login := range []string{"ana", "ben"} { // both at once: one stays
		wg.Go(func() { _, _ = d.UserChange(t.Context(), boss, UserChange{Login: login, Disabled: &yes}) })
	}
	wg.Wait()
	list, _ := d.UserList(t.Context(), "", 10)
	if list[0].Disabled == list[1].Disabled {
		t.Errorf("want one administrator: %+v", list)
	}
}

func TestUserVersionAndAudit(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.person("ana", RoleAgent)
	name := "Ana"
	u, err := d.UserChange(t.Context(), boss, UserChange{Login: "ana", Name: &name})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.UserChange(t.Context(), boss, UserChange{Login: "ana", Name: &name, Version: u.Version - 1}); domain.ErrorCode(err) != domain.CodeConflict {
		t.Errorf("an older version: %v", err)
	}
	if b, _ := json.Marshal(u); strings.Contains(string(b), "argon2") {
		t.Errorf("a password's hash is shown: %s", b)
	}
	want := []string{"user.add ok", "user.invite ok", "password.set ok", "session.begin ok", "user.change ok"}
	if got := d.audited("user/ana"); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestPermissions reads the table as people will.
func TestPermissions(t *testing.T) {
	t.Parallel()
	for _, p := range Permissions {
		if !RoleAdmin.Can(p) || meanings[p] == "" {
			t.Errorf("%s: an administrator may all, and each has a meaning", p)
		}
	}
	for _, c := range []struct {
		role Role
		may  Permission
		want bool
	}{
		{RoleAgent, Work, true}, {RoleAgent, Supervise, false}, {RoleAgent, Reports, false}, {RoleSupervisor, People, false}, {RoleSupervisor, Erase, false},
		{RoleAuditor, Audit, true}, {RoleAuditor, Work, false}, {RoleAuditor, Configure, false}, {RoleIngest, ReadCustomers, false}, {RoleRead, Audit, false}, {"root", ReadWork, false},
	} {
		if c.role.Can(c.may) != c.want {
			t.Errorf("%s %s: want %v", c.role, c.may, c.want)
		}
	}
	if table := PermissionTable(); strings.Count(table, "\n") != len(Permissions)+2 || !strings.Contains(table, "| `ingest` |") {
		t.Errorf("the table:\n%s", table)
	}
}

func TestScopedToken(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	secret, err := Create(t.Context(), d.st, CreateParams{Name: "bi", Role: RoleSupervisor, Queues: []string{"urgent", "care"}, Only: []Permission{Reports, ReadWork}, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	p, err := NewVerifier(d.st, d.clock).Verify(t.Context(), "Bearer "+secret)
	if err != nil || !p.Can(Reports) || p.Can(Work) || p.Can(ReadCustomers) || p.May(RoleRead) || !p.MayQueue("care") || p.MayQueue("sales") {
		t.Errorf("%+v %v", p, err)
	}
	for _, c := range []CreateParams{{Role: RoleAgent, Only: []Permission{People}}, {Role: RoleAgent, Only: []Permission{"all"}}, {Role: RoleAgent, Queues: []string{"a b"}}} {
		c.Name, c.Now = "x", now
		if _, err := Create(t.Context(), d.st, c); domain.ErrorCode(err) != domain.CodeInvalid {
			t.Errorf("%+v: %v", c, err)
		}
	}
	for _, s := range []string{"", "king", "admin only:", "admin only:king", "admin queue:", "admin until:tomorrow", "admin ", "read only:work"} {
		if g, err := ParseGrant(s); err == nil {
			t.Errorf("%q is %+v", s, g)
		}
	}
}

func FuzzParseGrant(f *testing.F) {
	for _, s := range []string{"admin", "agent queue:care only:work", "agent only:", " ", "supervisor queue:a queue:a"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		g, err := ParseGrant(s)
		if err != nil {
			return
		}
		again, err := ParseGrant(g.String())
		if err != nil || again.String() != g.String() {
			t.Errorf("%q: %q, %v", s, again.String(), err)
		}
	})
}

// TestDocs: the table of the docs is the one that holds.
func TestDocs(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("../../docs/operating.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(b), PermissionTable()) {
		t.Errorf("docs/operating.md lacks this table:\n%s", PermissionTable())
	}
}
