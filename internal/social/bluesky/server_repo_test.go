package bluesky

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/contact-advocate/advocate/internal/social/bluesky/blueskytest"
	"github.com/contact-advocate/advocate/internal/social/socialtest"
)

func (s *server) repo(w http.ResponseWriter, r *http.Request, name string) {
	q := r.URL.Query()
	switch name {
	case "com.atproto.server.getSession":
		blueskytest.Give(w, map[string]any{"did": shopDID, "handle": shopHandle})
	case "com.atproto.repo.getRecord":
		e := s.records[postURI(q.Get("repo"), q.Get("rkey"))]
		if len(s.plan) > 0 && s.plan[0] == socialtest.Gone && q.Get("repo") != shopDID {
			s.plan, e = s.plan[1:], nil
		}
		if e == nil || e.foreign && s.lags {
			blueskytest.Fail(w, 400, "RecordNotFound", "Could not locate record: at://"+q.Get("repo"))
			return
		}
		blueskytest.Give(w, map[string]any{"uri": postURI(e.did, e.key), "cid": e.cid, "value": e.value})
	case "com.atproto.repo.listRecords":
		s.listRecords(w, q)
	case "com.atproto.repo.describeRepo":
		if e := s.ofRepo(q.Get("repo")); e != nil && e.foreign {
			blueskytest.Fail(w, 400, "InvalidRequest", "Could not find user: "+q.Get("repo"))
			return
		}
		blueskytest.Give(w, map[string]any{"did": q.Get("repo"), "handle": handleOf(q.Get("repo")), "handleIsCorrect": true})
	case "com.atproto.identity.resolveHandle":
		for name, did := range people {
			if q.Get("handle") == name+".test" {
				blueskytest.Give(w, map[string]string{"did": did})
				return
			}
		}
		blueskytest.Fail(w, 400, "InvalidRequest", "Unable to resolve handle")
	case "com.atproto.repo.putRecord":
		s.putRecord(w, r)
	default:
		blueskytest.Fail(w, 501, "MethodNotImplemented", "no such method")
	}
}

// listRecords: lexicons/com/atproto/repo/listRecords.json, the last key first.
func (s *server) listRecords(w http.ResponseWriter, q url.Values) {
	var keys []string
	for _, e := range s.records {
		if e.did == q.Get("repo") && q.Get("collection") == postCollection && (q.Get("cursor") == "" || e.key < q.Get("cursor")) {
			keys = append(keys, e.key)
		}
	}
	slices.Sort(keys)
	slices.Reverse(keys)
	limit, _ := strconv.Atoi(q.Get("limit"))
	out, cursor := []map[string]any{}, ""
	for _, key := range keys[:min(len(keys), limit)] {
		uri := postURI(q.Get("repo"), key)
		out, cursor = append(out, map[string]any{"uri": uri, "cid": s.records[uri].cid, "value": s.records[uri].value}), key
	}
	blueskytest.Give(w, map[string]any{"records": out, "cursor": cursor})
}

func (s *server) ofRepo(did string) *entry {
	for _, e := range s.records {
		if e.did == did {
			return e
		}
	}
	return nil
}

func handleOf(did string) string {
	for name, d := range people {
		if d == did {
			return name + ".test"
		}
	}
	return shopHandle
}

// putRecord: lexicons/com/atproto/repo/putRecord.json. A swapRecord of null
// wants no record to be there.
func (s *server) putRecord(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Repo, Collection, Rkey string
		Record                 json.RawMessage
		SwapRecord             json.RawMessage
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.Repo != shopDID || in.Collection != postCollection {
		blueskytest.Fail(w, 400, "InvalidRequest", "bad input")
		return
	}
	if !json.Valid(in.Record) || !strings.Contains(string(in.Record), `"reply"`) {
		blueskytest.Fail(w, 400, "InvalidRequest", "bad record")
		return
	}
	done, lost := s.spoiled(w)
	if done {
		return
	}
	if old := s.records[postURI(shopDID, in.Rkey)]; old != nil && string(in.SwapRecord) == "null" {
		blueskytest.Fail(w, 400, "InvalidSwap", "Record was at "+old.cid)
		return
	}
	uri := s.put(shopDID, in.Rkey, in.Record)
	s.written = append(s.written, uri)
	if lost {
		dropped()
	}
	blueskytest.Give(w, map[string]any{"uri": uri, "cid": s.records[uri].cid, "validationStatus": "valid"})
}

// put writes a record and tells of it everywhere.
func (s *server) put(did, key string, value json.RawMessage) string {
	uri := postURI(did, key)
	action := "create"
	if s.records[uri] != nil {
		action = "update"
	}
	block := encode(s.t, value)
	c := cidOf(block)
	e := &entry{did: did, key: key, cid: c.String(), value: value}
	s.records[uri] = e
	s.commit(did, op{action, postCollection + "/" + key, &c, block})
	rec, err := parseRecord(value)
	if err != nil {
		return uri
	}
	author := profile{DID: did, Handle: handleOf(did), DisplayName: "Somebody"}
	at := s.now()
	reason := ""
	switch {
	case did == shopDID:
	case rec.Reply != nil && ownerOf(rec.Reply.Parent.URI) == shopDID:
		reason = "reply"
	case rec.mentions(shopDID):
		reason = "mention"
	case ownerOf(rec.quoted()) == shopDID:
		reason = "quote"
	}
	if reason != "" && action == "create" {
		s.notes = append(s.notes, notification{URI: uri, CID: e.cid, Author: author, Reason: reason, Record: value, IndexedAt: stamp{at}})
	}
	if strings.Contains(rec.Text, searched) {
		s.found = append(s.found, postView{URI: uri, CID: e.cid, Author: author, Record: value, IndexedAt: stamp{at}})
	}
	return uri
}
