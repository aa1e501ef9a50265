package social

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// kind is a network that a connector of ours speaks to: what its authors' ids
// look like in posts, and so in the identities of customers. sites are the hosts
// that the links of its posts lead to, where ids are its own alone: an id of
// Bluesky's says on any site which post it is.
type kind struct {
	hosts  bool   // of many servers: its name is KIND:HOST
	api    string // what its servers speak
	author *regexp.Regexp
	says   string // what an author's id is
	name   string // what it is taken for by mistake
	sites  []string
}

// kinds are those that have a connector of their own. Their accounts, and that
// of the others, are listed in config.
var kinds = map[string]kind{
	// https://atproto.com/specs/did, "AT Protocol DID Identifier Syntax"
	"bluesky": {false, "AT Protocol", regexp.MustCompile(`^did:[a-z]+:[a-zA-Z0-9._:%-]{0,180}[a-zA-Z0-9._-]$`), "a DID, such as did:plc:ewvi7nxzyoun6zhxrhs64oiz", "a handle", nil},
	// A number on Mastodon; a ULID or another long word with digits elsewhere.
	"mastodon": {true, "Mastodon API", regexp.MustCompile(`^([0-9]{1,25}|[A-Za-z0-9_-]*[0-9][A-Za-z0-9_-]*)$`), "the account's id on our server, such as 109348526843627114", "a name", nil},
	// ^[0-9]{1,19}$ in the API's OpenAPI document
	"x":         {false, "X API", regexp.MustCompile(`^[1-9][0-9]{0,18}$`), "the user's id, a number such as 783214", "a username", []string{"x.com", "twitter.com"}},
	"facebook":  {false, "Graph API", regexp.MustCompile(`^[0-9]{1,30}$`), "the id that Meta gives our Page for the person, a number", "a name", []string{"facebook.com"}},
	"instagram": {false, "Graph API", regexp.MustCompile(`^[0-9]{1,30}$`), "the id that Meta gives our account for the person, a number", "a username", []string{"instagram.com"}},
}

// shortest is how long an id of letters and digits is at least on servers with
// the Mastodon API: Misskey's have 10, Pleroma's 18, GoToSocial's 26.
const shortest = 10

// Kinds lists the networks that there is a connector for, but for the sandbox
// and the bridge.
func Kinds() []string {
	out := make([]string, 0, len(kinds))
	for k := range kinds {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// KindsOfOne lists those that are one network, and not of many servers.
func KindsOfOne() []string {
	return slices.DeleteFunc(Kinds(), func(k string) bool { return kinds[k].hosts })
}

// KindAPI is what the servers of a network speak, for people to read; "" where
// there is no connector for it.
func KindAPI(network string) string {
	name, _, _ := strings.Cut(network, ":")
	return kinds[name].api
}

// OnSite reports whether a link with that host may lead to a post on a network;
// where nothing is known of the network's sites, it may.
func OnSite(network, host string) bool {
	host = strings.ToLower(host)
	name, server, _ := strings.Cut(network, ":")
	sites := kinds[name].sites
	if server != "" {
		sites = []string{strings.ToLower(server)}
	}
	return len(sites) == 0 || slices.ContainsFunc(sites, func(s string) bool { return host == s || strings.HasSuffix(host, "."+s) })
}

// NameTaken reports whether a bridged network may not have a name: it is another
// network's, or would be taken for one.
func NameTaken(name string) bool {
	_, ok := kinds[name]
	return ok || name == "sandbox" || name == "meta"
}

// hostPattern is a server's name as KIND:HOST has it, with a port perhaps.
var hostPattern = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?$|^\[[0-9a-f:.]+\](:[0-9]{1,5})?$`)

// Possible reports whether a network of that name could be connected.
func Possible(network string) bool {
	name, host, hosts := strings.Cut(network, ":")
	k, ok := kinds[name]
	return ok && k.hosts == hosts && (!hosts || hostPattern.MatchString(host))
}

// CheckAuthor says why nobody on a network can have an author's id, nil where
// somebody can. Of networks without a connector of ours nothing is known.
func CheckAuthor(network, author string) error {
	name, _, _ := strings.Cut(network, ":")
	k, ok := kinds[name]
	if !ok || k.author.MatchString(author) && (name != "mastodon" || strings.Trim(author, "0123456789") == "" || len(author) >= shortest) {
		return nil
	}
	return fmt.Errorf("%.80q is no author's id on %s; want %s, not %s", author, network, k.says, k.name)
}
