package certificate

import (
	"bytes"
	"context"
	"crypto"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"time"

	"github.com/contact-advocate/advocate/internal/store"
)

// Kind is the kind of all documents here. A domain's has its name as id.
const Kind = "certificate"

const (
	accountPrefix = "account/"   // and a hash of the directory
	alpnPrefix    = "challenge/" // and the domain
	tokenPrefix   = "token/"     // and the token
)

// Sealer keeps keys from whoever has only the database.
type Sealer interface {
	Seal(ctx context.Context, name string, plain []byte) ([]byte, error) // may write to the store
	Open(name string, sealed []byte) ([]byte, error)
	Stale(sealed []byte) bool // is under another key than what is sealed now
}

// kept is a document's body. A domain's tells how its orders went, as well.
type kept struct {
	Sealed    []byte    `json:"sealed,omitempty"`
	Directory string    `json:"directory,omitempty"`
	NotBefore time.Time `json:"not_before,omitzero"`
	NotAfter  time.Time `json:"not_after,omitzero"`
	Failures  int       `json:"failures,omitempty"` // since the last success
	Problem   string    `json:"problem,omitempty"`
	ProblemAt time.Time `json:"problem_at,omitzero"`
	NextTry   time.Time `json:"next_try,omitzero"`
	Asked     string    `json:"asked,omitempty"` // the directory that Failures and NextTry are about
}

// record is a document that was read, or is to be.
type record struct {
	kept
	doc store.Document
}

func sealName(id string) string { return "certificate/" + id }

func (a *Authority) read(ctx context.Context, ids ...string) ([]record, error) {
	var out []record
	err := a.o.Store.View(ctx, func(r store.Reader) error {
		docs, err := r.DocumentGet(Kind, ids)
		out = make([]record, len(docs))
		for i := range docs {
			out[i].doc = docs[i]
			if docs[i].ID == "" {
				out[i].doc = store.Document{Kind: Kind, ID: ids[i]}
			} else if err := json.Unmarshal(docs[i].Body, &out[i].kept); err != nil {
				return fmt.Errorf("certificate: %s cannot be read: %w", ids[i], err)
			}
		}
		return err
	})
	return out, err
}

// write puts a record where the one that was read is; store.ErrConflict when
// another node was quicker.
func (a *Authority) write(ctx context.Context, r *record) (err error) {
	r.doc.UpdatedAt = a.o.Clock.Now()
	if r.doc.Body, err = json.Marshal(&r.kept); err != nil {
		return err
	}
	docs := []store.Document{r.doc}
	err = a.o.Store.Update(ctx, func(tx store.Tx) error {
		docs[0] = r.doc
		return tx.DocumentPut(docs)
	})
	if err == nil {
		r.doc = docs[0]
	}
	return err
}

// put writes something whatever was there, for a while.
func (a *Authority) put(ctx context.Context, id string, plain []byte, lasts time.Duration) error {
	sealed, err := a.o.Sealer.Seal(ctx, sealName(id), plain)
	if err != nil {
		return err
	}
	rs, err := a.read(ctx, id)
	if err != nil {
		return err
	}
	rs[0].kept = kept{Sealed: sealed}
	rs[0].doc.ExpiresAt = a.o.Clock.Now().Add(lasts)
	return a.write(ctx, &rs[0])
}

// get opens something that put wrote; nil when it is not there.
func (a *Authority) get(ctx context.Context, id string) ([]byte, error) {
	rs, err := a.read(ctx, id)
	if err != nil || rs[0].doc.Version == 0 || !rs[0].doc.ExpiresAt.After(a.o.Clock.Now()) {
		return nil, err
	}
	return a.o.Sealer.Open(sealName(id), rs[0].Sealed)
}

func (a *Authority) drop(ctx context.Context, ids ...string) error {
	return a.o.Store.Update(ctx, func(tx store.Tx) error { return tx.DocumentDelete(Kind, ids) })
}

// accountID names the account at an authority.
func accountID(directory string) string {
	sum := sha256.Sum256([]byte(directory))
	return accountPrefix + hex.EncodeToString(sum[:16])
}

// Reseal seals anew what is under another key than the sealer's present one,
// and says how many. It is for vault.Rotate.
func Reseal(ctx context.Context, st store.Store, sealer Sealer) (int, error) {
	var docs []store.Document
	err := st.View(ctx, func(r store.Reader) (err error) {
		docs, err = r.DocumentList(store.DocumentListParams{Kind: Kind, Limit: 1000})
		return err
	})
	n := 0
	for i := range docs {
		d := &docs[i]
		var k kept
		if err := json.Unmarshal(d.Body, &k); err != nil {
			return n, fmt.Errorf("certificate: %s cannot be read: %w", d.ID, err)
		}
		if len(k.Sealed) == 0 || !d.ExpiresAt.IsZero() || !sealer.Stale(k.Sealed) {
			continue // what has an end is over before the key is gone
		}
		plain, err := sealer.Open(sealName(d.ID), k.Sealed)
		if err != nil {
			return n, err
		}
		if k.Sealed, err = sealer.Seal(ctx, sealName(d.ID), plain); err != nil {
			return n, err
		}
		if d.Body, err = json.Marshal(&k); err != nil {
			return n, err
		}
		err = st.Update(ctx, func(tx store.Tx) error { return tx.DocumentPut([]store.Document{*d}) })
		if errors.Is(err, store.ErrConflict) {
			continue // it was renewed meanwhile, and is under the new key
		}
		if err != nil {
			return n, err
		}
		n++
	}
	return n, err
}

// keyBlock and certBlock are the blocks of what is sealed.
const (
	keyBlock  = "PRIVATE KEY"
	certBlock = "CERTIFICATE"
)

// pack writes a key and its certificates, if any, as PEM.
func pack(key crypto.PrivateKey, chain [][]byte) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.Write(pem.EncodeToMemory(&pem.Block{Type: keyBlock, Bytes: der}))
	for _, c := range chain {
		b.Write(pem.EncodeToMemory(&pem.Block{Type: certBlock, Bytes: c}))
	}
	return b.Bytes(), nil
}

// unpack reads what pack wrote.
func unpack(b []byte) (*tls.Certificate, error) {
	c, err := tls.X509KeyPair(b, b)
	if err == nil && c.Leaf == nil {
		c.Leaf, err = x509.ParseCertificate(c.Certificate[0])
	}
	return &c, err
}

func unpackKey(b []byte) (crypto.Signer, error) {
	block, _ := pem.Decode(b)
	if block == nil || block.Type != keyBlock {
		return nil, errors.New("certificate: no key in PEM")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, errors.New("certificate: the key cannot sign")
	}
	return signer, nil
}
