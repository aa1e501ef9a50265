package vault

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/memory"
)

func clock() time.Time { return time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC) }

func inFile(st store.Store, path string) *Vault {
	return New(Options{Store: st, Now: clock, File: path})
}

func newKeyText() string {
	k := freshKey()
	return base64.StdEncoding.EncodeToString(k.secret[:])
}

func TestSecrets(t *testing.T) {
	t.Parallel()
	st, path := memory.New(), filepath.Join(t.TempDir(), "vault.key")
	v := inFile(st, path)
	if list, err := v.List(t.Context()); err != nil || len(list) != 0 {
		t.Fatal(list, err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Error("a key was made though there is no secret")
	}
	if err := v.Set(t.Context(), "ana", "crm", "hunter2 "); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key's file: %v %v", info, err)
	}
	// Another process reads it.
	if got, err := inFile(st, path).Get(t.Context(), "crm"); err != nil || got != "hunter2 " {
		t.Errorf("%q %v", got, err)
	}
	if err := v.Set(t.Context(), "ben", "crm", "other"); err != nil {
		t.Fatal(err)
	}
	list, err := v.List(t.Context())
	if err != nil || len(list) != 1 || list[0].By != "ben" || len(list[0].Key) != 16 {
		t.Errorf("%+v %v", list, err)
	}
	_ = st.View(t.Context(), func(r store.Reader) error {
		docs, _ := r.DocumentGet(kindSecret, []string{"crm"})
		if strings.Contains(string(docs[0].Body), "other") {
			t.Error("the store keeps the secret")
		}
		return nil
	})
	if err := v.Delete(t.Context(), "crm"); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]domain.Code{"crm": domain.CodeNotFound, "": domain.CodeInvalid, "A b": domain.CodeInvalid, "../x": domain.CodeInvalid} {
		if _, err := v.Get(t.Context(), name); domain.ErrorCode(err) != want {
			t.Errorf("%q: %v", name, err)
		}
		if err := v.Delete(t.Context(), name); domain.ErrorCode(err) != want {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, value := range []string{"", strings.Repeat("x", MaxSecret+1)} {
		if err := v.Set(t.Context(), "", "x", value); domain.ErrorCode(err) != domain.CodeInvalid {
			t.Errorf("%d bytes: %v", len(value), err)
		}
	}
}

// TestTampering: every changed bit, every other name and every cut is noticed.
func TestTampering(t *testing.T) {
	t.Parallel()
	v := inFile(memory.New(), filepath.Join(t.TempDir(), "k"))
	sealed, err := v.Seal(t.Context(), "secret/a", []byte("hunter2"))
	if err != nil {
		t.Fatal(err)
	}
	again, _ := v.Seal(t.Context(), "secret/a", []byte("hunter2"))
	if string(again) == string(sealed) {
		t.Error("the same twice gives the same")
	}
	if got, err := v.Open("secret/a", sealed); err != nil || string(got) != "hunter2" {
		t.Fatal(got, err)
	}
	for _, name := range []string{"secret/b", "totp/a", "", "secret/a\x00"} {
		if _, err := v.Open(name, sealed); !errors.Is(err, ErrSealed) {
			t.Errorf("under the name %q: %v", name, err)
		}
	}
	for i := range sealed {
		for bit := range 8 {
			bad := append([]byte(nil), sealed...)
			bad[i] ^= 1 << bit
			if _, err := v.Open("secret/a", bad); !errors.Is(err, ErrSealed) {
				t.Fatalf("byte %d, bit %d: %v", i, bit, err)
			}
		}
		if _, err := v.Open("secret/a", sealed[:i]); !errors.Is(err, ErrSealed) {
			t.Fatalf("cut at %d: %v", i, err)
		}
	}
}

// TestRenamed: a sealed secret that is put under another name does not open.
func TestRenamed(t *testing.T) {
	t.Parallel()
	st := memory.New()
	v := inFile(st, filepath.Join(t.TempDir(), "k"))
	if err := v.Set(t.Context(), "", "harmless", "1"); err != nil {
		t.Fatal(err)
	}
	if err := v.Set(t.Context(), "", "payment", "2"); err != nil {
		t.Fatal(err)
	}
	err := st.Update(t.Context(), func(tx store.Tx) error {
		docs, err := tx.DocumentGet(kindSecret, []string{"harmless", "payment"})
		if err != nil {
			return err
		}
		docs[0].Body = docs[1].Body
		return tx.DocumentPut(docs[:1])
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := v.Get(t.Context(), "harmless"); !errors.Is(err, ErrSealed) || got != "" {
		t.Errorf("%q %v", got, err)
	}
}

func TestRotate(t *testing.T) {
	t.Parallel()
	st, path := memory.New(), filepath.Join(t.TempDir(), "k")
	v, other := inFile(st, path), inFile(st, path)
	for i := range 5 {
		if err := v.Set(t.Context(), "", fmt.Sprint("s", i), fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := other.Get(t.Context(), "s1"); err != nil || got != "1" {
		t.Fatal(got, err)
	}
	before, _ := v.List(t.Context())
	r, err := v.Rotate(t.Context(), func(context.Context) (int, error) { return 3, nil })
	if err != nil || r.Secrets != 5 || r.Others != 3 || !r.Made {
		t.Fatalf("%+v %v", r, err)
	}
	after, _ := v.List(t.Context())
	for i := range after {
		if after[i].Key != r.Key || after[i].Key == before[i].Key {
			t.Errorf("%+v, was %+v", after[i], before[i])
		}
		// Another process takes the new key up by itself.
		if got, err := other.Get(t.Context(), after[i].Name); err != nil || got != fmt.Sprint(i) {
			t.Errorf("%s: %q %v", after[i].Name, got, err)
		}
	}
	if err := other.Set(t.Context(), "", "s9", "9"); err != nil {
		t.Fatal(err)
	}
	// The old key is needed by nothing any more.
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	if err := os.WriteFile(path, []byte(strings.Join(lines[:len(lines)-1], "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"s0", "s4", "s9"} {
		if _, err := inFile(st, path).Get(t.Context(), name); err != nil {
			t.Errorf("%s without the old key: %v", name, err)
		}
	}
	for range maxKeys {
		_, err = v.Rotate(t.Context())
	}
	if domain.ErrorCode(err) != domain.CodeConflict {
		t.Errorf("a ring without an end: %v", err)
	}
}

func TestConfiguredKeys(t *testing.T) {
	t.Parallel()
	st, first, second := memory.New(), newKeyText(), newKeyText()
	keys := func(text string) *Vault {
		return New(Options{Store: st, Now: clock, From: "environment variable K", Keys: func() (string, error) { return text, nil }})
	}
	if err := keys(first).Set(t.Context(), "", "a", "1"); err != nil {
		t.Fatal(err)
	}
	v := keys(second + "," + first)
	r, err := v.Rotate(t.Context())
	if err != nil || r.Secrets != 1 || r.Made {
		t.Fatalf("%+v %v", r, err)
	}
	if got, err := keys(second).Get(t.Context(), "a"); err != nil || got != "1" {
		t.Errorf("%q %v", got, err)
	}
	// A node without the right key makes none, seals nothing, and says why.
	wrong := keys(newKeyText())
	if _, err := wrong.Get(t.Context(), "a"); !errors.Is(err, ErrSealed) || !strings.Contains(err.Error(), r.Key) {
		t.Errorf("%v", err)
	}
	path := filepath.Join(t.TempDir(), "k")
	for _, v := range []*Vault{wrong, inFile(st, path)} {
		if err := v.Set(t.Context(), "", "b", "2"); domain.ErrorCode(err) != domain.CodeUnavailable {
			t.Errorf("%v", err)
		}
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Error("a second key was made")
	}
	for _, text := range []string{"", "short", first + " " + first, "# only words", first[:40]} {
		_, err := keys(text).Get(t.Context(), "a")
		if err == nil || len(text) > 20 && strings.Contains(err.Error(), text[:20]) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestOneFirstKey: processes that start at once agree on one key.
func TestOneFirstKey(t *testing.T) {
	t.Parallel()
	st, path := memory.New(), filepath.Join(t.TempDir(), "k")
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			v := inFile(st, path)
			if err := v.Set(t.Context(), "", fmt.Sprint("s", i), "x"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	list, err := inFile(st, path).List(t.Context())
	if err != nil || len(list) != 8 {
		t.Fatal(list, err)
	}
	for _, x := range list {
		if x.Key != list[0].Key {
			t.Errorf("%+v", list)
		}
	}
}

// TestOpenInTransaction: whoever has the store locked may open.
func TestOpenInTransaction(t *testing.T) {
	t.Parallel()
	st := memory.New()
	path := filepath.Join(t.TempDir(), "k")
	sealed, err := inFile(st, path).Seal(t.Context(), "x", []byte("1"))
	if err != nil {
		t.Fatal(err)
	}
	v := inFile(st, path)
	started, done := make(chan struct{}), make(chan struct{})
	err = st.Update(t.Context(), func(store.Tx) error {
		go func() {
			close(started)
			_, _ = v.Seal(t.Context(), "y", []byte("2")) // waits for the store
			close(done)
		}()
		<-started
		_, err := v.Open("x", sealed)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	<-done
}

func TestKeyIsPrivate(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "k")
	if err := os.WriteFile(path, []byte(newKeyText()), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := inFile(memory.New(), path).Seal(t.Context(), "x", nil); err == nil || !strings.Contains(err.Error(), "0600") {
		t.Errorf("a key that all can read: %v", err)
	}
	k := freshKey()
	if s := fmt.Sprintf("%v %+v %#v", k, k, k); strings.Contains(s, string(k.secret[:])) || strings.Contains(s, fmt.Sprint(k.secret[0])+" "+fmt.Sprint(k.secret[1])) {
		t.Errorf("a key is printed: %s", s)
	}
	if b, _ := json.Marshal(map[string]any{"k": k}); string(b) != `{"k":{}}` {
		t.Errorf("a key in JSON: %s", b)
	}
}

func FuzzOpen(f *testing.F) {
	v := New(Options{Store: memory.New(), Now: clock, Keys: func() (string, error) { return strings.Repeat("A", 43) + "=", nil }, From: "test"})
	sealed, err := v.Seal(context.Background(), "x", []byte("1"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add("x", sealed)
	f.Add("", []byte{1})
	f.Fuzz(func(t *testing.T, name string, b []byte) {
		if plain, err := v.Open(name, b); err == nil && (name != "x" || string(plain) != "1") {
			t.Errorf("%q opens %x", name, b)
		}
	})
}

func FuzzParseRing(f *testing.F) {
	f.Add("# x\n" + strings.Repeat("A", 43) + "=\n")
	f.Add("a,b c")
	f.Fuzz(func(t *testing.T, s string) {
		ring, err := parseRing(s)
		if err != nil {
			return
		}
		again, err := parseRing(string(formatRing(ring)))
		if err != nil || len(again) != len(ring) || again[0].id != ring[0].id {
			t.Errorf("%q: %v", s, err)
		}
	})
}
