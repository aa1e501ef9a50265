package vault

import (
	"context"
	"fmt"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// Rotation is what Rotate did.
type Rotation struct {
	Key     string // the name of the key that seals now
	Secrets int    // that were sealed anew
	Others  int    // what others keep
	Made    bool   // whether the key was made now; else the operator put it first
}

// Rotate makes a new key in the file, or takes the first one that the operator
// configured, and seals everything anew: the secrets here, and through others
// what is kept elsewhere. Keys before it stay in the ring, for what a backup
// may bring back; the operator takes them out of the file by hand. When it fails midway everything can
// still be read, and Rotate may be called again.
func (v *Vault) Rotate(ctx context.Context, others ...func(context.Context) (int, error)) (Rotation, error) {
	if _, err := v.first(ctx); err != nil { // the present key is there
		return Rotation{}, err
	}
	r := Rotation{}
	if v.o.Keys == nil {
		if err := v.putFirst(freshKey()); err != nil {
			return Rotation{}, err
		}
		r.Made = true
	}
	v.mu.Lock()
	v.named = false // read again, and told to the database
	v.mu.Unlock()
	k, err := v.first(ctx)
	if err != nil {
		return Rotation{}, err
	}
	r.Key = k.name()
	if r.Secrets, err = v.reseal(ctx); err != nil {
		return r, err
	}
	for _, f := range others {
		n, err := f(ctx)
		r.Others += n
		if err != nil {
			return r, err
		}
	}
	return r, nil
}

// putFirst writes the ring's file with a new first key.
func (v *Vault) putFirst(k key) error {
	v.setup.Lock()
	defer v.setup.Unlock()
	ring, err := v.load()
	if err != nil {
		return err
	}
	if len(ring) >= maxKeys {
		return domain.Errorf(domain.CodeConflict, "the vault has %d keys; remove those from %s that no backup needs any more", len(ring), v.o.File)
	}
	if err := writeRing(v.o.File, append([]key{k}, ring...), true); err != nil {
		return fmt.Errorf("the vault's new key cannot be kept: %w", err)
	}
	return nil
}

// reseal seals all secrets anew that are under another key than the first.
func (v *Vault) reseal(ctx context.Context) (int, error) {
	infos, err := v.List(ctx)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, info := range infos {
		changed, err := v.resealOne(ctx, info.Name)
		if err != nil {
			return n, err
		}
		if changed {
			n++
		}
	}
	return n, nil
}

func (v *Vault) resealOne(ctx context.Context, name string) (changed bool, err error) {
	d, e, err := v.get(ctx, name)
	if domain.ErrorCode(err) == domain.CodeNotFound {
		return false, nil // deleted meanwhile
	}
	if err != nil || !v.Stale(e.Sealed) {
		return false, err
	}
	plain, err := v.Open(sealedName(name), e.Sealed)
	if err != nil {
		return false, err
	}
	if e.Sealed, err = v.Seal(ctx, sealedName(name), plain); err != nil {
		return false, err
	}
	if err := e.into(&d); err != nil {
		return false, err
	}
	// Its version is the one that was read: what was set meanwhile wins, and is
	// under the new key already.
	err = v.o.Store.Update(ctx, func(tx store.Tx) error { return tx.DocumentPut([]store.Document{d}) })
	return err == nil, ignoreConflict(err)
}
