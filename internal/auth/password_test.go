package auth

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/contact-advocate/advocate/internal/domain"
)

func TestCheckPassword(t *testing.T) {
	t.Parallel()
	for _, good := range []string{goodPassword, "xK9#mQ2$vL5w", "Die Katze schläft heute", "パスワードではない言葉の列です", strings.Repeat("lamp tree ", 20), "correct horse battery staple"} {
		if err := CheckPassword(good, "ana", "ana@example.com"); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{
		"", "short", "elevenchars", "password1234", "P@ssw0rd!!!!!", "Passwort2026!", "123456789012", "aaaaaaaaaaaa", "abcabcabcabcabc", "abcdefghijklmnop", "qwertyuiop123",
		"anastasia2026", "Ana.Stasia.2026", "ana@example.com", "iloveyou1234", "............", "contactadvocate1", "new\x00password of mine", "bad \xff utf-8 text here", strings.Repeat("long", 300),
	} {
		if err := CheckPassword(bad, "anastasia", "ana@example.com"); domain.ErrorCode(err) != domain.CodeInvalid {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// TestPHC reads a hash that the reference implementation made.
func TestPHC(t *testing.T) {
	t.Parallel()
	h := newHasher(Cost{MemoryKiB: 64, Passes: 1, Threads: 1})
	made, err := h.make(t.Context(), goodPassword)
	if err != nil || !strings.HasPrefix(made, "$argon2id$v=19$m=64,t=1,p=1$") {
		t.Fatal(made, err)
	}
	for password, want := range map[string]bool{goodPassword: true, goodPassword + " ": false, "": false} {
		if right, stale, err := h.check(t.Context(), password, made); right != want || stale || err != nil {
			t.Errorf("%q: %v %v %v", password, right, stale, err)
		}
	}
	// What looks the same is the same: "é" in one rune and in two.
	made, _ = h.make(t.Context(), "un caf\u00e9 noir svp")
	if right, _, _ := h.check(t.Context(), "un cafe\u0301 noir svp", made); !right {
		t.Error("a keyboard that writes é otherwise is refused")
	}
	for _, s := range []string{
		"x", "$argon2i$v=19$m=64,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA", "$argon2id$v=19$m=4000000,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
		"$argon2id$v=19$m=64,t=0,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA", "$argon2id$v=19$m=64,t=1,p=1$$", "$argon2id$v=19$m=64,t=1,p=1x$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
	} {
		if _, _, err := h.check(t.Context(), goodPassword, s); err == nil {
			t.Errorf("%q is taken", s)
		}
	}
	if DefaultCost != (Cost{MemoryKiB: 19456, Passes: 2, Threads: 1}) {
		t.Error("the cost is not what OWASP asks for")
	}
}

// TestHashingIsBounded: a flood of sign-ins is refused, not queued.
func TestHashingIsBounded(t *testing.T) {
	t.Parallel()
	h := newHasher(Cost{MemoryKiB: 8, Passes: 1, Threads: 1})
	for range hashingAtOnce {
		h.slots <- struct{}{}
	}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for range hashingWaits {
		wg.Go(func() { _, _ = h.make(ctx, "x") })
	}
	for h.waiting.Load() < hashingWaits {
		runtime.Gosched()
	}
	if _, err := h.make(t.Context(), "x"); !errors.Is(err, errBusy) {
		t.Errorf("one more: %v", err)
	}
	cancel()
	wg.Wait()
}

func FuzzCheckPassword(f *testing.F) {
	for _, s := range []string{goodPassword, "", "\xff", "aaaaaaaaaaaaa", "パスワード"} {
		f.Add(s, "ana", "ana@example.com")
	}
	f.Fuzz(func(t *testing.T, password, login, email string) {
		if CheckPassword(password, login, email) == nil && len(password) < MinPassword {
			t.Errorf("%q is taken", password)
		}
	})
}

func FuzzParsePHC(f *testing.F) {
	f.Add("$argon2id$v=19$m=64,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA")
	f.Fuzz(func(t *testing.T, s string) {
		c, salt, hash, err := parsePHC(s)
		if err == nil && (c.MemoryKiB > maxMemoryKiB || c.Threads == 0 || len(salt) == 0 || len(hash) == 0) {
			t.Errorf("%q: %+v", s, c)
		}
	})
}
