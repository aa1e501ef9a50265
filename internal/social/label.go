package social

import (
	"fmt"
	"strings"
)

// maxLabel leaves room for the network's name in /hooks/NETWORK-LABEL, which
// takes 64 letters.
const maxLabel = 50

// CheckLabel says what is wrong with the label of one of several accounts on a
// network, nil for nothing; "" is that of the only one. A label becomes part of
// an address and of names in the vault, which do not tell capitals apart.
func CheckLabel(s string) error {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789"
	if s == "" || len(s) <= maxLabel && strings.IndexByte(letters, s[0]) >= 0 && strings.Trim(s, letters+"-_") == "" {
		return nil
	}
	return Wrong(fmt.Sprintf("at most %d of a-z, 0-9, \"-\" and \"_\", starting with a letter or a digit", maxLabel), "is %.60q", s)
}
