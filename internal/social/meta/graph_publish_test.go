package meta_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/social/meta"
	"github.com/contact-advocate/advocate/internal/social/meta/metatest"
	"github.com/contact-advocate/advocate/internal/social/socialtest"
)

// publish acts on a request, or plays what the test has asked for.
func (g *graph) publish(w http.ResponseWriter, r *http.Request, path string) {
	b := socialtest.OK
	if len(g.next) > 0 {
		b, g.next = g.next[0], g.next[1:]
	}
	switch b {
	case socialtest.Down:
		metatest.Answer(w, 500, map[string]any{"error": map[string]any{"code": 2, "is_transient": true}})
		return
	case socialtest.RateLimit:
		w.Header().Set("X-Business-Use-Case-Usage", `{"1000":[{"type":"pages","call_count":100,"total_cputime":20,"total_time":20,"estimated_time_to_regain_access":7}]}`)
		metatest.Refuse(w, 80001, 0)
		return
	case socialtest.Gone:
		metatest.Refuse(w, 100, 33)
		return
	case socialtest.Blocked:
		metatest.Refuse(w, 551, 1545041)
		return
	case socialtest.BadAuth:
		metatest.Refuse(w, 190, 463)
		return
	}
	out, code, subcode := g.act(r, path)
	switch {
	case b == socialtest.LostReply:
		cutWire(w)
	case out == nil:
		metatest.Refuse(w, code, subcode)
	default:
		metatest.Answer(w, 200, out)
	}
}

func (g *graph) act(r *http.Request, path string) (map[string]any, int, int) {
	to, edge, _ := strings.Cut(path, "/")
	if edge == "messages" {
		return g.actMessage(r)
	}
	r.ParseForm()
	text := r.PostForm.Get("message")
	switch {
	case edge == "mentions":
		to = r.PostForm.Get("comment_id")
		if to == "" {
			to = r.PostForm.Get("media_id")
		}
		if g.mention == nil || to != g.mention.id {
			return nil, 100, 33
		}
	case g.kind == meta.Instagram:
		c := g.find(to)
		if c == nil || edge != "replies" {
			return nil, 100, 33
		}
		if c.parent != "" {
			return nil, 100, 0 // only comments of the first level
		}
	case to != pagePost && (g.find(to) == nil || g.find(to).gone):
		return nil, 100, 33
	}
	g.seq++
	one := &item{id: fmt.Sprint(g.seq), author: g.self(), text: text, parent: to, at: g.now.Now().Truncate(time.Second)}
	if g.kind == meta.Facebook {
		one.id = "77_" + one.id
	}
	g.comments = append(g.comments, one)
	g.written = append(g.written, socialtest.Written{ID: one.id, InReplyTo: to, Text: text})
	g.tell(one, "add")
	return map[string]any{"id": one.id}, 0, 0
}

// actMessage: …/messenger-platform/reference/send-api, …/discovery/
// private-replies, …/policy/policy-overview.
func (g *graph) actMessage(r *http.Request) (map[string]any, int, int) {
	var b struct {
		Recipient struct {
			ID      string `json:"id"`
			Comment string `json:"comment_id"`
		} `json:"recipient"`
		Message struct {
			Text string `json:"text"`
		} `json:"message"`
		Tag string `json:"tag"`
	}
	var raw map[string]any
	body := json.NewDecoder(r.Body)
	if body.Decode(&raw) != nil {
		return nil, 100, 0
	}
	again, _ := json.Marshal(raw)
	json.Unmarshal(again, &b)
	g.bodies = append(g.bodies, raw)
	user := b.Recipient.ID
	if c := g.find(b.Recipient.Comment); b.Recipient.Comment != "" {
		switch {
		case c == nil || c.gone:
			return nil, 100, 33
		case c.replied:
			return nil, 10900, 0
		case g.now.Now().Sub(c.at) > 7*24*time.Hour:
			return nil, 10903, 0
		}
		c.replied, user = true, c.author
	} else if code, subcode := g.window(user, b.Tag); code != 0 {
		return nil, code, subcode
	}
	g.seq++
	one := &item{id: fmt.Sprintf("m_%d", g.seq), author: g.self(), text: b.Message.Text, user: user, at: g.now.Now().Truncate(time.Second)}
	g.messages = append(g.messages, one)
	g.written = append(g.written, socialtest.Written{ID: one.id, Text: one.text})
	g.tell(one, "add")
	return map[string]any{"recipient_id": user, "message_id": one.id}, 0, 0
}

func (g *graph) window(user, tag string) (int, int) {
	if user != anaID && user != benID {
		return 100, 2018001
	}
	var last time.Time
	for _, m := range g.messages {
		if m.author == user {
			last = m.at
		}
	}
	most := 24 * time.Hour
	if tag == "HUMAN_AGENT" {
		most = 7 * 24 * time.Hour
	}
	if g.now.Now().Sub(last) > most {
		return 10, 2018278
	}
	return 0, 0
}
