package sandbox

import (
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// Limits of the network.
const (
	MaxHandle       = 40      // letters
	MaxText         = 4 << 10 // bytes a customer may write in one post
	DefaultMaxPosts = 20_000  // kept; the oldest go first
	MaxPage         = 200     // posts in one timeline
	MaxReaders      = 8       // handles that one timeline is read as
	MaxQueue        = 5_000   // deliveries that wait for the sink; past it posts are refused as busy
)

// Delivery states of a customer's post.
const (
	Delivered = "delivered"
	Waiting   = "pending" // kept, and will be delivered in its turn
	Refused   = "refused" // the advocate's intake will not have it; Reason says why
)

// Post is a posting on the sandbox network, by a customer or by the company.
type Post struct {
	ID          string            `json:"id"`
	Change      int64             `json:"change" doc:"Raised by every creation, edit and deletion."`
	Handle      string            `json:"handle" doc:"Who wrote it."`
	Name        string            `json:"name,omitempty"`
	Company     bool              `json:"company,omitempty" doc:"The company wrote it: the advocate or its staff."`
	To          string            `json:"to,omitempty" doc:"With a company post: the customer it answers."`
	Visibility  domain.Visibility `json:"visibility" enum:"public,private"`
	Text        string            `json:"text"`
	InReplyTo   string            `json:"in_reply_to,omitempty"`
	Thread      string            `json:"thread" doc:"The id of the post that began the conversation."`
	At          time.Time         `json:"at"`
	EditedAt    time.Time         `json:"edited_at,omitzero"`
	Deleted     bool              `json:"deleted,omitempty"`
	Unaddressed bool              `json:"unaddressed,omitempty" doc:"The customer wrote about the company, not to it."`
	Delivery    string            `json:"delivery,omitempty" enum:"delivered,pending,refused" doc:"With a customer's post: whether the advocate's side has it."`
	Reason      string            `json:"reason,omitempty" doc:"Why it is pending or was refused."`
}

// VisibleTo reports whether a handle may read the post; "" is a passer-by.
func (p *Post) VisibleTo(handle string) bool {
	return p.Visibility == domain.Public || handle != "" && (p.To == handle || !p.Company && p.Handle == handle)
}

// Draft is what somebody is about to post.
type Draft struct {
	Handle      string
	Name        string
	Text        string
	Visibility  domain.Visibility // "" is that of the post it answers, public for a new one
	InReplyTo   string
	Lang        string
	Unaddressed bool // the customer talks about the company, not to it
	Staff       bool // the company's own people write, past the advocate; Handle is the customer they answer
}

// FoldHandle makes a handle as the network keeps it: without "@", in lower
// case. Only letters, digits, ".", "_" and "-" are accepted.
func FoldHandle(s string) (string, error) {
	h := strings.ToLower(strings.TrimPrefix(strings.TrimSpace(s), "@"))
	if h == "" {
		return "", domain.FieldErrorf("handle", "is required and must not be empty")
	}
	if len(h) > MaxHandle {
		return "", domain.FieldErrorf("handle", "is %d letters long; at most %d are accepted", len(h), MaxHandle)
	}
	for _, r := range h {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '.' && r != '_' && r != '-' {
			return "", domain.FieldErrorf("handle", "holds %q; only letters a to z, digits, \".\", \"_\" and \"-\" are accepted", r)
		}
	}
	return h, nil
}

// cleanText checks what a customer wrote.
func cleanText(s string) (string, error) {
	s = strings.TrimSpace(domain.CleanText(s))
	if s == "" {
		return "", domain.FieldErrorf("text", "is required and must not be empty")
	}
	if len(s) > MaxText {
		return "", &domain.Error{Code: domain.CodeTooLarge, Field: "text", Message: "is longer than 4 KiB"}
	}
	return s, nil
}

// cleanName cuts a display name to a sensible length at a letter's border.
func cleanName(s string) string { return domain.Cut(domain.CleanName(s), 80) }
