package x

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/web"
)

// The fields that are asked for
// (https://docs.x.com/x-api/fundamentals/data-dictionary).
const (
	postFields  = "created_at,author_id,conversation_id,in_reply_to_user_id,referenced_tweets,entities,attachments,lang,note_tweet,edit_history_tweet_ids"
	expansions  = "author_id,referenced_tweets.id,attachments.media_keys"
	userFields  = "name,username"
	mediaFields = "type,url,preview_image_url,alt_text"
)

// withFields adds them to a query.
func withFields(q map[string][]string) map[string][]string {
	q["tweet.fields"], q["expansions"] = []string{postFields}, []string{expansions}
	q["user.fields"], q["media.fields"] = []string{userFields}, []string{mediaFields}
	return q
}

// ask makes a request as our account. An access token that has been taken back
// before its time is renewed once.
func (n *Network) ask(ctx context.Context, r web.Request) (web.Answer, error) {
	a, err := n.user.Do(ctx, r)
	if web.Status(err) == http.StatusUnauthorized && n.discard(ctx) {
		a, err = n.user.Do(ctx, r)
	}
	return a, n.meaning(err)
}

// problem is what X says of an error
// (https://docs.x.com/x-api/fundamentals/response-codes-and-errors, "Error
// response format"); the list is how older parts of it say it.
type problem struct {
	Title  string `json:"title"`
	Detail string `json:"detail"`
	Type   string `json:"type"`
	Reason string `json:"reason"`
	Errors []struct {
		Message string `json:"message"`
		Detail  string `json:"detail"`
		Type    string `json:"type"`
		Code    int    `json:"code"`
	} `json:"errors"`
}

func problemOf(err error) (p problem) {
	var s *web.StatusError
	if errors.As(err, &s) && json.Unmarshal(s.Body, &p) != nil {
		return problem{} // nothing of half a page
	}
	return p
}

// words is all that it says, in small letters.
func (p *problem) words() string {
	all := []string{p.Title, p.Detail, p.Type, p.Reason}
	for _, e := range p.Errors {
		all = append(all, e.Message, e.Detail, e.Type)
	}
	return strings.ToLower(strings.Join(all, "\n"))
}

func (p *problem) code(codes ...int) bool {
	for _, e := range p.Errors {
		for _, c := range codes {
			if e.Code == c {
				return true
			}
		}
	}
	return false
}

// errDuplicate is the cause of the error for what X takes for a repeat.
var errDuplicate = errors.New("duplicate")

// Pauses where X does not say how long.
const (
	creditPause    = 15 * time.Minute
	capPause       = time.Hour
	duplicatePause = time.Minute
	longestPause   = 25 * time.Hour // its longest window is a day
)

// meaning says of an answer whose fault it is. The words for refusals are not
// documented; those that the API is known to use are looked for, and a refusal
// in other words is the operator's, since it may be the app's.
func (n *Network) meaning(err error) error {
	var e *social.Error
	if !errors.As(err, &e) {
		return err
	}
	p := problemOf(err)
	words := p.words()
	switch web.Status(err) {
	case http.StatusUnauthorized:
		e.Safe = "X does not accept our credentials: they were revoked or made anew, or they are not the app's (401)"
	case http.StatusPaymentRequired:
		e.Retry, e.After, e.Fault, e.Safe = true, creditPause, social.FaultOperator, "the credits at X are used up (402)"
	case http.StatusTooManyRequests:
		if has(words, "usage-capped", "usage cap", "monthly product cap") {
			e.Retry, e.After, e.Fault, e.Safe = true, capPause, social.FaultOperator, "what the tier allows at X is used up"
		} else {
			e.After = n.limitEnds(err)
		}
	case http.StatusForbidden:
		forbidden(e, &p, words)
	case http.StatusBadRequest:
		if has(words, "deleted or not visible") {
			e.Fault, e.Safe = social.FaultCustomer, "what we answer is not there any more"
		}
	}
	return err
}

// forbidden reads a 403.
func forbidden(e *social.Error, p *problem, words string) {
	switch {
	case has(words, "duplicate content", "status is a duplicate") || p.code(187):
		e.Retry, e.After, e.Fault, e.Cause = true, duplicatePause, social.FaultOurs, errDuplicate
		e.Safe = "X takes the reply for a repeat of something that we have said"
	case has(words, "blocked", "blocking") || p.code(136):
		e.Fault, e.Blocked, e.Safe = social.FaultCustomer, true, "they have blocked us"
	case has(words, "deleted or not visible") || p.code(385):
		e.Fault, e.Safe = social.FaultCustomer, "what we answer is not there any more"
	// https://docs.x.com/x-api/posts/manage-tweets/integrate, "Post creation
	// restrictions (self-serve)".
	case has(words, "not been mentioned", "summoned", "restricted who can reply", "reply to this conversation is not allowed", "not permitted to reply") || p.code(433):
		e.Fault, e.Safe = social.FaultCustomer, "X does not let us answer this post: its author has neither mentioned nor quoted us, or lets nobody answer"
	// https://docs.x.com/x-api/direct-messages/manage/integrate, "Cannot send
	// to user".
	case has(words, "permission to dm", "cannot send messages to", "can't send messages to", "cannot be messaged", "dm one or more participants") || p.code(150, 349):
		e.Fault, e.Closed, e.Safe = social.FaultCustomer, true, "they take no direct messages from us"
	case has(words, "client-forbidden", "client-not-enrolled", "not enrolled", "access level"):
		e.Safe = "the app's tier at X does not include that (403)"
	case has(words, "app permissions", "appropriate oauth", "read-only"):
		e.Safe = "the app may only read: give it write permission at X and make the tokens anew (403)"
	case has(words, "suspended", "locked", "temporarily") || p.code(64, 326):
		e.Safe = "X has suspended or locked our account (403)"
	}
}

func has(words string, any ...string) bool {
	for _, s := range any {
		if strings.Contains(words, s) {
			return true
		}
	}
	return false
}

// limitEnds is when the window ends that is used up: of 15 minutes, or of a day
// (https://docs.x.com/x-api/fundamentals/rate-limits).
func (n *Network) limitEnds(err error) time.Duration {
	var s *web.StatusError
	if !errors.As(err, &s) {
		return 0
	}
	now := n.kit.Clock.Now()
	var after time.Duration
	for _, w := range []string{"X-Rate-Limit", "X-User-Limit-24hour", "X-App-Limit-24hour"} {
		at, ok := web.ResetAt(s.Header.Get(w+"-Reset"), now)
		if ok && s.Header.Get(w+"-Remaining") == "0" {
			after = max(after, at.Sub(now))
		}
	}
	if after == 0 {
		after = web.RetryAfter(s.Header, now)
	}
	if after == 0 {
		after = time.Minute // "Reconnection strategy": a minute to begin with
	}
	return min(after, longestPause)
}

// answered notes what is left of a limit on sending, which lasts a day.
func (n *Network) answered(_ int, h http.Header) {
	const w = "X-User-Limit-24hour"
	if q, ok := web.Limit(h, w, n.kit.Clock.Now()); ok && !q.Resets.IsZero() {
		q.Name = "requests in 24 hours"
		n.Quota(q)
	}
}
