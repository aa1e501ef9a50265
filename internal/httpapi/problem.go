package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/playbook"
	"github.com/contact-advocate/advocate/internal/said"
	"github.com/contact-advocate/advocate/internal/source"
	"github.com/contact-advocate/advocate/internal/store"
)

// statuses is the one table from domain codes to HTTP.
var statuses = map[domain.Code]int{
	domain.CodeInvalid:      http.StatusBadRequest,
	domain.CodeNotFound:     http.StatusNotFound,
	domain.CodeConflict:     http.StatusConflict,
	domain.CodeTooLarge:     http.StatusRequestEntityTooLarge,
	domain.CodeUnauthorized: http.StatusUnauthorized,
	domain.CodeForbidden:    http.StatusForbidden,
	domain.CodeBusy:         http.StatusTooManyRequests,
	domain.CodeUnavailable:  http.StatusServiceUnavailable,
	domain.CodeInternal:     http.StatusInternalServerError,
}

// Codes that only HTTP knows.
const (
	codeMethod     domain.Code = "method_not_allowed"
	codeMediaType  domain.Code = "unsupported_media_type"
	codeTimeout    domain.Code = "request_timeout"
	codeNotAccept  domain.Code = "not_acceptable"
	problemContent             = "application/problem+json"
)

// Problem is an error as callers see it (RFC 9457).
type Problem struct {
	Type   string        `json:"type" doc:"Always about:blank: the code says what kind of problem it is."`
	Title  string        `json:"title" doc:"The HTTP status in words."`
	Status int           `json:"status"`
	Code   domain.Code   `json:"code" doc:"Stable, for programs: invalid, not_found, conflict, too_large, unauthorized, forbidden, busy, unavailable, internal …"`
	Detail string        `json:"detail" doc:"What is wrong, in a sentence."`
	Said   []said.Part   `json:"detail_said,omitempty" doc:"The sentence of detail, for a program that says it in another language; missing where it has no code. What begins with a field's name is said in errors alone."`
	Errors []ProblemItem `json:"errors,omitempty" doc:"Each thing that is wrong, where there are several or it has a place."`

	after time.Duration // Retry-After
	cause error         // for the log
}

// ProblemItem is one thing that is wrong with a request.
type ProblemItem struct {
	Index   *int        `json:"index,omitempty" doc:"Which item of a batch, from 0."`
	Line    int         `json:"line,omitempty" doc:"Which line of a playbook, from 1."`
	Field   string      `json:"field,omitempty" doc:"The offending field or parameter."`
	Code    domain.Code `json:"code,omitempty"`
	Message string      `json:"message"`
	Said    []said.Part `json:"message_said,omitempty" doc:"The sentence of message; missing where it has no code."`
}

var (
	_ huma.StatusError       = (*Problem)(nil)
	_ huma.HeadersError      = (*Problem)(nil)
	_ huma.ContentTypeFilter = (*Problem)(nil)
)

func (p *Problem) Error() string { return p.Detail }

// Unwrap gives the cause to the log.
func (p *Problem) Unwrap() error { return p.cause }

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType implements huma.ContentTypeFilter.
func (p *Problem) ContentType(string) string { return problemContent }

// GetHeaders implements huma.HeadersError.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	// Signing in too often is a 401 like any other, and says when to come back.
	if p.Status == http.StatusTooManyRequests || p.Status == http.StatusServiceUnavailable || p.Status == http.StatusUnauthorized && p.after > 0 {
		after := p.after
		if after <= 0 {
			after = retryAfter
		}
		// RFC 9110 §10.2.3: whole seconds
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(after.Seconds()))))
	}
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="advocate"`) // RFC 9110 §15.5.2
	}
	return h
}

// problem makes a Problem of a code and a text.
func problem(code domain.Code, format string, args ...any) *Problem {
	status := statuses[code]
	switch code {
	case codeMethod:
		status = http.StatusMethodNotAllowed
	case codeMediaType:
		status = http.StatusUnsupportedMediaType
	case codeTimeout:
		status = http.StatusRequestTimeout
	case codeNotAccept:
		status = http.StatusNotAcceptable
	}
	if status == 0 {
		code, status = domain.CodeInternal, http.StatusInternalServerError
	}
	detail := fmt.Sprintf(format, args...)
	return &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Code: code, Detail: detail, Said: said.Problem(detail)}
}

// fieldItem is one thing that is wrong with a field, or with the whole of a
// request if there is none.
func fieldItem(field string, code domain.Code, message string) ProblemItem {
	return ProblemItem{Field: field, Code: code, Message: message, Said: said.Problem(message)}
}

const internalText = "something went wrong on our side; the server's log says what"

// problemOf makes a Problem of any error. What is not meant for callers stays
// in the cause.
func problemOf(err error) *Problem {
	var (
		p  *Problem
		de *domain.Error
	)
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &de):
		return domainProblem(de)
	case errors.Is(err, store.ErrNotFound):
		p = problem(domain.CodeNotFound, "there is nothing of that name")
	case store.Failure(err) != "":
		p = problem(domain.CodeUnavailable, "%s", store.Failure(err))
	case errors.Is(err, store.ErrBusy):
		p = problem(domain.CodeUnavailable, "the store is busy; try again")
	case errors.Is(err, store.ErrConflict):
		p = problem(domain.CodeConflict, "it was changed at the same moment; look and try again")
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		p = problem(domain.CodeUnavailable, "it took too long; try again")
	default:
		p = problem(domain.CodeInternal, internalText)
	}
	p.cause = err
	return p
}

func domainProblem(de *domain.Error) *Problem {
	if de.Code == domain.CodeInternal {
		p := problem(domain.CodeInternal, internalText)
		p.cause = de
		return p
	}
	p := problem(de.Code, "%s", de.Error())
	p.after, p.cause = de.RetryAfter, de.Cause
	var lines playbook.Problems
	switch {
	case errors.As(de.Cause, &lines):
		p.Detail = "the playbook has mistakes; the active one stays in force"
		p.Said = said.Problem(p.Detail)
		for _, l := range lines {
			p.Errors = append(p.Errors, ProblemItem{Line: l.Line, Message: l.String()})
		}
	case de.Field != "":
		p.Errors = []ProblemItem{fieldItem(de.Field, "", de.Message)}
	}
	return p
}

// itemProblem makes the answer to a request with bad items.
func itemProblem(what string, items []ProblemItem) *Problem {
	code := domain.CodeInvalid
	if !slices.ContainsFunc(items, func(i ProblemItem) bool { return i.Code != domain.CodeTooLarge }) {
		code = domain.CodeTooLarge
	}
	p := problem(code, "%d %s malformed; nothing of the request was taken", len(items), isAre(len(items), what))
	p.Errors = items[:min(len(items), maxItemErrors)]
	return p
}

func isAre(n int, what string) string {
	if n == 1 {
		return what + " is"
	}
	return what + "s are"
}

func sourceItems(bad []source.ItemError) []ProblemItem {
	out := make([]ProblemItem, len(bad))
	for i, b := range bad {
		out[i] = fieldItem(b.Field, b.Code, b.Message)
		out[i].Index = &bad[i].Index
	}
	return out
}

// humaProblem makes Problems of what huma finds wrong with parameters and
// bodies; limit is how large a body may be, 0 if that is not known. Values are never echoed: they may be personal, or large.
func humaProblem(limit int64, status int, msg string, errs ...error) huma.StatusError {
	code := domain.CodeInvalid
	switch status {
	case http.StatusRequestEntityTooLarge:
		code = domain.CodeTooLarge
		if msg = "the body is larger than this call accepts"; limit > 0 {
			msg = fmt.Sprintf("the body is larger than the %s that this call accepts; send it in parts", size(limit))
		}
	case http.StatusRequestTimeout:
		code, msg = codeTimeout, "the body took too long to arrive"
	case http.StatusUnsupportedMediaType:
		code, msg = codeMediaType, "the body must be application/json"
	case http.StatusNotAcceptable:
		code, msg = codeNotAccept, "only application/json can be given"
	case http.StatusInternalServerError:
		if !strings.HasPrefix(msg, "cannot read") {
			p := problem(domain.CodeInternal, internalText)
			p.cause = errors.Join(errs...)
			return p
		}
		msg = "the body could not be read"
	}
	p := problem(code, "%s", msg)
	for _, err := range errs {
		item := ProblemItem{Message: err.Error()}
		var d huma.ErrorDetailer
		if errors.As(err, &d) {
			detail := d.ErrorDetail()
			item.Message, item.Field = detail.Message, detail.Location
			item.Field = strings.TrimPrefix(item.Field, "body.")
		}
		item.Said = said.Problem(item.Message)
		p.Errors = append(p.Errors, item)
	}
	// huma walks maps: sort, so that the same mistake gives the same answer
	slices.SortFunc(p.Errors, func(a, b ProblemItem) int {
		return strings.Compare(a.Field+"\x00"+a.Message, b.Field+"\x00"+b.Message)
	})
	if len(p.Errors) == 1 {
		p.Detail = strings.TrimPrefix(p.Errors[0].Field+": "+p.Errors[0].Message, ": ")
	} else if len(p.Errors) > 1 {
		p.Detail = fmt.Sprintf("%d things are wrong with the request", len(p.Errors))
	}
	p.Errors = p.Errors[:min(len(p.Errors), maxItemErrors)]
	return p
}

// size is a limit in words.
func size(bytes int64) string {
	if bytes >= 1<<20 && bytes%(1<<20) == 0 {
		return fmt.Sprintf("%d MiB", bytes>>20)
	}
	return fmt.Sprintf("%d KiB", bytes>>10)
}

// huma takes its error type from two package variables, and this is its only
// user in the program.
func init() {
	huma.NewError = func(status int, msg string, errs ...error) huma.StatusError {
		return humaProblem(0, status, msg, errs...)
	}
	huma.NewErrorWithContext = func(ctx huma.Context, status int, msg string, errs ...error) huma.StatusError {
		limit := int64(0)
		if ctx != nil && ctx.Operation() != nil {
			limit = ctx.Operation().MaxBodyBytes - 1 // see register
		}
		return humaProblem(limit, status, msg, errs...)
	}
}

// writeProblem answers outside of huma.
func writeProblem(w http.ResponseWriter, p *Problem) {
	for k, v := range p.GetHeaders() {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Type", problemContent)
	w.WriteHeader(p.Status)
	body, err := json.Marshal(p)
	if err == nil {
		_, _ = w.Write(body) // a caller who has gone reads nothing
	}
}
