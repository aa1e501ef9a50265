package outbound

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/contact-advocate/advocate/internal/component/rest"
	"github.com/contact-advocate/advocate/internal/domain"
)

const (
	// sendTime is how long an attempt may take, from the look-up of the name to
	// the end of the answer.
	sendTime = 15 * time.Second
	// maxAnswer is how much of an answer is read, and kept where it is no 2xx.
	maxAnswer = 1 << 10
	// maxAnswerHeader bounds an answer's header.
	maxAnswerHeader = 32 << 10
	// maxRetryAfter is how far off an endpoint may put its deliveries.
	maxRetryAfter = 24 * time.Hour
)

// Attempt is what came of posting once.
type Attempt struct {
	Status int    // 0: no answer
	Error  string // "" for 2xx
	Took   time.Duration

	retryAfter time.Duration // the endpoint's word, 0 for none
}

// OK reports whether the endpoint took it.
func (a *Attempt) OK() bool { return a.Status >= 200 && a.Status < 300 }

type request struct {
	url, id string
	at      time.Time // when it is signed
	secrets [][]byte
	body    []byte
}

// sender posts. It reaches no address that the rule of package rest refuses.
type sender struct {
	client *http.Client
	agent  string
}

func newSender(allowPrivate bool, version string, timeout time.Duration) *sender {
	dialer := &net.Dialer{Timeout: timeout, Control: rest.Control(allowPrivate)}
	return &sender{agent: strings.TrimSuffix("contact-advocate/"+version, "/"), client: &http.Client{
		Timeout: timeout,
		Transport: &http.Transport{
			// No Proxy: it would be what is dialed, and the rule on addresses void.
			DialContext: dialer.DialContext, TLSHandshakeTimeout: timeout, ForceAttemptHTTP2: true, DisableCompression: true,
			MaxConnsPerHost: atOncePerEndpoint * 2, MaxIdleConnsPerHost: atOncePerEndpoint, IdleConnTimeout: time.Minute, MaxResponseHeaderBytes: maxAnswerHeader,
		},
		// A redirect would carry the event to an address nobody configured.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func (s *sender) post(ctx context.Context, r request) (a Attempt) {
	begun := time.Now()
	defer func() { a.Took = time.Since(begun) }()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url, bytes.NewReader(r.body))
	if err != nil {
		a.Error = "the address cannot be used"
		return a
	}
	req.Header.Set("Content-Type", "application/cloudevents+json")
	req.Header.Set("User-Agent", s.agent)
	req.Header.Set("Webhook-Id", r.id)
	req.Header.Set("Webhook-Timestamp", strconv.FormatInt(r.at.Unix(), 10))
	req.Header.Set("Webhook-Signature", signatures(r.secrets, r.id, r.at, r.body))
	resp, err := s.client.Do(req)
	if err != nil {
		a.Error = noAnswer(err)
		return a
	}
	// Closing a body that was not read to its end closes the connection, so an
	// endless answer costs no more than what is read of it here.
	defer resp.Body.Close()
	a.Status = resp.StatusCode
	said, _ := io.ReadAll(io.LimitReader(resp.Body, maxAnswer)) // the status counts, whatever becomes of the rest
	if a.OK() {
		return a
	}
	if a.Status == http.StatusTooManyRequests || a.Status == http.StatusServiceUnavailable {
		a.retryAfter = retryAfter(resp.Header.Get("Retry-After"), r.at)
	}
	a.Error = strings.TrimSuffix("answered "+strconv.Itoa(a.Status)+": "+printable(said), ": ")
	return a
}

// noAnswer says why there was none, without the address, which may hold a token.
func noAnswer(err error) string {
	var ue *url.Error
	if errors.As(err, &ue) {
		if ue.Timeout() {
			return "did not answer in time"
		}
		err = ue.Err
	}
	return printable([]byte(fmt.Sprintf("did not answer: %v", err)))
}

// printable makes a line of text, of at most maxAnswer bytes, of whatever came.
func printable(b []byte) string {
	text := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, domain.CleanText(string(b)))
	if text = strings.TrimSpace(text); len(text) > maxAnswer {
		text = strings.ToValidUTF8(text[:maxAnswer], "")
	}
	return text
}

// retryAfter reads the header of that name (RFC 9110 §10.2.3): seconds, or a
// date.
func retryAfter(s string, now time.Time) time.Duration {
	d := time.Duration(0)
	if n, err := strconv.ParseUint(strings.TrimSpace(s), 10, 32); err == nil {
		d = time.Duration(n) * time.Second
	} else if at, err := http.ParseTime(s); err == nil {
		d = at.Sub(now)
	}
	return min(max(d, 0), maxRetryAfter)
}
