package bluesky

import (
	"context"
	"net/url"
	"regexp"
	"strings"
)

const maxResolved = 5 // handles of one message that are looked up

var (
	linkInText    = regexp.MustCompile(`https?://[^\s<>"]+`)
	mentionInText = regexp.MustCompile(`(?:^|[\s(])(@([a-zA-Z0-9.-]+\.[a-zA-Z]+))`)
)

// facets finds links and mentions in a text of ours. Their places are counted
// in bytes of UTF-8 (https://docs.bsky.app/docs/advanced-guides/post-richtext,
// "Text Encoding and Indexing").
func (n *Network) facets(ctx context.Context, text string) []facet {
	var out []facet
	for _, at := range linkInText.FindAllStringIndex(text, -1) {
		link := strings.TrimRight(text[at[0]:at[1]], ".,;:!?)'”’»")
		if u, err := url.Parse(link); err != nil || u.Host == "" {
			continue
		}
		out = append(out, facet{slice{at[0], at[0] + len(link)}, []feature{{Type: linkType, URI: link}}})
	}
	for i, at := range mentionInText.FindAllStringSubmatchIndex(text, -1) {
		if i >= maxResolved {
			break
		}
		if did := n.resolve(ctx, text[at[4]:at[5]]); did != "" {
			out = append(out, facet{slice{at[2], at[3]}, []feature{{Type: mentionType, DID: did}}})
		}
	}
	return out
}

// resolve finds the DID of a handle, "" if it cannot be had soon: a mention
// without one is plain text.
func (n *Network) resolve(ctx context.Context, handle string) string {
	if !validHandle(handle) {
		return ""
	}
	ctx, cancel := bounded(ctx)
	defer cancel()
	did, err := n.handleDID(ctx, handle)
	if err != nil {
		return ""
	}
	return did
}
