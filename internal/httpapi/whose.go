package httpapi

import (
	"net/http"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/domain"
)

// asHeader says for whom a page asks. A browser has one cookie for all of its
// windows: who signs in in one of them is who the others' requests come from,
// though these still show, and were told to act for, somebody else.
const asHeader = "Advocate-As"

const codeAnother domain.Code = "another_session"

// inTheirName refuses a request that was meant to be somebody else's.
func inTheirName(r *http.Request, who auth.Principal) error {
	if as := r.Header.Get(asHeader); as != "" && as != who.Name {
		return anotherSession()
	}
	return nil
}

func anotherSession() *Problem {
	return conditionProblem(http.StatusConflict, codeAnother, "somebody else is signed in by now; nothing was done")
}
