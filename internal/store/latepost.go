package store

import (
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// LatePostKind are documents of posts that their customer's inbox has had no
// room for. The ids of one customer's are in the order in which they came; the
// keys are the post's.
const LatePostKind = "late-post"

// LatePostID names the n-th post that was kept for a customer at a time.
func LatePostID(owner domain.CustomerID, at time.Time, n int, key domain.Key) string {
	return fmt.Sprintf("%s%020d-%06d-%x", ownerPrefix(owner), at.UnixNano(), n, key)
}

// LatePostKey is another name of a late post's: that of the post itself.
func LatePostKey(owner domain.CustomerID, key domain.Key) string {
	return fmt.Sprintf("%s%x", ownerPrefix(owner), key)
}

// LateAnsweredKey finds a late post by what an answer to it tells of it. Of
// several versions one has it.
func LateAnsweredKey(post domain.PostKey) string {
	h := sha256.New()
	for _, part := range []string{post.Network, post.Account, post.ID} {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return fmt.Sprintf("=%x", h.Sum(nil))
}
