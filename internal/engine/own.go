package engine

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/store"
)

// ownKind is that of the documents that say who our accounts are: so that every
// node knows it, and knows it again after a restart.
const ownKind = "network-own"

// own is one of our accounts, as a network has said.
type own struct {
	ID string    `json:"id"` // the author id of its posts
	At time.Time `json:"at"` // since when it is that one
}

// owns remembers who our accounts are. One account under two labels would
// answer everybody twice, and each half would take the other's answers for
// those of staff: of two, the one that was there first counts.
type owns struct {
	reads sync.Mutex // from reading the store to set, so that an older reading never replaces a newer one
	mu    sync.Mutex
	by    map[netKey]own
}

// ours reports whether a post's author is another of our accounts on its
// network.
func (o *owns) ours(k netKey, author string) bool {
	if author == "" {
		return false
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for other, x := range o.by {
		if other != k && other.name == k.name && x.ID == author {
			return true
		}
	}
	return false
}

func (o *owns) get(k netKey) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.by[k].ID
}

// sameAs is the label of the account that k is a second time, if it is.
func (o *owns) sameAs(k netKey) (string, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	mine, ok := o.by[k]
	for other, x := range o.by {
		if ok && other != k && other.name == k.name && x.ID == mine.ID &&
			cmp.Or(x.At.Compare(mine.At), strings.Compare(other.account, k.account)) < 0 {
			return other.account, true
		}
	}
	return "", false
}

// second is what an operator has to do about an account that is there a second
// time, "" if it is not.
func (o *owns) second(k netKey) string {
	other, twice := o.sameAs(k)
	if !twice {
		return ""
	}
	return fmt.Sprintf("it is the same account as %s, which would answer everybody twice; take one of the two out of the configuration", labelled(k.name, other))
}

func ownID(k netKey) string { return url.PathEscape(k.name) + "/" + url.PathEscape(k.account) }

// learnOwn asks a network who we are and keeps it. It is an error of the
// operator's if another label has the same account already: then this one must
// neither bring nor send anything.
func (e *Engine) learnOwn(ctx context.Context, k netKey, n social.Network) error {
	s, ok := n.(social.Selfer)
	if !ok {
		return nil
	}
	began := e.clock.Now()
	id, err := s.Self(ctx)
	if err != nil {
		return err
	}
	e.went(linkKey{LinkNetwork, k.name, k.account}, began, nil)
	if e.owns.get(k) != id {
		if err := e.keepOwn(ctx, k, id); err != nil {
			return err
		}
	}
	if why := e.owns.second(k); why != "" {
		return &social.Error{Fault: social.FaultOperator, Safe: why}
	}
	return nil
}

// labelled names an account to an operator.
func labelled(network, account string) string {
	if account == "" {
		return network + " without a label"
	}
	return network + "/" + account
}

// keepOwn writes down who an account is, unless it is known, and reads who the
// others are.
func (e *Engine) keepOwn(ctx context.Context, k netKey, id string) error {
	e.owns.reads.Lock()
	defer e.owns.reads.Unlock()
	var now map[netKey]own
	err := e.store.Update(ctx, func(tx store.Tx) error {
		known, docs, err := e.readOwns(tx)
		if err != nil {
			return err
		}
		now = known
		if known[k].ID == id {
			return nil
		}
		known[k] = own{id, e.clock.Now()}
		body, err := json.Marshal(known[k])
		if err != nil {
			return err
		}
		return tx.DocumentPut([]store.Document{{Kind: ownKind, ID: ownID(k), Version: docs[k].Version, Body: body, UpdatedAt: known[k].At}})
	})
	if err == nil {
		e.owns.set(now)
	}
	return err
}

// readOwns reads who the accounts of the configuration are.
func (e *Engine) readOwns(r store.DocumentReader) (map[netKey]own, map[netKey]store.Document, error) {
	out, docs := map[netKey]own{}, map[netKey]store.Document{}
	for k := range e.networks {
		found, err := r.DocumentGet(ownKind, []string{ownID(k)})
		if err != nil {
			return nil, nil, err
		}
		docs[k] = found[0]
		var x own
		if body := bytes.TrimSpace(found[0].Body); len(body) > 0 && json.Unmarshal(body, &x) == nil {
			out[k] = x
		}
	}
	return out, docs, nil
}

func (o *owns) set(all map[netKey]own) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.by = all
}

// loadOwns reads what other nodes and earlier runs have learned.
func (e *Engine) loadOwns(ctx context.Context) error {
	e.owns.reads.Lock()
	defer e.owns.reads.Unlock()
	var all map[netKey]own
	err := e.store.View(ctx, func(r store.Reader) (err error) {
		all, _, err = e.readOwns(r)
		return err
	})
	if err == nil {
		e.owns.set(all)
	}
	return err
}
