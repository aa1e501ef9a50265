package store

import (
	"fmt"

	"github.com/contact-advocate/advocate/internal/domain"
)

// MaxMerges is how many merges in a row lead from a customer to the one they
// are now.
const MaxMerges = 8

// Standing reads the advocate of a customer or of whom it was merged into,
// without locking. The row may be nobody's (its ID is 0) or an erased
// customer's tombstone; it is never one that was merged.
func Standing(r Reader, id domain.CustomerID) (Advocate, error) {
	for at, n := id, 0; n <= MaxMerges; n++ {
		rows, err := r.AdvocateGet([]domain.CustomerID{at})
		if err != nil {
			return Advocate{}, err
		}
		if rows[0].Redirect == 0 || rows[0].Erased {
			return rows[0], nil
		}
		at = rows[0].Redirect
	}
	return Advocate{}, fmt.Errorf("store: customer %v was merged more than %d times in a row", id, MaxMerges)
}
