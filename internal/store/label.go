package store

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// LabelKind is the kind of the documents that say what a post was about. They
// hold no text: it is read from the customer's history when labels are asked
// for. Their ids begin with whose case it is, so that an erasure finds them.
const LabelKind = "label"

// Limits on labels.
const (
	LabelsKeptFor = 400 * 24 * time.Hour // after the last word on a post
	MaxLabels     = 100                  // of one customer; the oldest makes room
)

// Label is what a person says that a post is about.
type Label struct {
	Case   string        `json:"case"`
	Post   string        `json:"post"`
	Was    domain.Intent `json:"was"` // what was understood first
	Intent domain.Intent `json:"intent"`
	Lang   string        `json:"lang,omitempty"`
	By     string        `json:"by"`
	At     time.Time     `json:"at"`
}

// LabelOf reads a label out of its document. ok is false for one whose time is
// over.
func LabelOf(d *Document, now time.Time) (l Label, ok bool, err error) {
	if err := json.Unmarshal(d.Body, &l); err != nil {
		return l, false, fmt.Errorf("store: label %q cannot be read: %w", d.ID, err)
	}
	return l, d.ExpiresAt.IsZero() || d.ExpiresAt.After(now), nil
}

// LabelPut keeps a label; the last word on a post counts, and what was
// understood first stays. The caller holds the customer's lock.
func LabelPut(tx Tx, l Label) error {
	owner, _, _, err := domain.ParseObjectID(l.Case)
	if err != nil {
		return fmt.Errorf("store: a label's case: %w", err)
	}
	sum := sha256.Sum256([]byte(l.Case + "\x00" + l.Post))
	prefix := ownerPrefix(owner)
	id := prefix + hex.EncodeToString(sum[:16])
	docs, err := tx.DocumentLock(LabelKind, []string{id})
	if err != nil {
		return err
	}
	if docs[0].ID != "" {
		if had, _, err := LabelOf(&docs[0], l.At); err == nil {
			l.Was = had.Was
		}
	} else if err := labelRoom(tx, prefix); err != nil {
		return err
	}
	body, err := json.Marshal(l)
	if err != nil {
		return err
	}
	docs[0].Kind, docs[0].ID, docs[0].Body, docs[0].UpdatedAt, docs[0].ExpiresAt = LabelKind, id, body, l.At, l.At.Add(LabelsKeptFor)
	return tx.DocumentPut(docs)
}

// labelRoom lets go of a customer's oldest label if there are as many as may be.
func labelRoom(tx Tx, prefix string) error {
	docs, err := tx.DocumentList(DocumentListParams{Kind: LabelKind, Prefix: prefix, Limit: MaxLabels})
	if err != nil || len(docs) < MaxLabels {
		return err
	}
	oldest := &docs[0]
	for i := range docs {
		if docs[i].UpdatedAt.Before(oldest.UpdatedAt) {
			oldest = &docs[i]
		}
	}
	return tx.DocumentDelete(LabelKind, []string{oldest.ID})
}
