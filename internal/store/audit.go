package store

import (
	"time"
	"unicode/utf8"

	"github.com/contact-advocate/advocate/internal/domain"
)

// AuditRow says who saw or changed what. Rows are appended and never changed.
type AuditRow struct {
	Seq      int64 // the order in which they were appended
	At       time.Time
	By       string            // a login, a token's name; "" for nobody who is known
	Via      string            // session, token, command, …
	Action   string            // "customer.read", "workitem.cancel", …
	Object   string            // what was seen or changed, by its id
	Customer domain.CustomerID // whose data it was; 0: nobody's
	Outcome  string            // "ok", or why not
	Detail   []byte            // what else there is to say; erased with the customer
	From     string            // the caller's address
}

// Cut brings the row's texts to MaxName bytes at most: what a caller sends must
// not keep its trace from being written.
func (r *AuditRow) Cut() {
	for _, s := range []*string{&r.By, &r.Via, &r.Action, &r.Object, &r.Outcome, &r.From} {
		if len(*s) <= MaxName {
			continue
		}
		end := MaxName
		for end > MaxName-utf8.UTFMax && !utf8.RuneStart((*s)[end]) {
			end--
		}
		*s = (*s)[:end]
	}
}

// AuditListParams asks for rows, newest first. Zero values ask for any.
type AuditListParams struct {
	By, Action, Object string
	Customer           domain.CustomerID
	Since              time.Time // rows from then on
	Before             int64     // the Seq of the last row of the page before
	Limit              int
}

// AuditReader reads the audit log.
type AuditReader interface {
	// AuditList gives rows newest first, by Seq. Where transactions run beside
	// each other, a row may come to stand behind one that was given already,
	// if it was appended at the same moment.
	AuditList(p AuditListParams) ([]AuditRow, error)
}

// AuditWriter appends to the audit log.
type AuditWriter interface {
	// AuditAppend gives each row its Seq in place, ascending in the order
	// given. A Seq is never given twice. Texts longer than MaxName are cut.
	AuditAppend(rows []AuditRow) error
	// AuditPrune removes rows from before a time, at most limit, the oldest
	// first (At, then Seq), and says how many.
	AuditPrune(before time.Time, limit int) (int, error)
}
