package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// deliver sends each post, in order, until it is taken or refused for good.
func (f *forum) deliver(ctx context.Context, pause time.Duration) {
	for ctx.Err() == nil {
		f.mu.Lock()
		waiting := f.unsent
		f.mu.Unlock()
		if len(waiting) == 0 {
			select {
			case <-f.wrote:
			case <-ctx.Done():
			}
			continue
		}
		if !f.send(ctx, waiting[0]) {
			select {
			case <-time.After(pause):
			case <-ctx.Done():
			}
			continue
		}
		f.mu.Lock()
		f.unsent = f.unsent[1:]
		f.mu.Unlock()
	}
}

// send makes one attempt, signed with the time of now, and reports whether the
// post needs no other.
func (f *forum) send(ctx context.Context, p post) bool {
	body, err := json.Marshal(p)
	if err != nil {
		f.log.Printf("post %s cannot be written: %v", p.ID, err)
		return true
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, f.hook, bytes.NewReader(body))
	if err != nil {
		log.Fatal(err)
	}
	id, at := "forum-"+p.ID, strconv.FormatInt(time.Now().Unix(), 10)
	r.Header.Set("webhook-id", id)
	r.Header.Set("webhook-timestamp", at)
	r.Header.Set("webhook-signature", "v1,"+sign(f.key, id, at, body))
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		f.log.Printf("post %s waits: %v", p.ID, err)
		return false
	}
	defer resp.Body.Close()
	said, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<16))
	return f.settled(p.ID, resp.StatusCode, said)
}

// settled reports whether an answer is the last word on a post, and logs one
// that is no yes.
func (f *forum) settled(id string, status int, said []byte) bool {
	why := strings.TrimSpace(string(said))
	switch status {
	case http.StatusBadRequest, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity:
		f.log.Printf("post %s is refused for good (%d): %s", id, status, why) // to try again would not help
		return true
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound:
		f.log.Printf("post %s waits (%d): is FORUM_SECRET the server's, and ADVOCATE_HOOK its address? %s", id, status, why)
		return false
	}
	if status >= 300 {
		f.log.Printf("post %s waits (%d): %s", id, status, why)
		return false
	}
	var answer struct{ Refused []json.RawMessage }
	if json.Unmarshal(said, &answer) == nil && len(answer.Refused) > 0 {
		f.log.Printf("post %s is refused for good: %s", id, why)
	}
	return true
}

func sign(key []byte, id, at string, body []byte) string {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(id + "." + at + "."))
	h.Write(body)
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// signed looks whether one of the signatures is right, and not old.
func signed(key []byte, h http.Header, body []byte, now time.Time) bool {
	id, stamp := h.Get("webhook-id"), h.Get("webhook-timestamp")
	at, err := strconv.ParseInt(stamp, 10, 64)
	if age := now.Sub(time.Unix(at, 0)); err != nil || age.Abs() > 5*time.Minute {
		return false
	}
	want := "v1," + sign(key, id, stamp, body)
	for _, s := range strings.Fields(h.Get("webhook-signature")) {
		if hmac.Equal([]byte(s), []byte(want)) {
			return true
		}
	}
	return false
}
