package meta

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/web"
)

// graphError is an error as the Graph API says it
// (developers.facebook.com/docs/graph-api/guides/error-handling). Its message
// may hold a name or an id and is not shown.
type graphError struct {
	Code      int  `json:"code"`
	Subcode   int  `json:"error_subcode"`
	Transient bool `json:"is_transient"`
}

func readError(body []byte) (graphError, bool) {
	var b struct {
		Error *graphError `json:"error"`
	}
	if json.Unmarshal(body, &b) != nil || b.Error == nil {
		return graphError{}, false
	}
	return *b.Error, true
}

// refused is the Cause of an error that the Graph API has put into a code.
type refused struct {
	graphError

	hidden bool // of what is "not there": we are not let see it any more
}

func (r *refused) Error() string { return fmt.Sprintf("code %d, subcode %d", r.Code, r.Subcode) }

// refusedAs reports whether an error is of one of some codes.
func refusedAs(err error, codes ...int) bool {
	var r *refused
	return errors.As(err, &r) && slices.Contains(codes, r.Code)
}

// goneError reports whether the Graph API says that what was asked for is not
// there. A status alone may be a gateway's, and would have a customer's post
// deleted for good. Of errors of get and post it is true only where our account
// could be seen besides: see hidden.
func goneError(err error) bool {
	var r *refused
	return errors.As(err, &r) && !r.hidden && (r.Code == 100 && r.Subcode == 33 || r.Code == 803)
}

// fault says what an error of the Graph API means for us. regain is how long
// the network takes no calls, as far as it has said.
func fault(err error, regain time.Duration) error {
	var status *web.StatusError
	if err == nil || !errors.As(err, &status) {
		return err
	}
	g, ok := readError(status.Body)
	if !ok && (status.Status == http.StatusNotFound || status.Status == http.StatusGone) {
		return &social.Error{Retry: true, Fault: social.FaultNetwork, Safe: fmt.Sprintf("something else than Meta's API answers at its address (%d)", status.Status), Cause: status}
	}
	if !ok {
		return err
	}
	e := meaning(g)
	e.Cause = &refused{graphError: g}
	if limit(g.Code) {
		e.After = max(regain, limitPause)
	}
	return e
}

// limitPause is how long we wait where Meta does not say: its windows slide.
const limitPause = time.Minute

// limit: developers.facebook.com/docs/graph-api/overview/rate-limiting, "Error
// Codes": 4 the app, 17 the user, 32 the Page, 613 an API's own; 80000 and
// following are business use cases.
func limit(code int) bool {
	return code == 4 || code == 17 || code == 32 || code == 341 || code == 613 || code >= 80000 && code <= 80014
}

// meaning reads a code (developers.facebook.com/docs/graph-api/guides/
// error-handling, "Error Codes"; developers.facebook.com/docs/
// messenger-platform/error-codes, "Common Error Codes").
func meaning(g graphError) *social.Error {
	why := func(f social.Fault, safe string) *social.Error {
		return &social.Error{Fault: f, Safe: fmt.Sprintf("%s (Meta's code %d/%d)", safe, g.Code, g.Subcode)}
	}
	closed := func(safe string) *social.Error {
		e := why(social.FaultCustomer, safe)
		e.Closed = true
		return e
	}
	switch c, s := g.Code, g.Subcode; {
	case c == 10 && (s == 2018278 || s == 2018065 || s == 2534022):
		return closed(closedWindow)
	case c == 551 || c == 200 && (s == 1545041 || s == 2018108):
		// "This person isn't available" and "isn't receiving messages from
		// you" are what a Page is told by somebody who has blocked it.
		e := why(social.FaultCustomer, "this person does not take messages from us")
		e.Blocked = true
		return e
	case c == 100 && s == 33 || c == 803:
		return why(social.FaultCustomer, "what we answer is not there any more")
	case c == 100 && (s == 2018001 || s == 2534014):
		return why(social.FaultCustomer, "nobody of that id can be written to from here")
	case c == 10900:
		return closed("this comment has had its one private reply")
	case c == 10903:
		return closed("this comment takes no private reply")
	case slices.Contains(tokenCodes, c):
		return why(social.FaultOperator, tokenTrouble(s))
	case c == 3 || c == 10 || c >= 200 && c <= 299:
		return why(social.FaultOperator, "the app lacks a permission for that")
	case c == 368:
		return why(social.FaultOperator, "Meta has blocked the account or the app from doing that for a while")
	case limit(c):
		e := why(social.FaultNetwork, "the network limits how often it may be asked")
		e.Retry = true
		return e
	case g.Transient || c == 1 || c == 2 || c == 1200:
		e := why(social.FaultNetwork, "the network has trouble of its own")
		e.Retry = true
		return e
	}
	return why(social.FaultOurs, "the network refuses what we sent")
}

const closedWindow = "the time in which this person may be written to is over: they have to write first"

// tokenCodes are those of a token that is none any more.
var tokenCodes = []int{190, 102}

// tokenTrouble: developers.facebook.com/docs/graph-api/guides/error-handling,
// "Authentication Error Codes".
func tokenTrouble(subcode int) string {
	switch subcode {
	case 458:
		return "the app is not installed on the account any more"
	case 459, 464:
		return "the person who gave the token has to sign in to Facebook first"
	case 460:
		return "the token ended with a change of password"
	case 463:
		return "the token has expired"
	case 467, 492:
		return "the token was revoked"
	}
	return "the token is not valid"
}
