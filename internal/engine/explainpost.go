package engine

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/store"
)

// findPost finds a post as people name it: its id on its network, network/id or
// network/label/id where that is not enough, or its link.
func findPost(r store.Reader, name string) (store.PostRow, error) {
	name = strings.TrimSpace(name)
	if u, err := url.Parse(name); err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http") {
		return findLink(r, name, u)
	}
	rows, err := r.PostFindID(name)
	if err != nil {
		return store.PostRow{}, err
	}
	network, rest, named := strings.Cut(name, "/")
	if len(rows) == 0 && named {
		if rows, err = r.PostFindID(rest); err != nil {
			return store.PostRow{}, err
		}
		rows = slices.DeleteFunc(rows, func(p store.PostRow) bool { return p.Key.Network != network })
		// network/id: of several accounts the one without a label is meant.
		if i := slices.IndexFunc(rows, func(p store.PostRow) bool { return p.Key.Account == "" }); i >= 0 && len(rows) > 1 {
			rows = rows[i : i+1]
		}
	}
	if label, bare, labelled := strings.Cut(rest, "/"); len(rows) == 0 && labelled {
		if rows, err = r.PostFindID(bare); err != nil {
			return store.PostRow{}, err
		}
		rows = slices.DeleteFunc(rows, func(p store.PostRow) bool { return p.Key.Network != network || p.Key.Account != label })
	}
	switch len(rows) {
	case 0:
		return store.PostRow{}, unknownPost(name)
	case 1:
		return rows[0], nil
	}
	return store.PostRow{}, severalPosts(name, rows)
}

func unknownPost(name string) error {
	return domain.Errorf(domain.CodeNotFound, "there is no post, case, work item or effect %.300q: a post may not have come in, have been set aside as too old or as a plain reshare, or have been erased", name)
}

func severalPosts(name string, rows []store.PostRow) error {
	var names []string
	for _, p := range rows {
		names = append(names, p.Key.Network+"/"+strings.TrimPrefix(p.Key.Account+"/", "/")+p.Key.ID)
	}
	return domain.Errorf(domain.CodeConflict, "several networks or accounts have a post %.100q; say which: %s", name, strings.Join(names, ", "))
}

// Of what a link is looked for in.
const (
	maxLinkWords   = 12 // parts of it that may be an id or a name
	maxLinkNames   = 3
	maxLinkAuthors = 20 // customers of a name
	minOwnID       = 8  // below it an id and the site say too little without the link, which is not kept of what we sent
)

// findLink finds a post by its link. A link is kept with its post only, in the
// history of whoever wrote it. So it is looked for under each of its parts that
// may be the post's id, and then with those whom it names; and it must be the
// link that came with the post, or lead to it on our account's own server.
func findLink(r store.Reader, link string, u *url.URL) (store.PostRow, error) {
	words := append([]string{link}, linkWords(u)...) // on a bridge's network a link may be the id itself
	var found []store.PostRow
	for _, id := range words {
		rows, err := r.PostFindID(id)
		if err != nil {
			return store.PostRow{}, err
		}
		for _, row := range rows {
			_, host, _ := strings.Cut(row.Key.Network, ":")
			ours := id == link || host != "" && strings.EqualFold(host, u.Host) || row.From != domain.FromCustomer && len(id) >= minOwnID && social.OnSite(row.Key.Network, u.Host)
			if !ours {
				if ours, err = linkedAs(r, &row, link); err != nil {
					return store.PostRow{}, err
				}
			}
			if ours && !slices.ContainsFunc(found, func(p store.PostRow) bool { return p.Key == row.Key }) {
				found = append(found, row)
			}
		}
	}
	for _, name := range linkNames(u) {
		if len(found) > 0 {
			break
		}
		people, err := r.AdvocateList(store.AdvocateListParams{Query: strings.TrimPrefix(name, "@"), Limit: maxLinkAuthors})
		if err != nil {
			return store.PostRow{}, err
		}
		for _, who := range people {
			if found, err = linkedBy(r, who.ID, link); err != nil || len(found) > 0 {
				break
			}
		}
		if err != nil {
			return store.PostRow{}, err
		}
	}
	switch len(found) {
	case 0:
		return store.PostRow{}, unknownPost(link)
	case 1:
		return found[0], nil
	}
	return store.PostRow{}, severalPosts(link, found)
}

// linkWords are the parts of a link that may be a post's id, or its author's
// name, the last ones first. On AT Protocol networks a post's id is made of
// both (https://atproto.com/specs/at-uri-scheme).
func linkWords(u *url.URL) []string {
	parts := strings.FieldsFunc(u.Path, func(c rune) bool { return c == '/' })
	slices.Reverse(parts)
	var out []string
	if len(parts) == 4 && parts[3] == "profile" && parts[1] == "post" {
		out = append(out, fmt.Sprintf("at://%s/app.bsky.feed.post/%s", parts[2], parts[0]))
	}
	if u.Fragment != "" {
		out = append(out, u.Fragment)
	}
	out = append(out, parts...)
	query := u.Query()
	for _, name := range slices.Sorted(maps.Keys(query)) {
		out = append(out, query[name]...)
	}
	out = slices.DeleteFunc(out, func(s string) bool { return s == "" })
	return out[:min(len(out), maxLinkWords)]
}

// linkNames are the names of people in a link: /@NAME, /profile/NAME.
func linkNames(u *url.URL) []string {
	var out []string
	parts := strings.Split(u.Path, "/")
	for i, s := range parts {
		if strings.HasPrefix(s, "@") && len(s) > 1 || i > 0 && parts[i-1] == "profile" && s != "" {
			out = append(out, s)
		}
	}
	return out[:min(len(out), maxLinkNames)]
}

// byHandle reports whether a link is that of a post on an AT Protocol network,
// with its author's handle in it: a post comes with the one that has the DID.
func byHandle(u *url.URL, p *domain.Post) bool {
	rest, ok := strings.CutPrefix(u.Path, "/profile/")
	handle, key, is := strings.Cut(strings.TrimRight(rest, "/"), "/post/")
	return ok && is && handle != "" && strings.EqualFold(handle, strings.TrimPrefix(p.Author.Handle, "@")) && strings.HasSuffix(p.ID, "/app.bsky.feed.post/"+key)
}

// linkedAs reports whether a post came with a link.
func linkedAs(r store.Reader, row *store.PostRow, link string) (bool, error) {
	who, err := standing(r, row.Customer)
	if err != nil {
		return false, err
	}
	posts, err := linkedBy(r, who.ID, link)
	return slices.ContainsFunc(posts, func(p store.PostRow) bool { return p.Key == row.Key }), err
}

// linkedBy lists a customer's posts that came with a link, as much of each as
// names it.
func linkedBy(r store.Reader, id domain.CustomerID, link string) ([]store.PostRow, error) {
	records, err := readRecords(r, id, 0)
	if err != nil {
		return nil, err
	}
	want := plainLink(link)
	u, err := url.Parse(link)
	if err != nil {
		return nil, nil
	}
	var out []store.PostRow
	for i := range records {
		for j := range records[i].Inputs {
			p := records[i].Inputs[j].Post
			if p == nil || !(p.URL != "" && plainLink(p.URL) == want || byHandle(u, p)) || slices.ContainsFunc(out, func(o store.PostRow) bool { return o.Key == p.Key() }) {
				continue
			}
			out = append(out, store.PostRow{Key: p.Key(), Customer: id})
		}
	}
	return out, nil
}

// plainLink is a link without what differs between two ways of writing it. On X
// the author's name in it says nothing, and may be left out.
func plainLink(link string) string {
	u, err := url.Parse(link)
	if err != nil {
		return link
	}
	host := strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(u.Host), "www."), "mobile.")
	if port := map[string]string{"https": ":443", "http": ":80"}[u.Scheme]; port != "" {
		host = strings.TrimSuffix(host, port)
	}
	path := strings.TrimRight(u.Path, "/")
	if host == "twitter.com" || host == "x.com" {
		if _, id, ok := strings.Cut(path, "/status/"); ok {
			id, _, _ = strings.Cut(id, "/") // …/photo/1 is a part of the post
			return "x.com/status/" + id
		}
	}
	q := u.Query()
	for name := range q {
		if strings.HasPrefix(name, "utm_") || name == "s" || name == "t" || name == "ref_src" || name == "igsh" || name == "fbclid" {
			q.Del(name)
		}
	}
	out := host + path
	if len(q) > 0 {
		out += "?" + q.Encode()
	}
	if u.Fragment != "" {
		out += "#" + u.Fragment
	}
	return out
}
