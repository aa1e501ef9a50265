package bridge

import (
	"encoding/json"
	"math"
	"net/http"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/web"
)

const maxMessage = 200 // bytes of a bridge's words that are shown

// answer is what a callback says of a message. Each field stands for itself:
// what cannot be used is as if it were not there.
type answer struct {
	id      string // of the published message, in the network's own form
	url     string
	at      time.Time
	error   string // retry, gone, blocked, refused or credentials
	message string
	after   time.Duration
}

// readAnswer reads whatever came.
func readAnswer(body []byte) (a answer) {
	var fields map[string]json.RawMessage
	if json.Unmarshal(body, &fields) != nil {
		return a
	}
	text := func(name string) (s string) {
		if json.Unmarshal(fields[name], &s) != nil {
			return ""
		}
		return strings.TrimSpace(domain.CleanText(s))
	}
	number := func(name string) (n json.Number) {
		if json.Unmarshal(fields[name], &n) != nil {
			return ""
		}
		return n
	}
	if a.id = text("id"); a.id == "" {
		a.id = number("id").String() // many networks number their posts
	}
	if len(a.id) > domain.MaxPostField {
		a.id = ""
	}
	if a.url = text("url"); !webLink(a.url) {
		a.url = ""
	}
	if at, err := time.Parse(time.RFC3339, text("at")); err == nil {
		a.at = at.UTC()
	}
	a.error, a.message = text("error"), line(text("message"))
	if s, err := number("retry_after").Float64(); err == nil && !math.IsNaN(s) {
		a.after = time.Duration(min(max(s, 0), 3600) * float64(time.Second))
	}
	return a
}

// failure is what the error that a callback names means to us, nil for none.
func (a *answer) failure(h http.Header, now time.Time, m *social.Message) *social.Error {
	var e *social.Error
	switch a.error {
	case "":
		return nil
	case "retry":
		e = &social.Error{Retry: true, Fault: social.FaultNetwork, After: a.after, Safe: "the network does not take it now"}
		if e.After == 0 {
			e.After = web.RetryAfter(h, now)
		}
	case "gone":
		e = &social.Error{Fault: social.FaultCustomer, Safe: "what we answer, or who wrote it, is not there any more"}
	case "blocked":
		e = &social.Error{Fault: social.FaultCustomer, Blocked: true, Safe: "the customer does not want to hear from us"}
	case "credentials":
		e = &social.Error{Fault: social.FaultOperator, Safe: "the network does not let the bridge in any more"}
	case "refused":
		e = &social.Error{Fault: social.FaultOurs, Safe: "the network refuses what we sent"}
	default:
		e = &social.Error{Fault: social.FaultOurs, Safe: "the bridge answers with an error that we do not know"}
	}
	if a.message != "" && !tells(a.message, m) {
		e.Safe += ": " + a.message
	}
	e.Cause = errSaid
	return e
}

// tells reports whether a bridge's words repeat what is not for a screen.
func tells(said string, m *social.Message) bool {
	said = strings.ToLower(said)
	for _, s := range []string{m.To.Author, m.Handle, line(m.Text)} {
		if s = strings.ToLower(s); s != "" && strings.Contains(said, s) {
			return true
		}
	}
	return false
}
