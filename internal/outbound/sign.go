package outbound

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

// Standard Webhooks 1.0: a secret is "whsec_" and base64 of 24 to 64 bytes.
const (
	secretPrefix = "whsec_"
	secretBytes  = 32
)

func newSecret() []byte {
	b := make([]byte, secretBytes)
	_, _ = rand.Read(b) // never fails: crypto/rand ends the process instead
	return b
}

func showSecret(b []byte) string { return secretPrefix + base64.StdEncoding.EncodeToString(b) }

// signatures is the header webhook-signature: one for each secret, separated by
// spaces, so that a receiver may have the old or the new one.
func signatures(secrets [][]byte, id string, at time.Time, body []byte) string {
	out := make([]string, len(secrets))
	for i, s := range secrets {
		mac := hmac.New(sha256.New, s)
		mac.Write([]byte(id + "." + strconv.FormatInt(at.Unix(), 10) + "."))
		mac.Write(body)
		out[i] = "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	}
	return strings.Join(out, " ")
}
