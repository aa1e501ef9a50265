package bluesky

import (
	"encoding/json"
	"net/http"
	"slices"

	"github.com/contact-advocate/advocate/internal/social/bluesky/blueskytest"
	"github.com/contact-advocate/advocate/internal/social/socialtest"
)

func convoOf(did string) string { return "convo-" + did[8:11] }

// convo is chat.bsky.convo.defs#convoView.
func (s *server) convo(id string) map[string]any {
	if members := s.groups[id]; members != nil {
		return convoJSON(id, "chat.bsky.convo.defs#groupConvo", members...)
	}
	for _, did := range people {
		if convoOf(did) == id {
			return convoJSON(id, "chat.bsky.convo.defs#directConvo", shopDID, did)
		}
	}
	return nil
}

func convoJSON(id, kind string, members ...string) map[string]any {
	all := []map[string]any{}
	for _, did := range members {
		all = append(all, map[string]any{"did": did, "handle": handleOf(did)})
	}
	return map[string]any{"id": id, "rev": "2", "members": all, "kind": map[string]any{"$type": kind}, "muted": false, "unreadCount": 0}
}

// chat is the chat service: lexicons/chat/bsky/convo.
func (s *server) chat(w http.ResponseWriter, r *http.Request, name string) {
	if s.Scope == blueskytest.ScopeApp {
		blueskytest.Fail(w, 400, "InvalidToken", "Bad token method")
		return
	}
	q := r.URL.Query()
	switch name {
	case "chat.bsky.convo.listConvos":
		convos := []map[string]any{}
		if len(s.log) > 0 {
			convos = append(convos, map[string]any{"id": "x", "rev": s.log[len(s.log)-1]["rev"]})
		}
		blueskytest.Give(w, map[string]any{"convos": convos})
	case "chat.bsky.convo.getLog":
		logs := []map[string]any{}
		for _, e := range s.log {
			if e["rev"].(string) > q.Get("cursor") && len(logs) < 3 {
				logs = append(logs, e)
			}
		}
		blueskytest.Give(w, map[string]any{"logs": logs})
	case "chat.bsky.convo.getConvoForMembers":
		did := q.Get("members")
		switch {
		case s.isBlocking(), s.blocked[did]:
			s.plan = s.plan[min(len(s.plan), 1):]
			blueskytest.Fail(w, 400, "InvalidRequest", "block between recipient and sender")
		case len(s.plan) > 0 && s.plan[0] == socialtest.Gone, !validDID(did):
			s.plan = s.plan[min(len(s.plan), 1):]
			blueskytest.Fail(w, 400, "InvalidRequest", "recipient has disabled incoming messages")
		default:
			blueskytest.Give(w, map[string]any{"convo": s.convo(convoOf(did))})
		}
	case "chat.bsky.convo.getConvo":
		if c := s.convo(q.Get("convoId")); c != nil {
			blueskytest.Give(w, map[string]any{"convo": c})
			return
		}
		blueskytest.Fail(w, 400, "InvalidConvo", "Convo not found")
	case "chat.bsky.convo.getMessages":
		all := slices.Clone(s.chats[q.Get("convoId")])
		slices.Reverse(all)
		blueskytest.Give(w, map[string]any{"messages": all})
	case "chat.bsky.convo.sendMessage":
		done, lost := s.spoiled(w)
		if done {
			return
		}
		var in struct {
			ConvoID string `json:"convoId"`
			Message struct {
				Text string `json:"text"`
			} `json:"message"`
		}
		json.NewDecoder(r.Body).Decode(&in)
		m := s.say(in.ConvoID, shopDID, in.Message.Text)
		s.sent = append(s.sent, socialtest.Written{ID: messageID(in.ConvoID, m["id"].(string)), Text: in.Message.Text})
		if lost {
			dropped()
		}
		blueskytest.Give(w, m)
	default:
		blueskytest.Fail(w, 501, "MethodNotImplemented", "no such method")
	}
}

func (s *server) say(convo, did, text string) map[string]any {
	at := s.now()
	rev := tid(uint64(at.UnixMicro()), 1)
	m := map[string]any{"$type": "chat.bsky.convo.defs#messageView", "id": "m" + rev, "rev": rev, "text": text, "sender": map[string]any{"did": did}, "sentAt": at}
	s.chats[convo] = append(s.chats[convo], m)
	s.log = append(s.log, map[string]any{"$type": "chat.bsky.convo.defs#logCreateMessage", "rev": rev, "convoId": convo, "message": m})
	return m
}
