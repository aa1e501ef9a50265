package auth

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/memory"
)

var now = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

func TestTokenLife(t *testing.T) {
	t.Parallel()
	st := memory.New()
	clock := now
	v := NewVerifier(st, func() time.Time { return clock })
	secret, err := Create(t.Context(), st, CreateParams{Name: "till", Role: RoleIngest, Now: now, TTL: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(secret, "adv_") || len(secret) != secretLen {
		t.Errorf("secret %q", secret)
	}
	for _, header := range []string{"Bearer " + secret, "bearer  " + secret} {
		if p, err := v.Verify(t.Context(), header); err != nil || p.Name != "till" || p.Role != RoleIngest || p.Kind != KindToken || !p.MayQueue("care") {
			t.Errorf("%.8s…: %+v, %v", header, p, err)
		}
	}
	_ = st.View(t.Context(), func(r store.Reader) error {
		tokens, _ := r.TokenList()
		if len(tokens) != 1 || strings.Contains(string(tokens[0].Hash[:]), secret) || tokens[0].Hash != Hash(secret) {
			t.Errorf("the store keeps %+v", tokens)
		}
		return nil
	})
	if _, err := Create(t.Context(), st, CreateParams{Name: "till", Role: RoleRead, Now: now}); domain.ErrorCode(err) != domain.CodeConflict {
		t.Errorf("a name in use: %v", err)
	}
	clock = now.Add(time.Hour)
	if _, err := v.Verify(t.Context(), "Bearer "+secret); !errors.Is(err, ErrExpired) {
		t.Errorf("after its time: %v", err)
	}
	clock = now
	if err := Revoke(t.Context(), st, "till"); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Verify(t.Context(), "Bearer "+secret); !errors.Is(err, ErrCredentials) {
		t.Errorf("revoked: %v", err)
	}
	if err := Revoke(t.Context(), st, "till"); domain.ErrorCode(err) != domain.CodeNotFound {
		t.Errorf("revoked again: %v", err)
	}
}

func TestBadCredentials(t *testing.T) {
	t.Parallel()
	st := memory.New()
	v := NewVerifier(st, func() time.Time { return now })
	good, err := Create(t.Context(), st, CreateParams{Name: "a", Role: RoleAdmin, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	other, _ := NewSecret(nil)
	for _, h := range []string{"", "Bearer", "Bearer ", good, "Basic " + good, "Bearer " + good + "x", "Bearer " + other, "Bearer " + strings.ToUpper(good), "Bearer adv_" + strings.Repeat("é", 21) + "x"} {
		if _, err := v.Verify(t.Context(), h); !errors.Is(err, ErrCredentials) {
			t.Errorf("%.12q: %v", h, err)
		}
	}
	for _, p := range []CreateParams{{Name: "", Role: RoleRead}, {Name: "a b", Role: RoleRead}, {Name: "x", Role: "root"}, {Name: "x", Role: RoleRead, TTL: -1}} {
		if _, err := Create(t.Context(), st, p); domain.ErrorCode(err) != domain.CodeInvalid {
			t.Errorf("%+v: %v", p, err)
		}
	}
}

func TestRoles(t *testing.T) {
	t.Parallel()
	want := map[Role]string{
		RoleAdmin: "admin supervisor agent auditor ingest read", RoleSupervisor: "supervisor agent read", RoleAgent: "agent read", RoleAuditor: "auditor read",
		RoleIngest: "ingest", RoleRead: "read", "none": "",
	}
	for r, may := range want {
		var got []string
		for _, need := range Roles {
			if r.May(need) {
				got = append(got, string(need))
			}
		}
		if strings.Join(got, " ") != may {
			t.Errorf("%s may %v, want %s", r, got, may)
		}
		if r.May("none") {
			t.Errorf("%s may what nobody may", r)
		}
	}
}
