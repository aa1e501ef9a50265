package auth

import (
	"fmt"
	"slices"
	"strings"

	"github.com/contact-advocate/advocate/internal/domain"
)

// Role is what somebody may do, in a word.
type Role string

const (
	RoleAdmin      Role = "admin"      // an administrator: everything
	RoleSupervisor Role = "supervisor" // an agent who also looks after the others' work
	RoleAgent      Role = "agent"      // reads, and works on cases and work items
	RoleAuditor    Role = "auditor"    // reads everything, the audit log too, and changes nothing
	RoleIngest     Role = "ingest"     // brings posts and events in, reads nothing
	RoleRead       Role = "read"       // reads
)

// Roles lists every role, the most powerful first. People have one of
// PeopleRoles; a token may have any.
var (
	Roles       = []Role{RoleAdmin, RoleSupervisor, RoleAgent, RoleAuditor, RoleIngest, RoleRead}
	PeopleRoles = []Role{RoleAdmin, RoleSupervisor, RoleAgent, RoleAuditor}
)

// Permission is one thing that a role allows.
type Permission string

const (
	ReadCustomers Permission = "read_customers" // customers, histories, cases, orders, decisions: personal data
	ReadWork      Permission = "read_work"      // work items, queues, who is there, waiting times
	ReadSetup     Permission = "read_setup"     // playbooks, switches, what could not be sent, without secrets
	Work          Permission = "work"           // take, answer and close cases; accept and complete work items
	Supervise     Permission = "supervise"      // others' work: reassign, raise, cancel; agents' skills, queues, activity
	Reports       Permission = "reports"        // service levels and the like, by queue and agent
	Configure     Permission = "configure"      // playbooks, switches, endpoints, connectors' secrets, dead letters
	People        Permission = "people"         // accounts, invitations, others' sessions, tokens
	Audit         Permission = "audit"          // the audit log
	Ingest        Permission = "ingest"         // bring posts and events in
	Erase         Permission = "erase"          // export, erase, merge and part customers
)

// Permissions lists every permission in the order of the docs' table.
var Permissions = []Permission{ReadCustomers, ReadWork, ReadSetup, Work, Supervise, Reports, Configure, People, Audit, Ingest, Erase}

// allowed is the one table of who may do what.
var allowed = map[Role][]Permission{
	RoleAdmin:      Permissions,
	RoleSupervisor: {ReadCustomers, ReadWork, ReadSetup, Work, Supervise, Reports},
	RoleAgent:      {ReadCustomers, ReadWork, ReadSetup, Work},
	RoleAuditor:    {ReadCustomers, ReadWork, ReadSetup, Reports, Audit},
	RoleIngest:     {Ingest},
	RoleRead:       {ReadCustomers, ReadWork, ReadSetup},
}

// meanings are the table's words for people.
var meanings = map[Permission]string{
	ReadCustomers: "read customers, histories, cases, orders and decisions",
	ReadWork:      "read work items, queues, who is there and waiting times",
	ReadSetup:     "read playbooks, switches and what could not be sent",
	Work:          "take, answer and close cases; accept and complete work items",
	Supervise:     "reassign, raise and cancel others' work; agents' skills, queues and activity",
	Reports:       "read reports",
	Configure:     "change playbooks, switches, endpoints and secrets; handle dead letters",
	People:        "manage accounts, others' sessions and tokens",
	Audit:         "read the audit log",
	Ingest:        "bring posts and events in",
	Erase:         "export, erase, merge and part customers",
}

// Can reports whether the role includes a permission.
func (r Role) Can(p Permission) bool { return slices.Contains(allowed[r], p) }

// May reports whether the role includes all that another one does.
func (r Role) May(need Role) bool {
	wanted := allowed[need]
	return len(wanted) > 0 && !slices.ContainsFunc(wanted, func(p Permission) bool { return !r.Can(p) })
}

// ParseRole reads a role's name.
func ParseRole(s string) (Role, error) { return roleOf(s, Roles) }

// ParsePeopleRole reads the name of a role that a person may have.
func ParsePeopleRole(s string) (Role, error) { return roleOf(s, PeopleRoles) }

func roleOf(s string, roles []Role) (Role, error) {
	if r := Role(s); slices.Contains(roles, r) {
		return r, nil
	}
	return "", domain.FieldErrorf("role", "is %.40q; want one of %s", s, words(roles))
}

// ParsePermission reads a permission's name.
func ParsePermission(s string) (Permission, error) {
	if p := Permission(s); slices.Contains(Permissions, p) {
		return p, nil
	}
	return "", domain.FieldErrorf("only", "is %.40q; want some of %s", s, words(Permissions))
}

func words[T ~string](list []T) string {
	out := make([]string, len(list))
	for i, x := range list {
		out[i] = string(x)
	}
	return strings.Join(out, ", ")
}

// PermissionTable is the table as Markdown, for the docs.
func PermissionTable() string {
	var b strings.Builder
	b.WriteString("| permission | allows to |")
	for _, r := range Roles {
		fmt.Fprintf(&b, " %s |", r)
	}
	b.WriteString("\n|---|---|" + strings.Repeat("---|", len(Roles)) + "\n")
	for _, p := range Permissions {
		fmt.Fprintf(&b, "| `%s` | %s |", p, meanings[p])
		for _, r := range Roles {
			if r.Can(p) {
				b.WriteString(" yes |")
			} else {
				b.WriteString(" |")
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}
