package source

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Scheme says how a sender signs.
type Scheme string

const (
	// SchemeStandard is Standard Webhooks 1.0: webhook-id, webhook-timestamp
	// and webhook-signature ("v1,<base64>", several with spaces between) over
	// "id.timestamp.body". Secrets are "whsec_" and base64.
	SchemeStandard Scheme = "standard"
	// SchemeGitHub is X-Hub-Signature-256: "sha256=<hex>" over the body.
	SchemeGitHub Scheme = "github"
	// SchemeHMAC is HMAC-SHA256 in a header of the sender's choice, over the
	// body or, with TimestampHeader, over "timestamp.body".
	SchemeHMAC Scheme = "hmac"
	// SchemeStripe is "t=<unix>,v1=<hex>" over "t.body".
	SchemeStripe Scheme = "stripe"
	// SchemeToken is a fixed token in a header: it proves who sends, and
	// nothing about the body.
	SchemeToken Scheme = "token"
)

const maxSignatures = 8 // tried from one header

// verifier checks a delivery against all secrets, so that one can be
// exchanged for another while both are in use.
type verifier struct {
	scheme    Scheme
	keys      [][]byte
	header    string
	timestamp string // header
	id        string // header
	base64    bool
	prefix    string
	tolerance time.Duration
}

// newVerifier fills the scheme's defaults into c.
func newVerifier(c *WebhookConfig, secrets []string) (verifier, error) {
	set := func(p *string, v string) {
		if *p == "" {
			*p = v
		}
	}
	switch c.Scheme {
	case SchemeStandard:
		set(&c.Header, "webhook-signature")
		set(&c.TimestampHeader, "webhook-timestamp")
		set(&c.IDHeader, "webhook-id")
	case SchemeGitHub:
		set(&c.Header, "X-Hub-Signature-256")
		set(&c.IDHeader, "X-GitHub-Delivery")
		set(&c.Prefix, "sha256=")
	case SchemeStripe:
		set(&c.Header, "Stripe-Signature")
	case SchemeToken:
		set(&c.Header, "X-Webhook-Token")
	case SchemeHMAC:
		if c.Header == "" {
			return verifier{}, fmt.Errorf("%s: header: is required with scheme hmac; want the name of the header that carries the signature", c.Place)
		}
	default:
		return verifier{}, fmt.Errorf("%s: scheme: is %.40q; want one of standard, github, hmac, stripe, token", c.Place, c.Scheme)
	}
	for _, h := range []struct{ field, name string }{{"header", c.Header}, {"timestamp_header", c.TimestampHeader}, {"id_header", c.IDHeader}} {
		if strings.Trim(strings.ToLower(h.name), "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return verifier{}, fmt.Errorf("%s: %s: %.60q is not a header's name", c.Place, h.field, h.name)
		}
	}
	if c.Encoding != "" && c.Encoding != "hex" && c.Encoding != "base64" {
		return verifier{}, fmt.Errorf("%s: encoding: is %.40q; want \"hex\" or \"base64\"", c.Place, c.Encoding)
	}
	if c.Scheme != SchemeHMAC && c.Encoding != "" {
		return verifier{}, fmt.Errorf("%s: encoding: is for scheme hmac only", c.Place)
	}
	if c.Scheme != SchemeHMAC && c.Scheme != SchemeStandard && c.TimestampHeader != "" {
		return verifier{}, fmt.Errorf("%s: timestamp_header: is for the schemes hmac and standard only", c.Place)
	}
	v := verifier{scheme: c.Scheme, header: c.Header, timestamp: c.TimestampHeader, id: c.IDHeader,
		base64: c.Encoding == "base64", prefix: c.Prefix, tolerance: c.Tolerance}
	for i, s := range secrets {
		key := []byte(s)
		if c.Scheme == SchemeStandard {
			var err error
			if key, err = base64.StdEncoding.DecodeString(strings.TrimPrefix(s, "whsec_")); err != nil || len(key) < minSecret {
				return verifier{}, fmt.Errorf("%s: secrets[%d]: %v is not \"whsec_\" and base64 of at least %d bytes, as Standard Webhooks secrets are", c.Place, i, c.Secrets[i], minSecret)
			}
		}
		v.keys = append(v.keys, key)
	}
	return v, nil
}

// verify reports whether the delivery is authentic and recent.
func (v *verifier) verify(h http.Header, body []byte, now time.Time) bool {
	got := strings.TrimSpace(headerOf(h, v.header))
	if got == "" {
		return false
	}
	switch v.scheme {
	case SchemeToken:
		if strings.EqualFold(v.header, "Authorization") && len(got) > 7 && strings.EqualFold(got[:7], "bearer ") {
			got = strings.TrimSpace(got[7:])
		}
		return v.token(got)
	case SchemeStandard:
		id, stamp := headerOf(h, v.id), headerOf(h, v.timestamp)
		var sigs []string
		for s := range strings.FieldsSeq(got) {
			if sig, ok := strings.CutPrefix(s, "v1,"); ok {
				sigs = append(sigs, sig)
			}
		}
		return id != "" && v.recent(stamp, now) && v.signed(sigs, decodeBase64, id, ".", stamp, ".", string(body))
	case SchemeStripe:
		stamp, sigs := "", []string(nil)
		for part := range strings.SplitSeq(got, ",") {
			key, value, _ := strings.Cut(strings.TrimSpace(part), "=")
			switch key {
			case "t":
				stamp = value
			case "v1":
				sigs = append(sigs, value)
			}
		}
		return v.recent(stamp, now) && v.signed(sigs, hex.DecodeString, stamp, ".", string(body))
	}
	sig, ok := strings.CutPrefix(got, v.prefix)
	if !ok {
		return false
	}
	decode := hex.DecodeString
	if v.base64 {
		decode = decodeBase64
	}
	if v.timestamp == "" {
		return v.signed([]string{sig}, decode, string(body))
	}
	stamp := headerOf(h, v.timestamp)
	return v.recent(stamp, now) && v.signed([]string{sig}, decode, stamp, ".", string(body))
}

// token compares digests, so that neither content nor length can be timed.
func (v *verifier) token(got string) bool {
	sum := sha256.Sum256([]byte(got))
	ok := 0
	for _, key := range v.keys {
		want := sha256.Sum256(key)
		ok |= subtle.ConstantTimeCompare(sum[:], want[:])
	}
	return ok == 1
}

// recent reports whether a Unix time is within the tolerance.
func (v *verifier) recent(stamp string, now time.Time) bool {
	n, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || n < 0 || n > 1<<40 {
		return false
	}
	d := now.Sub(time.Unix(n, 0))
	return d <= v.tolerance && d >= -v.tolerance
}

// signed reports whether any signature over the parts is any key's.
func (v *verifier) signed(sigs []string, decode func(string) ([]byte, error), parts ...string) bool {
	if len(sigs) > maxSignatures {
		sigs = sigs[:maxSignatures]
	}
	ok := false
	for _, key := range v.keys {
		mac := hmac.New(sha256.New, key)
		for _, p := range parts {
			mac.Write([]byte(p))
		}
		want := mac.Sum(nil)
		for _, s := range sigs {
			if got, err := decode(s); err == nil && hmac.Equal(got, want) {
				ok = true
			}
		}
	}
	return ok
}

func decodeBase64(s string) ([]byte, error) { return base64.StdEncoding.DecodeString(s) }
