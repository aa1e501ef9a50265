package bluesky

import (
	"encoding/json"
	"errors"
	"strings"
	"time"
	"unicode"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
)

// Limits on what is taken of a record.
const (
	maxRecord = 64 << 10 // bytes
	maxAlt    = 4 << 10
	maxFacets = 200
)

// record is an app.bsky.feed.post
// (github.com/bluesky-social/atproto, lexicons/app/bsky/feed/post.json).
type record struct {
	Type      string    `json:"$type"`
	Text      string    `json:"text"`
	CreatedAt string    `json:"createdAt"`
	Langs     []string  `json:"langs,omitempty"`
	Tags      []string  `json:"tags,omitempty"`
	Facets    []facet   `json:"facets,omitempty"`
	Reply     *replyRef `json:"reply,omitempty"`
	Embed     *embed    `json:"embed,omitempty"`
}

type replyRef struct {
	Root   ref `json:"root"`
	Parent ref `json:"parent"`
}

// ref is a com.atproto.repo.strongRef.
type ref struct {
	URI string `json:"uri"`
	CID string `json:"cid"`
}

// facet is an app.bsky.richtext.facet: a meaning given to some bytes of the
// text.
type facet struct {
	Index    slice     `json:"index"`
	Features []feature `json:"features"`
}

type slice struct {
	Start int `json:"byteStart"`
	End   int `json:"byteEnd"`
}

type feature struct {
	Type string `json:"$type"`
	DID  string `json:"did,omitempty"`
	URI  string `json:"uri,omitempty"`
	Tag  string `json:"tag,omitempty"`
}

const (
	mentionType = "app.bsky.richtext.facet#mention"
	linkType    = "app.bsky.richtext.facet#link"
	tagType     = "app.bsky.richtext.facet#tag"
)

// embed is any of the kinds of app.bsky.embed.
type embed struct {
	Type     string          `json:"$type"`
	Images   []image         `json:"images,omitempty"`
	Video    *blob           `json:"video,omitempty"`
	Alt      string          `json:"alt,omitempty"`
	External *external       `json:"external,omitempty"`
	Record   json.RawMessage `json:"record,omitempty"` // a ref, or with media {record: ref}
	Media    *embed          `json:"media,omitempty"`
}

type image struct {
	Image blob   `json:"image"`
	Alt   string `json:"alt"`
}

type external struct {
	URI   string `json:"uri"`
	Title string `json:"title"`
}

type blob struct {
	Ref struct {
		Link string `json:"$link"`
	} `json:"ref"`
	MimeType string `json:"mimeType"`
}

// parseRecord reads a post's record. What it holds may be anything.
func parseRecord(b []byte) (*record, error) {
	if len(b) > 2*maxRecord {
		return nil, errors.New("the record is too large")
	}
	var r record
	if err := json.Unmarshal(b, &r); err != nil {
		return nil, errors.New("the record is no post") // the cause would quote it
	}
	if r.Type != "" && r.Type != postCollection {
		return nil, errors.New("the record is no post")
	}
	if len(r.Facets) > maxFacets {
		r.Facets = r.Facets[:maxFacets]
	}
	return &r, nil
}

// quoted is the post that the record quotes, "" for none.
func (r *record) quoted() string {
	if r.Embed == nil || len(r.Embed.Record) == 0 {
		return ""
	}
	var q struct {
		URI    string `json:"uri"`
		Record struct {
			URI string `json:"uri"`
		} `json:"record"`
	}
	if json.Unmarshal(r.Embed.Record, &q) != nil {
		return ""
	}
	if q.URI != "" {
		return q.URI
	}
	return q.Record.URI
}

func (r *record) mentions(did string) bool {
	for _, f := range r.Facets {
		for _, x := range f.Features {
			if x.Type == mentionType && x.DID == did {
				return true
			}
		}
	}
	return false
}

// media lists what is attached, as links. They are made from the record alone,
// so that every way a post comes by gives the same ones.
func (r *record) media(did string) []domain.Media {
	var out []domain.Media
	for e := r.Embed; e != nil && len(out) < domain.MaxPostMedia; e = e.Media {
		for _, i := range e.Images {
			if safeLink(i.Image.Ref.Link) {
				out = append(out, domain.Media{URL: "https://cdn.bsky.app/img/feed_fullsize/plain/" + did + "/" + i.Image.Ref.Link + "@jpeg", Alt: social.Clean(i.Alt, maxAlt), Type: kindOf(i.Image.MimeType, "image/jpeg")})
			}
		}
		if e.Video != nil && safeLink(e.Video.Ref.Link) {
			out = append(out, domain.Media{URL: "https://video.bsky.app/watch/" + did + "/" + e.Video.Ref.Link + "/playlist.m3u8", Alt: social.Clean(e.Alt, maxAlt), Type: kindOf(e.Video.MimeType, "video/mp4")})
		}
		if x := e.External; x != nil && (strings.HasPrefix(x.URI, "https://") || strings.HasPrefix(x.URI, "http://")) && len(x.URI) <= 2048 && !strings.ContainsFunc(x.URI, unicode.IsSpace) {
			out = append(out, domain.Media{URL: x.URI, Alt: social.Clean(x.Title, maxAlt), Type: "text/html"})
		}
		if e.Media == e {
			break
		}
	}
	return out[:min(len(out), domain.MaxPostMedia)]
}

// safeLink reports whether a blob's CID is nothing but a CID.
func safeLink(s string) bool { return len(s) > 8 && len(s) <= 128 && validKey(s) }

func kindOf(said, otherwise string) string {
	if len(said) > 100 || said == "" || strings.ContainsFunc(said, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return otherwise
	}
	return said
}

// createdAt is when the author says the post was written; zero if they say
// nothing that can be read.
func (r *record) createdAt() time.Time {
	at, err := time.Parse(time.RFC3339Nano, r.CreatedAt)
	if err != nil || at.Year() < 1970 || at.Year() > 9999 {
		return time.Time{}
	}
	return at.UTC()
}

func (r *record) lang() string {
	if len(r.Langs) == 0 || !validLang(r.Langs[0]) {
		return ""
	}
	return r.Langs[0]
}

func validLang(s string) bool {
	return len(s) >= 2 && len(s) <= 35 && !strings.ContainsFunc(s, func(c rune) bool {
		return c != '-' && !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9')
	})
}
