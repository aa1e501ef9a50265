package httpapi

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/said"
)

// Codes of conditions on a request, which only HTTP knows.
const (
	codeLost      domain.Code = "precondition_failed"
	codeCondition domain.Code = "precondition_required"
	codeReused    domain.Code = "idempotency_key_reused"
	codeUnderWay  domain.Code = "under_way"
)

// VersionInput is part of the input of calls that change a thing with a
// version.
type VersionInput struct {
	IfMatch string `header:"If-Match" maxLength:"64" doc:"The ETag that was read: the call is refused (412) when the thing has changed since. * is any version."`
}

// version reads If-Match (RFC 9110 §13.1.1), as far as one version goes: 0 is
// any, asked for with *.
func (in *VersionInput) version() (n int64, given bool, err error) {
	s := strings.TrimSpace(in.IfMatch)
	if s == "" || s == "*" {
		return 0, s != "", nil
	}
	if inner, ok := strings.CutPrefix(s, `"`); ok {
		if inner, ok = strings.CutSuffix(inner, `"`); ok {
			n, err = strconv.ParseInt(inner, 10, 64)
			if err == nil && n > 0 {
				return n, true, nil
			}
		}
	}
	return 0, false, domain.FieldErrorf("If-Match", "is %.60q; want the ETag of an earlier answer, as in \"12\" with its quotes, or *", s)
}

// needVersion is version for what is there: it has to be given.
func (in *VersionInput) needVersion(what string) (int64, error) {
	version, given, err := in.version()
	if err == nil && !given {
		err = unread(what)
	}
	return version, err
}

// unread is the answer to who would change a thing without having read it.
func unread(what string) *Problem {
	return conditionProblem(http.StatusPreconditionRequired, codeCondition, what+" is there already: read it, and send its ETag as If-Match")
}

func etag(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }

// lost is the answer to who comes too late.
func lost(what string, now int64) *Problem {
	return conditionProblem(http.StatusPreconditionFailed, codeLost, what+" has changed since it was read; it is at version "+strconv.FormatInt(now, 10))
}

func conditionProblem(status int, code domain.Code, detail string) *Problem {
	return &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Code: code, Detail: detail, Said: said.Problem(detail)}
}
