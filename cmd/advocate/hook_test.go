package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/social/meta/metatest"
	"github.com/contact-advocate/advocate/internal/social/x/xtest"
)

// Credentials of the networks that tell of posts by requests.
const (
	forumKey  = "forum-key-forum-key-forum-key"
	xSecret   = "x-consumer-secret"
	appSecret = "meta-app-secret"
	customers = "my parcel is lost" // what only the customer's history may have
)

// delivery is one request to /hooks/NAME, and what is to come of it.
type delivery struct {
	hook   string
	body   string
	header map[string]string
	status int
}

func hmac256(key, text string) []byte {
	h := hmac.New(sha256.New, []byte(key))
	h.Write([]byte(text))
	return h.Sum(nil)
}

// byForum signs as Standard Webhooks say.
func byForum(key, id, body string, at time.Time, status int) delivery {
	stamp := strconv.FormatInt(at.Unix(), 10)
	return delivery{"forum", body, map[string]string{
		"webhook-id": id, "webhook-timestamp": stamp, "webhook-signature": "v1," + base64.StdEncoding.EncodeToString(hmac256(key, id+"."+stamp+"."+body)),
	}, status}
}

// byX signs as https://docs.x.com/x-api/webhooks/quickstart says.
func byX(key, body string, status int) delivery {
	return delivery{"x", body, map[string]string{"x-twitter-webhooks-signature": "sha256=" + base64.StdEncoding.EncodeToString(hmac256(key, body))}, status}
}

// byMeta signs as developers.facebook.com/docs/graph-api/webhooks/
// getting-started says.
func byMeta(key, body string, status int) delivery {
	return delivery{"facebook", body, map[string]string{"x-hub-signature-256": "sha256=" + hex.EncodeToString(hmac256(key, body))}, status}
}

// mentionOnX is a post as the X Activity API tells of it.
func mentionOnX(at time.Time) string {
	id := strconv.FormatInt((at.UnixMilli()-1288834974657)<<22, 10) // as X makes them
	b, _ := json.Marshal(map[string]any{"data": map[string]any{
		"event_type": "post.mention.create", "event_uuid": "1", "filter": map[string]any{"user_id": "12"},
		"payload": map[string]any{"id": id, "text": "@shop " + customers, "author_id": "77", "created_at": at.UTC().Format("2006-01-02T15:04:05.000Z"),
			"edit_history_tweet_ids": []string{id}, "entities": map[string]any{"mentions": []any{map[string]any{"id": "12", "username": "shop"}}}},
		"includes": map[string]any{"users": []any{map[string]any{"id": "77", "username": "ana", "name": "Ana"}}},
	}})
	return string(b)
}

func commentOnFacebook(at time.Time) string {
	return fmt.Sprintf(`{"object":"page","entry":[{"id":"1000","time":%d,"changes":[{"field":"feed","value":{"item":"comment","verb":"add","comment_id":"77_5","post_id":"1000_77","parent_id":"1000_77","from":{"id":"501","name":"Ana"},"message":%q,"created_time":%d}}]}]}`,
		at.Unix(), customers, at.Unix())
}

func (d *delivery) to(t *testing.T, s *running) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "POST", s.url+"/hooks/"+d.hook, strings.NewReader(d.body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	for k, v := range d.header {
		req.Header.Set(k, v)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(b)
}

// hooked is a server whose three networks tell of posts by requests.
func hooked(t *testing.T) *running {
	onX := httptest.NewServer(&xtest.App{
		ConsumerKey: "k", ConsumerSecret: xSecret, AccessToken: "t", AccessTokenSecret: "ts", User: map[string]any{"id": "12", "username": "shop"},
	})
	t.Cleanup(onX.Close)
	onMeta := httptest.NewServer(&metatest.App{ID: "3000", Secret: appSecret, Token: "page-token", Page: "1000", Name: "Shop"})
	t.Cleanup(onMeta.Close)
	dir := t.TempDir()
	for name, text := range map[string]string{
		"forum": "whsec_" + base64.StdEncoding.EncodeToString([]byte(forumKey)), "k": "k", "ks": xSecret, "t": "t", "ts": "ts", "app": appSecret, "page": "page-token", "verify": "a-word-of-ours",
	} {
		write(t, dir, name, text)
	}
	write(t, dir, "advocate.yaml", fmt.Sprintf(`networks:
  webhook:
    - {name: forum, secrets: [{file: forum}], callback: %q, allow_private: true, public: true}
  x:
    - {mode: webhook, api: %q, allow_private: true, consumer_key: {file: k}, consumer_secret: {file: ks}, access_token: {file: t}, access_token_secret: {file: ts}}
  facebook:
    - {app: "3000", page: "1000", graph: %q, allow_private: true, app_secret: {file: app}, access_token: {file: page}, verify_token: {file: verify}}
`, onX.URL, onX.URL, onMeta.URL))
	return serve(t, dir)
}

// TestHooksRefuseWhatIsNotSigned: bad, old and repeated signatures bring no
// post. They are counted and, the first of a row, logged, without a word of
// what came; they leave no row in the audit log, which strangers could fill
// otherwise; and they do not tell which networks there are.
func TestHooksRefuseWhatIsNotSigned(t *testing.T) {
	t.Parallel()
	s := hooked(t)
	now := time.Now()
	post := `{"id":"1","author":{"id":"u1","handle":"ana"},"text":"` + customers + `"}`
	good := byForum(forumKey, "d-1", post, now, 200)
	other := byForum(forumKey, "d-2", post, now, 401)
	other.body = strings.Replace(post, "lost", "here", 1)
	bare := delivery{"facebook", commentOnFacebook(now), nil, 401}
	_, nobody := (&delivery{hook: "nobody", body: post}).to(t, s)
	refusals := 1
	for _, d := range []delivery{
		byForum("another-key", "d-0", post, now, 401),
		byForum(forumKey, "d-0", post, now.Add(-6*time.Minute), 401),
		byForum(forumKey, "d-0", post, now.Add(6*time.Minute), 401),
		other, bare,
		byX("another-key", mentionOnX(now), 401),
		byX(xSecret, mentionOnX(now.Add(-6*24*time.Hour)), 401),
		byMeta("another-key", commentOnFacebook(now), 401),
		good, byX(xSecret, mentionOnX(now), 200), byMeta(appSecret, commentOnFacebook(now), 200),
		// The same once more: a bridge's is refused; X and Meta sign no time, so
		// theirs is taken, and the post known for what it is.
		{good.hook, good.body, good.header, 409}, byX(xSecret, mentionOnX(now), 200), byMeta(appSecret, commentOnFacebook(now), 200),
	} {
		status, body := d.to(t, s)
		if status != d.status || strings.Contains(body, customers) {
			t.Errorf("%s %v: %d %s; want %d", d.hook, d.header, status, body, d.status)
		}
		if status == 401 {
			refusals++
			if body != nobody {
				t.Errorf("/hooks/%s answers %s, one that does not exist %s", d.hook, body, nobody)
			}
		}
	}
	heard := 0
	var found struct{ Items []struct{ ID string } }
	_, b := s.call(t, "GET", "/v1/customers", nil)
	if err := json.Unmarshal(b, &found); err != nil || len(found.Items) != 3 {
		t.Fatalf("%v: customers %s", err, b)
	}
	for _, c := range found.Items {
		_, b := s.call(t, "GET", "/v1/customers/"+c.ID+"/history", nil)
		heard += strings.Count(string(b), customers)
	}
	if heard != 3 {
		t.Errorf("%d posts are in histories; want one of each network", heard)
	}
	_, metrics := s.call(t, "GET", "/metrics", nil)
	for status, n := range map[int]int{401: refusals, 409: 1, 200: 5} {
		if want := fmt.Sprintf("advocate_http_requests_total{method=\"POST\",route=\"/hooks/{source}\",status=\"%d\"} %d\n", status, n); !strings.Contains(string(metrics), want) {
			t.Errorf("the figures do not have %s", want)
		}
	}
	_, connections := s.call(t, "GET", "/v1/connections", nil)
	_, audit := s.call(t, "GET", "/v1/audit", nil)
	// Who looks from the command line hears of the repeat, and of none elsewhere.
	if listed := must(t, filepath.Dir(s.dir), "connect"); strings.Count(listed, "a request was refused: webhook-id") != 1 {
		t.Errorf("what was refused last is not listed:\n%s", listed)
	}
	if r := command(t, filepath.Dir(s.dir), "", "doctor"); !strings.Contains(r.stdout, "a request was refused") {
		t.Errorf("doctor says\n%s", r.stdout)
	}
	s.stop(t)
	log := s.stderr.String()
	// One line for what was refused of each before it was taken, and one for
	// the repeat.
	if n := strings.Count(log, "a webhook was refused"); n != 4 || !strings.Contains(log, "hook=forum code=unauthorized") || !strings.Contains(log, "hook=forum code=conflict") {
		t.Errorf("%d lines of refusals; want 4:\n%s", n, log)
	}
	if strings.Contains(string(audit), "webhook") || strings.Contains(string(audit), "hooks") {
		t.Errorf("the audit log has %s", audit)
	}
	all := log + string(metrics) + string(connections) + string(audit)
	for _, secret := range []string{customers, "another-key", forumKey, base64.StdEncoding.EncodeToString([]byte(forumKey)), xSecret, appSecret, "page-token", good.header["webhook-signature"], "a-word-of-ours"} {
		if strings.Contains(all, secret) {
			t.Errorf("%q is in a log, a figure or an answer", secret)
		}
	}
}
