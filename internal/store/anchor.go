package store

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"github.com/contact-advocate/advocate/internal/domain"
)

// AnchorHash is what a driver may find an anchor's events and subscriptions
// by. It is stored, so it is the same in every process and version; other
// anchors may have the same one.
func AnchorHash(a domain.Anchor) uint64 {
	var buf [128]byte
	sum := sha256.Sum256(append(append(append(buf[:0], a.Attr...), '='), a.Value...))
	return binary.BigEndian.Uint64(sum[:])
}

// OwnerHash is what an event is kept under that is about something of a
// customer's, so that it can be erased with the customer.
func OwnerHash(id domain.CustomerID) uint64 {
	return AnchorHash(domain.Anchor{Attr: "owner", Value: id.String()})
}

// EventHashes is everything that an event with these anchors is kept under.
func EventHashes(anchors []domain.Anchor) []uint64 {
	out := make([]uint64, 0, len(anchors)+1)
	for _, a := range anchors {
		out = append(out, AnchorHash(a))
		if a.Attr == domain.AnchorCase || a.Attr == domain.AnchorWorkItem {
			if c, _, _, err := domain.ParseObjectID(a.Value); err == nil && !slices.Contains(out, OwnerHash(c)) {
				out = append(out, OwnerHash(c))
			}
		}
	}
	return out
}
