package bluesky

import (
	"context"
	"encoding/json"
	"net/url"
	"time"
)

// ownLate is how far apart the clocks of our staff may be: their apps make a
// post's key from the time (https://atproto.com/specs/tid).
const ownLate = 15 * time.Minute

// ownPosts asks for a page of what our account wrote, whoever did, newest key
// first (lexicons/com/atproto/repo/listRecords.json). Nobody is notified of
// that. Keys of our own sending may lie ahead of the time, see replyKey.
func (n *Network) ownPosts(ctx context.Context, cursor string) (page, error) {
	t, err := n.tokens(ctx)
	if err != nil {
		return page{}, err
	}
	q := url.Values{"repo": {t.DID}, "collection": {postCollection}, "limit": {"100"}}
	if cursor != "" {
		q.Set("cursor", cursor)
	}
	var out struct {
		Cursor  string `json:"cursor"`
		Records []struct {
			URI   string          `json:"uri"`
			CID   string          `json:"cid"`
			Value json.RawMessage `json:"value"`
		} `json:"records"`
	}
	if err := n.ask(ctx, call{name: "com.atproto.repo.listRecords", query: q, out: &out}); err != nil {
		return page{}, err
	}
	p, now := page{cursor: out.Cursor}, n.kit.Clock.Now()
	for _, r := range out.Records {
		f := found{at: now, skip: true}
		_, key, _ := splitURI(r.URI)
		if micros, ok := tidTime(key); ok { // another key has no place in the order
			at := time.UnixMicro(int64(micros))
			seen := at
			if seen.After(now) {
				seen = now
			}
			f = n.found(t.DID, postView{URI: r.URI, CID: r.CID, Author: profile{DID: t.DID, Handle: t.Handle}, Record: r.Value, IndexedAt: stamp{seen}})
			f.at = at
		}
		p.items = append(p.items, f)
	}
	return p, nil
}
