package bridge

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/clock"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/secret"
	"github.com/contact-advocate/advocate/internal/social"
)

// Standard Webhooks 1.0, "Signature scheme" and "Webhook headers".
const (
	headerID        = "Webhook-Id"
	headerTimestamp = "Webhook-Timestamp"
	headerSignature = "Webhook-Signature"

	secretPrefix  = "whsec_"
	minKey        = 24 // bytes
	maxKey        = 64
	maxSignatures = 8 // looked at in one header
	maxID         = 256
)

// keysFor is how soon a secret that is exchanged where it is kept is taken up,
// failedFor how soon one is that could not be read. To read them anew for each
// request would let anybody keep the vault busy.
const (
	keysFor   = 10 * time.Second
	failedFor = 2 * time.Second
)

// keyring holds the keys, or why there are none, for a while. The zero value is
// empty.
type keyring struct {
	turn social.Turn
	keys [][]byte
	err  error
	read time.Time
}

// get waits no longer than ctx for whoever reads the keys.
func (k *keyring) get(ctx context.Context, c *Config, clk clock.Clock) ([][]byte, error) {
	release, err := k.turn.Take(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	keep := keysFor
	if k.err != nil {
		keep = failedFor
	}
	if clk.Now().Sub(k.read).Abs() >= keep {
		k.keys, k.err = c.keys()
		k.read = clk.Now() // a read may take a while
	}
	return k.keys, k.err
}

// keys reads the secrets.
func (c *Config) keys() ([][]byte, error) {
	out := make([][]byte, 0, len(c.Secrets))
	for i, ref := range c.Secrets {
		k, err := readKey(ref)
		if err != nil {
			return nil, fmt.Errorf("secrets[%d]: %w", i, err)
		}
		out = append(out, k)
	}
	return out, nil
}

// readKey reads one.
func readKey(ref secret.Ref) ([]byte, error) {
	s, err := ref.Read()
	if err != nil {
		return nil, err
	}
	k, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(s, secretPrefix))
	if err != nil || len(k) < minKey || len(k) > maxKey {
		return nil, social.Wrong(fmt.Sprintf("%q and base64 of %d to %d bytes", secretPrefix, minKey, maxKey), "%v is no secret of Standard Webhooks", ref)
	}
	return k, nil
}

func mac(key []byte, id, stamp string, body []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(id + "." + stamp + "."))
	h.Write(body)
	return h.Sum(nil)
}

// signature is what goes out: one for each secret, so that the other side may
// have the old or the new one.
func signature(keys [][]byte, id, stamp string, body []byte) string {
	out := make([]string, len(keys))
	for i, key := range keys {
		out[i] = "v1," + base64.StdEncoding.EncodeToString(mac(key, id, stamp, body))
	}
	return strings.Join(out, " ")
}

// delivery is a request whose signature is right and recent.
type delivery struct {
	id string
	at int64 // when it was signed, in Unix seconds: anew with every attempt
}

// errSignature is told to the operator alone: whoever sends such a delivery gets
// the same answer as at an address that does not exist (package httpapi).
func errSignature() error {
	return domain.Errorf(domain.CodeUnauthorized, "the delivery is not signed as this source requires: check the address, the secret, the signature's header and the sender's clock")
}

// verify looks at who sent a request before anything else of it is looked at.
func verify(keys [][]byte, r *social.HookRequest, now time.Time, maxAge time.Duration) (delivery, error) {
	id, stamp := header(r, headerID), header(r, headerTimestamp)
	at, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || at < 0 || at > 1<<40 || !validID(id) {
		return delivery{}, errSignature()
	}
	if age := now.Sub(time.Unix(at, 0)); age > maxAge || age < -maxAge {
		return delivery{}, errSignature()
	}
	var given [][]byte
	for s := range strings.FieldsSeq(header(r, headerSignature)) {
		sig, ok := strings.CutPrefix(s, "v1,")
		if b, err := base64.StdEncoding.DecodeString(sig); ok && err == nil && len(given) < maxSignatures {
			given = append(given, b)
		}
	}
	right := false
	for _, key := range keys {
		want := mac(key, id, stamp, r.Body)
		for _, got := range given {
			right = hmac.Equal(got, want) || right
		}
	}
	if !right {
		return delivery{}, errSignature()
	}
	return delivery{id, at}, nil
}

// validID refuses a full stop, with which the id could say a part of the time,
// and what is no visible letter.
func validID(id string) bool {
	return id != "" && len(id) <= maxID && !strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r > '~' || r == '.' })
}

func header(r *social.HookRequest, name string) string {
	if v := r.Header[name]; len(v) == 1 { // of two, who knows which was meant
		return v[0]
	}
	return ""
}

func digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p))
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
