package bridge

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// Limits of one delivery.
const (
	maxBody  = 8 << 20 // bytes, which the address lets in: maxPosts of the longest texts
	maxPosts = 500
)

// batch is what a delivery holds.
type batch struct {
	posts []domain.Post
	at    []int // of each post, its place in the delivery
	bad   []refused
}

// decode reads a post, or an array of them, in the form of POST /v1/posts. The
// network and the account may be left out. Of an array each post stands for
// itself, so that one that cannot be read holds up no other; the error, which
// is a *domain.Error, is that of a delivery with no post that can be read.
func (n *Network) decode(body []byte, now time.Time) (batch, error) {
	var b batch
	if len(body) > maxBody {
		return b, domain.Errorf(domain.CodeTooLarge, "the body is larger than %d MiB; send fewer posts at once", maxBody>>20)
	}
	body = bytes.TrimSpace(body)
	if len(body) == 0 {
		return b, domain.Errorf(domain.CodeInvalid, "the body is empty; want a post or an array of posts, as JSON")
	}
	if body[0] != '[' {
		p, err := n.post(body, now)
		if err != nil {
			return b, err
		}
		return batch{posts: []domain.Post{p}, at: []int{0}}, nil
	}
	var raw []json.RawMessage
	if err := json.Unmarshal(body, &raw); err != nil {
		return b, domain.Errorf(domain.CodeInvalid, "the body is no JSON")
	}
	if len(raw) == 0 || len(raw) > maxPosts {
		return b, domain.Errorf(domain.CodeInvalid, "the array has %d posts; want from 1 to %d", len(raw), maxPosts)
	}
	for i, one := range raw {
		p, err := n.post(one, now)
		if err != nil {
			b.bad = append(b.bad, refused{i, err.Field, err.Code, err.Message})
			continue
		}
		b.posts, b.at = append(b.posts, p), append(b.at, i)
	}
	if len(b.posts) == 0 {
		first := b.bad[0]
		return b, &domain.Error{Code: first.Code, Field: strings.TrimSuffix("posts[0]."+first.Field, "."), Message: first.Message}
	}
	return b, nil
}
