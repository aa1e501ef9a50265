package store

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// PartsKind are documents of how replies were published that did not go out as
// a whole, and of those that may have gone out although it looked otherwise: so
// a network's echo is known while the outcome is not, and after the reply was
// withdrawn or has failed for good.
// Their ids begin with the customer and our account, the key is the effect.
const PartsKind = "reply-parts"

// keepParts is longer than any reply is tried.
const keepParts = 7 * 24 * time.Hour

// partsPrefix begins the ids of a customer's parts on one of our accounts. A
// document whose id names no account is found by its effect alone: taken for
// one of any account it would swallow what staff wrote on another.
func partsPrefix(owner domain.CustomerID, network, account string) string {
	return fmt.Sprintf("%s%x/", ownerPrefix(owner), domain.MakeKey(network, account))
}

// PartsPut keeps the parts that a reply is published in.
func PartsPut(tx Tx, owner domain.CustomerID, to domain.IdentityKey, effect string, parts []string, now time.Time) error {
	docs, err := tx.DocumentFind(PartsKind, []string{effect})
	if err != nil {
		return err
	}
	d := docs[0]
	if had, err := partsOf(&d); err != nil || slices.Equal(had, parts) {
		return err
	}
	if d.ID == "" {
		d = Document{Kind: PartsKind, ID: partsPrefix(owner, to.Network, to.Account) + effect, Keys: []string{effect}}
	}
	if d.Body, err = json.Marshal(parts); err != nil {
		return err
	}
	d.UpdatedAt, d.ExpiresAt = now, now.Add(keepParts)
	return tx.DocumentPut([]Document{d})
}

// PartsGet gives the parts of a reply, nil where none are kept.
func PartsGet(r DocumentReader, effect string) ([]string, error) {
	docs, err := r.DocumentFind(PartsKind, []string{effect})
	if err != nil {
		return nil, err
	}
	return partsOf(&docs[0])
}

// PartsList gives the parts of all of a customer's replies on one of our
// accounts that are kept, whatever has become of the replies.
func PartsList(r DocumentReader, owner domain.CustomerID, network, account string) (parts []string, err error) {
	const page = 200
	p := DocumentListParams{Kind: PartsKind, Prefix: partsPrefix(owner, network, account), Limit: page}
	for {
		docs, err := r.DocumentList(p)
		if err != nil {
			return nil, err
		}
		for i := range docs {
			some, err := partsOf(&docs[i])
			if err != nil {
				return nil, err
			}
			parts = append(parts, some...)
		}
		if len(docs) < page {
			return parts, nil
		}
		p.After = docs[page-1].ID
	}
}

func partsOf(d *Document) (parts []string, err error) {
	if d.ID != "" {
		err = json.Unmarshal(d.Body, &parts)
	}
	return parts, err
}
