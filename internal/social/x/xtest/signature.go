package xtest

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Signed reports whether a request is signed with our account's credentials
// and the app's (RFC 5849, 3.4, HMAC-SHA1, the only way that X takes).
func (a *App) Signed(r *http.Request) bool {
	given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "OAuth ")
	if !ok {
		return false
	}
	said := map[string]string{}
	for part := range strings.SplitSeq(given, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		text, err := url.PathUnescape(strings.Trim(value, `"`))
		if err != nil || said[name] != "" {
			return false
		}
		said[name] = text
	}
	if said["oauth_consumer_key"] != a.ConsumerKey || said["oauth_token"] != a.AccessToken || said["oauth_nonce"] == "" || said["oauth_timestamp"] == "" {
		return false
	}
	key := escape(a.ConsumerSecret) + "&" + escape(a.AccessTokenSecret) // 3.4.2
	h := hmac.New(sha1.New, []byte(key))
	h.Write([]byte(baseString(r, said)))
	return hmac.Equal([]byte(said["oauth_signature"]), []byte(base64.StdEncoding.EncodeToString(h.Sum(nil))))
}

// baseString is RFC 5849, 3.4.1. A JSON body is no part of it.
func baseString(r *http.Request, said map[string]string) string {
	var params []string
	for name, all := range r.URL.Query() {
		for _, v := range all {
			params = append(params, escape(name)+"="+escape(v))
		}
	}
	for name, v := range said {
		if name != "oauth_signature" && name != "realm" {
			params = append(params, escape(name)+"="+escape(v))
		}
	}
	slices.Sort(params)
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	address := scheme + "://" + strings.ToLower(r.Host) + r.URL.EscapedPath()
	return r.Method + "&" + escape(address) + "&" + escape(strings.Join(params, "&"))
}

// escape is RFC 5849, 3.6.
func escape(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
