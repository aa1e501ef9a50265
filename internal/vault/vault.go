package vault

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// ErrSealed is wrapped by every error of Open: what is sealed was changed, is
// another's, or its key is not in the ring.
var ErrSealed = errors.New("vault: it does not open")

// The form of what is sealed: version, id of the key, nonce, text and tag.
const (
	sealVersion = 1
	headBytes   = 1 + idBytes
)

// kindVault is the kind of the document that remembers which key seals.
const (
	kindVault = "vault"
	idVault   = "key"
)

// Options of a Vault. Store and Now are required, and one of Keys and File.
type Options struct {
	Store store.Store
	Now   func() time.Time
	Keys  func() (string, error) // reads the operator's keys; nil: File
	File  string                 // made at the first need
	From  string                 // what Keys reads, for errors
}

// Vault seals and opens. It is safe for concurrent use.
type Vault struct {
	o Options

	// setup is held while the database is told which key seals. mu guards the
	// ring alone and never waits for the store: Open is called in transactions.
	setup sync.Mutex
	mu    sync.Mutex
	ring  []key
	named bool // the database knows that ring[0] seals
}

// New makes a Vault. It reads nothing yet: whoever has no secret needs no key.
func New(o Options) *Vault {
	if o.Store == nil || o.Now == nil || o.Keys == nil && o.File == "" {
		panic("vault: New needs a store, a clock, and keys or a file for them")
	}
	return &Vault{o: o}
}

// load reads the ring; with no file it is empty.
func (v *Vault) load() ([]key, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.loadLocked()
}

func (v *Vault) loadLocked() ([]key, error) {
	var (
		ring []key
		err  error
	)
	if v.o.Keys == nil {
		ring, err = readRing(v.o.File)
		if errors.Is(err, fs.ErrNotExist) {
			ring, err = nil, nil
		}
	} else {
		var text string
		if text, err = v.o.Keys(); err == nil {
			ring, err = parseRing(text)
		}
	}
	if err != nil {
		if v.o.From != "" {
			err = fmt.Errorf("%s: %w", v.o.From, err)
		}
		return nil, fmt.Errorf("the vault's key: %w", err)
	}
	v.ring = ring
	return ring, nil
}

// sealing is what the database remembers.
type sealing struct {
	Key string    `json:"key"`
	At  time.Time `json:"at"`
}

// first gives the key that seals, and makes one where none ever was. The
// database is told its name before anything is sealed under it.
func (v *Vault) first(ctx context.Context) (key, error) {
	v.setup.Lock()
	defer v.setup.Unlock()
	v.mu.Lock()
	named, ring := v.named, v.ring
	v.mu.Unlock()
	if named && len(ring) > 0 {
		return ring[0], nil
	}
	for {
		ring, err := v.agree(ctx)
		if errors.Is(err, store.ErrConflict) && ctx.Err() == nil {
			continue // another process was quicker: look again what it wrote
		}
		if err != nil {
			return key{}, err
		}
		v.mu.Lock()
		v.named = len(v.ring) > 0 && v.ring[0].id == ring[0].id
		v.mu.Unlock()
		return ring[0], nil
	}
}

// agree brings ring and database together: what the database names must be in
// the ring, and the ring's first key is what it names afterwards.
func (v *Vault) agree(ctx context.Context) ([]key, error) {
	ring, err := v.load()
	if err != nil {
		return nil, err
	}
	known, err := v.fits(ctx, ring)
	if err != nil {
		return nil, err
	}
	if len(ring) == 0 {
		if ring, err = v.makeFile(); err != nil {
			return nil, err
		}
	}
	if known.Key != ring[0].name() {
		err = v.remember(ctx, known.Key, ring[0].name())
	}
	return ring, err
}

// fits reads which key seals, and fails where it is not in the ring.
func (v *Vault) fits(ctx context.Context, ring []key) (sealing, error) {
	known, err := v.known(ctx)
	if err == nil && known.Key != "" && !slices.ContainsFunc(ring, func(k key) bool { return k.name() == known.Key }) {
		err = v.lacks(known.Key)
	}
	return known, err
}

// Check says why the secrets that are in the database could not be opened, and
// makes no key.
func (v *Vault) Check(ctx context.Context) error {
	ring, err := v.load()
	if err == nil {
		_, err = v.fits(ctx, ring)
	}
	return err
}

// makeFile makes the first key. One that another process made meanwhile is it.
func (v *Vault) makeFile() ([]key, error) {
	err := writeRing(v.o.File, []key{freshKey()}, false)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("the vault's key cannot be kept: %w", err)
	}
	return v.load()
}

func (v *Vault) known(ctx context.Context) (sealing, error) {
	var out sealing
	err := v.o.Store.View(ctx, func(r store.Reader) error {
		docs, err := r.DocumentGet(kindVault, []string{idVault})
		if err != nil || docs[0].ID == "" {
			return err
		}
		return json.Unmarshal(docs[0].Body, &out)
	})
	return out, err
}

// remember writes which key seals; store.ErrConflict when the database names
// another one by now than the one that was read.
func (v *Vault) remember(ctx context.Context, was, is string) error {
	now := v.o.Now().UTC()
	return v.o.Store.Update(ctx, func(tx store.Tx) error {
		docs, err := tx.DocumentLock(kindVault, []string{idVault})
		if err != nil {
			return err
		}
		d := docs[0]
		var stored sealing
		if d.ID == "" {
			d = store.Document{Kind: kindVault, ID: idVault}
		} else if err := json.Unmarshal(d.Body, &stored); err != nil {
			return err
		}
		if stored.Key != was {
			return store.ErrConflict
		}
		d.UpdatedAt = now
		if d.Body, err = json.Marshal(sealing{is, now}); err != nil {
			return err
		}
		return tx.DocumentPut([]store.Document{d})
	})
}

// lacks is the error of a node without the right key.
func (v *Vault) lacks(name string) error {
	place := v.o.File
	if v.o.Keys != nil {
		place = v.o.From
	}
	return domain.Errorf(domain.CodeUnavailable, "the secrets in this database are sealed under the key %s, which is not in %s; copy vault.key from the node that has it, or configure vault_key", name, place)
}

func (k key) name() string { return hex.EncodeToString(k.id[:]) }

// Seal encrypts a thing under its name. It may write to the store, so it must
// not be called in a transaction.
func (v *Vault) Seal(ctx context.Context, name string, plain []byte) ([]byte, error) {
	k, err := v.first(ctx)
	if err != nil {
		return nil, err
	}
	gcm, err := k.cipher()
	if err != nil {
		return nil, err
	}
	head := append([]byte{sealVersion}, k.id[:]...)
	return gcm.Seal(head, nil, plain, bound(head, name)), nil
}

// cipher makes a random nonce for each message. NIST SP 800-38D §8.3 allows
// 2^32 messages a key that way, which no desk's secrets reach.
func (k key) cipher() (cipher.AEAD, error) {
	block, err := aes.NewCipher(k.secret[:])
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// bound is what is authenticated beside the text.
func bound(head []byte, name string) []byte {
	return append(append(slices.Clone(head), "advocate vault\x00"...), name...)
}

// Open decrypts what was sealed under a name. It touches no store.
func (v *Vault) Open(name string, sealed []byte) ([]byte, error) {
	if len(sealed) < headBytes || sealed[0] != sealVersion {
		return nil, fmt.Errorf("%w: %s is not in a form that was ever written", ErrSealed, name)
	}
	k, err := v.find([idBytes]byte(sealed[1:headBytes]))
	if err != nil {
		return nil, err
	}
	gcm, err := k.cipher()
	if err != nil {
		return nil, err
	}
	plain, err := gcm.Open(nil, nil, sealed[headBytes:], bound(sealed[:headBytes], name))
	if err != nil {
		return nil, fmt.Errorf("%w: %s was changed, or belongs under another name", ErrSealed, name)
	}
	return plain, nil
}

// find looks for a key, and reads the ring again for one that it does not
// know: another node may have rotated.
func (v *Vault) find(id [idBytes]byte) (key, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	is := func(k key) bool { return k.id == id }
	if i := slices.IndexFunc(v.ring, is); i >= 0 {
		return v.ring[i], nil
	}
	v.named = false // the first key may be another one now
	ring, err := v.loadLocked()
	if err != nil {
		return key{}, fmt.Errorf("%w: %w", ErrSealed, err)
	}
	if i := slices.IndexFunc(ring, is); i >= 0 {
		return ring[i], nil
	}
	return key{}, fmt.Errorf("%w: %w", ErrSealed, v.lacks(hex.EncodeToString(id[:])))
}

// Stale reports whether something is sealed under another key than the first.
func (v *Vault) Stale(sealed []byte) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(sealed) < headBytes || len(v.ring) == 0 || [idBytes]byte(sealed[1:headBytes]) != v.ring[0].id
}
