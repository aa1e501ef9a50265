package vault

import (
	"context"
	"encoding/json"
	"errors"
	"regexp"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// Limits on secrets.
const (
	MaxSecret  = 16 << 10 // bytes
	MaxSecrets = 1000
)

const kindSecret = "secret"

var nameForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,62}$`)

// Info is what may be told of a secret: all but the secret.
type Info struct {
	Name      string    `json:"name"`
	By        string    `json:"by,omitempty"`
	UpdatedAt time.Time `json:"updated_at"`
	Key       string    `json:"key"` // under which it is sealed
}

// entry is a secret as it is stored.
type entry struct {
	Sealed []byte    `json:"sealed"`
	By     string    `json:"by,omitempty"`
	At     time.Time `json:"at"`
}

func (e *entry) into(d *store.Document) (err error) {
	d.UpdatedAt = e.At
	d.Body, err = json.Marshal(e)
	return err
}

func sealedName(name string) string { return "secret/" + name }

// CheckName reports why a name will not do for a secret.
func CheckName(name string) error {
	if !nameForm.MatchString(name) {
		return domain.FieldErrorf("name", "is %.70q; want up to 63 small letters, digits, \".\", \"_\" or \"-\", beginning with a letter or digit", name)
	}
	return nil
}

func ignoreConflict(err error) error {
	if errors.Is(err, store.ErrConflict) {
		return nil
	}
	return err
}

// Set keeps a secret, in place of what was under the name.
func (v *Vault) Set(ctx context.Context, by, name, value string) error {
	if err := CheckName(name); err != nil {
		return err
	}
	if value == "" || len(value) > MaxSecret {
		return domain.FieldErrorf("value", "holds %d bytes; want 1 to %d", len(value), MaxSecret)
	}
	sealed, err := v.Seal(ctx, sealedName(name), []byte(value))
	if err != nil {
		return err
	}
	e := entry{Sealed: sealed, By: by, At: v.o.Now().UTC()}
	return v.o.Store.Update(ctx, func(tx store.Tx) error {
		docs, err := tx.DocumentLock(kindSecret, []string{name})
		if err != nil {
			return err
		}
		d := docs[0]
		if d.ID == "" {
			all, err := tx.DocumentList(store.DocumentListParams{Kind: kindSecret, Limit: MaxSecrets})
			if err != nil {
				return err
			}
			if len(all) >= MaxSecrets {
				return domain.Errorf(domain.CodeConflict, "there are %d secrets already; delete some", len(all))
			}
			d = store.Document{Kind: kindSecret, ID: name}
		}
		if err := e.into(&d); err != nil {
			return err
		}
		return tx.DocumentPut([]store.Document{d})
	})
}

// Get reads a secret; CodeNotFound when there is none of that name.
func (v *Vault) Get(ctx context.Context, name string) (string, error) {
	_, e, err := v.get(ctx, name)
	if err != nil {
		return "", err
	}
	plain, err := v.Open(sealedName(name), e.Sealed)
	return string(plain), err
}

func (v *Vault) get(ctx context.Context, name string) (store.Document, entry, error) {
	var (
		d store.Document
		e entry
	)
	if err := CheckName(name); err != nil {
		return d, e, err
	}
	err := v.o.Store.View(ctx, func(r store.Reader) error {
		docs, err := r.DocumentGet(kindSecret, []string{name})
		if err != nil {
			return err
		}
		if d = docs[0]; d.ID == "" {
			return domain.Errorf(domain.CodeNotFound, "there is no secret named %q; \"advocate secret set %s\" makes it", name, name)
		}
		return json.Unmarshal(d.Body, &e)
	})
	return d, e, err
}

// Delete removes a secret; CodeNotFound when there is none of that name.
func (v *Vault) Delete(ctx context.Context, name string) error {
	if err := CheckName(name); err != nil {
		return err
	}
	return v.o.Store.Update(ctx, func(tx store.Tx) error {
		docs, err := tx.DocumentLock(kindSecret, []string{name})
		if err != nil {
			return err
		}
		if docs[0].ID == "" {
			return domain.Errorf(domain.CodeNotFound, "there is no secret named %q", name)
		}
		return tx.DocumentDelete(kindSecret, []string{name})
	})
}

// List gives what may be told of all secrets, by name.
func (v *Vault) List(ctx context.Context) ([]Info, error) {
	out := []Info{}
	err := v.o.Store.View(ctx, func(r store.Reader) error {
		out = out[:0]
		docs, err := r.DocumentList(store.DocumentListParams{Kind: kindSecret, Limit: MaxSecrets})
		for i := range docs {
			var e entry
			if err := json.Unmarshal(docs[i].Body, &e); err != nil {
				return err
			}
			out = append(out, Info{Name: docs[i].ID, By: e.By, UpdatedAt: e.At, Key: keyOf(e.Sealed)})
		}
		return err
	})
	return out, err
}

// keyOf names the key of something sealed.
func keyOf(sealed []byte) string {
	if len(sealed) < headBytes {
		return ""
	}
	k := key{id: [idBytes]byte(sealed[1:headBytes])}
	return k.name()
}
