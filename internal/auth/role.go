package auth

import (
	"slices"
	"strings"

	"github.com/contact-advocate/advocate/internal/domain"
)

// Role is what a token's bearer may do.
type Role string

const (
	RoleAdmin  Role = "admin"  // everything
	RoleAgent  Role = "agent"  // reads, and works on cases and work items
	RoleIngest Role = "ingest" // brings posts and events in, reads nothing
	RoleRead   Role = "read"   // reads
)

// Roles lists every role, the most powerful first.
var Roles = []Role{RoleAdmin, RoleAgent, RoleIngest, RoleRead}

// May reports whether a bearer of r may do what asks for need.
func (r Role) May(need Role) bool {
	switch r {
	case RoleAdmin:
		return slices.Contains(Roles, need)
	case RoleAgent:
		return need == RoleAgent || need == RoleRead
	case RoleIngest, RoleRead:
		return need == r
	}
	return false
}

// ParseRole reads a role's name.
func ParseRole(s string) (Role, error) {
	if r := Role(s); slices.Contains(Roles, r) {
		return r, nil
	}
	names := make([]string, len(Roles))
	for i, r := range Roles {
		names[i] = string(r)
	}
	return "", domain.FieldErrorf("role", "is %.40q; want one of %s", s, strings.Join(names, ", "))
}
