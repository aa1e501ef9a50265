package bridge

import (
	"crypto/hmac"
	"encoding/base64"
	"strings"
)

// Sign signs as the other side does.
func Sign(secret, id, stamp string, body []byte) string {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, secretPrefix))
	if err != nil {
		panic(err)
	}
	return signature([][]byte{key}, id, stamp, body)
}

// Signed looks for a secret's signature among several.
func Signed(header, secret, id, stamp string, body []byte) bool {
	for s := range strings.FieldsSeq(header) {
		if hmac.Equal([]byte(s), []byte(Sign(secret, id, stamp, body))) {
			return true
		}
	}
	return false
}
