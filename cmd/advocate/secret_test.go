package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/vault"
)

// TestSecretsThatBelongTogether are exchanged together: all, or none, and in
// the audit log each for itself.
func TestSecretsThatBelongTogether(t *testing.T) {
	t.Parallel()
	n := nodeIn(t, t.TempDir())
	put := func(values map[string]string) error {
		_, err := opSecretPut(t.Context(), n, secretsParams{"cli:ann", values})
		return err
	}
	holds := func(when string, want map[string]string, audited ...string) {
		t.Helper()
		all, err := n.vault.List(t.Context())
		if err != nil || len(all) != len(want) {
			t.Errorf("%s: the vault has %v, %v", when, all, err)
		}
		for name, value := range want {
			if got, err := n.vault.Get(t.Context(), name); got != value {
				t.Errorf("%s: %s is %q, %v; want %q", when, name, got, err, value)
			}
		}
		var did []string
		err = n.store.View(t.Context(), func(r store.Reader) error {
			rows, err := r.AuditList(store.AuditListParams{Limit: 10})
			for _, r := range rows {
				did = append(did, r.By+" "+r.Action+" "+strings.TrimPrefix(r.Object, "secret/"))
			}
			return err
		})
		slices.Sort(did)
		if err != nil || !slices.Equal(did, audited) {
			t.Errorf("%s: the log has %q, %v; want %q", when, did, err, audited)
		}
	}
	if err := put(map[string]string{"key": "old-key", "token": "old-token", "spare": "old-spare"}); err != nil {
		t.Fatal(err)
	}
	was := map[string]string{"key": "old-key", "token": "old-token", "spare": "old-spare"}
	log := []string{"cli:ann secret.set key", "cli:ann secret.set spare", "cli:ann secret.set token"}
	holds("at first", was, log...)
	if err := put(map[string]string{"key": "new-key", "spare": "", "token": strings.Repeat("x", vault.MaxSecret+1)}); domain.ErrorCode(err) != domain.CodeInvalid {
		t.Errorf("a token that is too long: %v", err)
	}
	holds("refused", was, log...)
	if err := put(map[string]string{"key": "new-key", "spare": "", "token": "new-token", "never": ""}); err != nil {
		t.Fatal(err)
	}
	log = append(log, "cli:ann secret.set key", "cli:ann secret.set token", "cli:ann secret.delete spare")
	slices.Sort(log)
	holds("exchanged", map[string]string{"key": "new-key", "token": "new-token"}, log...)
}

// TestAServerStartsWithAVaultThatCannotBeListed: which networks are connected is
// one line of what it says.
func TestAServerStartsWithAVaultThatCannotBeListed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	n := nodeIn(t, dir)
	err := n.store.Update(t.Context(), func(tx store.Tx) error {
		return tx.DocumentPut([]store.Document{{Kind: "secret", ID: "broken", Body: []byte(`"?"`), UpdatedAt: time.Now()}})
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := n.close(); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "advocate.yaml", "networks:\n  bluesky:\n    - {handle: shop.example, app_password: {vault: bluesky}}\n")
	s := serve(t, dir)
	if code, _ := s.call(t, "GET", "/v1/status", nil); code != 200 {
		t.Errorf("the status: %d", code)
	}
	s.stop(t)
	if said := s.stderr.String(); !strings.Contains(said, "cannot be told") {
		t.Errorf("the log has\n%s", said)
	}
}
