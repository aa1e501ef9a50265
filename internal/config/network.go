package config

import (
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/bluesky"
	"github.com/contact-advocate/advocate/internal/social/bridge"
	"github.com/contact-advocate/advocate/internal/social/mastodon"
	"github.com/contact-advocate/advocate/internal/social/meta"
	"github.com/contact-advocate/advocate/internal/social/x"
)

// Networks are the social networks that customers write on. What must hold of
// an account on one is checked where it is made, with its Place.
type Networks struct {
	Mastodon  []mastodon.Config `yaml:"mastodon"`
	Bluesky   []bluesky.Config  `yaml:"bluesky"`
	X         []x.Config        `yaml:"x"`
	Facebook  []meta.Config     `yaml:"facebook"`
	Instagram []meta.Config     `yaml:"instagram"`
	Webhook   []bridge.Config   `yaml:"webhook"`
	Sandbox   Sandbox           `yaml:"sandbox"`
}

// Sandbox is the built-in network.
type Sandbox struct {
	Enabled  string `yaml:"enabled"`
	Handle   string `yaml:"handle"`
	MaxPosts int    `yaml:"max_posts"`
}

// Sandbox states.
const (
	Auto = "auto" // on until a real network is configured
	On   = "on"
	Off  = "off"
)

// SandboxOn reports whether the sandbox network is to run.
func (c *Config) SandboxOn() bool {
	return c.Networks.Sandbox.Enabled == On || c.Networks.Sandbox.Enabled == Auto && len(c.Networks.Accounts()) == 0
}

// AllowPrivate lets all networks reach addresses inside.
func (n *Networks) AllowPrivate() {
	for _, a := range n.Accounts() {
		*a.private = true
	}
}

func (d *decoder) checkNetworks(n *Networks) {
	d.word("networks.sandbox.enabled", n.Sandbox.Enabled, Auto, On, Off)
	d.between("networks.sandbox.max_posts", n.Sandbox.MaxPosts, 100, 1_000_000)
	if !nameOK.MatchString(n.Sandbox.Handle) {
		d.problem("networks.sandbox.handle", "small letters, digits, \"_\" and \"-\"", "", "is %q", domain.Clip(n.Sandbox.Handle, 60))
	}
	all := n.Accounts()
	d.twins(all)
	taken := map[string]string{}
	for i := range all {
		d.apart(&all[i], taken)
	}
}

// apart holds that no two accounts are the same to us: of several on one
// network each needs its own label.
func (d *decoder) apart(a *Account, taken map[string]string) {
	path := a.Path()
	if d.twin[path] { // no label would help
		return
	}
	name := a.List + "\n" + a.Server + "\n" + a.Label
	first, ok := taken[name]
	if !ok {
		taken[name] = path
		return
	}
	if a.Label == "" {
		d.problem(path, "account: a label of your own, such as shop", "", "is a second account on one network, without a label")
		return
	}
	d.problem(path+".account", "another label", "", "is %q, as that of %s is", domain.Clip(a.Label, 60), first)
}

var networkDocs = merge(map[string]string{
	"networks.sandbox":           "The built-in network, to try things out.",
	"networks.sandbox.enabled":   "on, off, or auto: on until a real network is configured.",
	"networks.sandbox.handle":    "The handle that the company answers under.",
	"networks.sandbox.max_posts": "How many posts it keeps; the oldest go first.",

	"networks.mastodon":                    "Accounts on servers with the Mastodon API: Mastodon, GoToSocial and others.",
	"networks.mastodon[].url":              "The server's address, such as https://mastodon.example.",
	"networks.mastodon[].token":            "An access token of the account, with the scopes read and write:statuses; \"advocate connect mastodon\" gets one.",
	"networks.mastodon[].streaming":        "false: the stream is left alone, and the server only asked. true if missing.",
	"networks.mastodon[].streaming_url":    "Where the server streams, if that is another host and no subdomain of the server's: the token is shown there.",
	"networks.mastodon[].poll":             "How often notifications are asked for: 1m if missing while the server streams, 10s while it does not.",
	"networks.mastodon[].since":            "How old a mention may be at the very first start. 0s if missing: what was written before is left alone.",
	"networks.mastodon[].reply_visibility": "Who sees our public replies: unlisted (if missing; not in the server's timelines) or public. Never more than see the post that is answered.",

	"networks.bluesky":                   "Accounts on Bluesky and other AT Protocol servers.",
	"networks.bluesky[].handle":          "The account's name, without @, or its DID.",
	"networks.bluesky[].app_password":    "An app password made for this program, with access to direct messages if they are wanted.",
	"networks.bluesky[].service":         "The address of the account's server. https://bsky.social if missing.",
	"networks.bluesky[].mode":            "How posts come: notifications (if missing), firehose or both.",
	"networks.bluesky[].firehose":        "The address of a server or relay that streams. wss://bsky.network if missing, which goes with https://bsky.social alone: another service needs it.",
	"networks.bluesky[].poll":            "How often notifications, searches and direct messages are asked for. 15s if missing.",
	"networks.bluesky[].direct_messages": "Direct messages come and go.",

	"networks.x":                       "Accounts on X.",
	"networks.x[].mode":                "How posts come: poll (if missing), stream or webhook.",
	"networks.x[].tier":                "What was bought of X: pay-per-use (if missing), free, basic, pro or enterprise. It says what posts_per_month is if missing, and what X would refuse.",
	"networks.x[].consumer_key":        "The app's API key …",
	"networks.x[].consumer_secret":     "… and its secret, which also proves that a webhook's request is from X.",
	"networks.x[].access_token":        "The account's access token (OAuth 1.0a) …",
	"networks.x[].access_token_secret": "… and its secret.",
	"networks.x[].client_id":           "The other way, OAuth 2.0: the app's client id,",
	"networks.x[].client_secret":       "its secret, for confidential clients only,",
	"networks.x[].refresh_token":       "and a refresh token of the account with the scopes tweet.read, tweet.write, users.read and offline.access, and for direct messages dm.read and dm.write.",
	"networks.x[].bearer_token":        "The app's own token, for the stream.",
	"networks.x[].direct_messages":     "Direct messages come and go.",
	"networks.x[].long_posts":          "The account may write posts of up to 25,000 characters.",
	"networks.x[].posts_per_month":     "The most posts that are read in a calendar month (UTC). The tier's if missing.",
	"networks.x[].backfill_minutes":    "How much the stream is asked to repeat after it broke, up to 5. X has it for enterprise only.",
	"networks.x[].poll":                "How often X is asked: 1m if missing in mode poll, 15m in the others, for what they left out; less often where posts_per_month would not last.",
	"networks.x[].poll_messages":       "How often direct messages are asked for: as poll says if missing, but not more often than every 90s; in mode stream every 90s.",
	"networks.x[].api":                 "The address of X's API. https://api.x.com if missing.",

	"networks.facebook":  "Pages on Facebook.",
	"networks.instagram": "Professional accounts on Instagram.",

	"networks.webhook":                 "Any other network, bridged by a signed webhook and a callback.",
	"networks.webhook[].name":          "What posts of the network carry, and the last part of the address that they are sent to: /hooks/<name>.",
	"networks.webhook[].secrets":       "What both ways are signed with (Standard Webhooks); several while one is exchanged for another.",
	"networks.webhook[].callback":      "Where replies are sent to.",
	"networks.webhook[].public":        "It has public replies.",
	"networks.webhook[].private":       "It has private messages.",
	"networks.webhook[].idempotent":    "The callback publishes a reply once, however often it is sent with the same id.",
	"networks.webhook[].find":          "Where the bridge is asked whether it has published a reply whose answer was lost. Without it and `idempotent`, such a reply goes to an operator.",
	"networks.webhook[].max_length":    "How long a message may be, in unit. Missing: any length.",
	"networks.webhook[].unit":          "What max_length counts: graphemes (if missing), characters, bytes, or weighted as X counts.",
	"networks.webhook[].link_length":   "What a link counts, however long it is. Missing: as it is written.",
	"networks.webhook[].max_age":       "How old a signature may be, and how far ahead. 5m if missing.",
	"networks.webhook[].account":       "A label, needed only for a second account on one network; its posts are sent to /hooks/<name>-<account>.",
	"networks.webhook[].parts":         "The most messages that one reply is split into. 3 if missing.",
	"networks.webhook[].allow_private": "The callback may be a private address.",
}, metaDocs("facebook"), metaDocs("instagram"),
	accountDocs(), searchDocs("mastodon"), searchDocs("bluesky"), searchDocs("x"))

// accountDocs are the keys that mean the same on every network with a connector
// of its own.
func accountDocs() map[string]string {
	out := map[string]string{}
	for _, list := range social.Kinds() {
		at := "networks." + list + "[]."
		out[at+"account"] = "A label, needed only for a second account on one network."
		out[at+"parts"] = "The most messages that one reply is split into. 3 if missing."
		out[at+"allow_private"] = "Its addresses may be private ones."
	}
	return out
}

func searchDocs(list string) map[string]string {
	return map[string]string{"networks." + list + "[].search": "Words, phrases and #hashtags; posts with one of them are watched, and answered only with policy.answer_all."}
}

func metaDocs(list string) map[string]string {
	at := "networks." + list + "[]."
	out := map[string]string{
		at + "app":             "The id of the Meta app.",
		at + "app_secret":      "The app's secret: it proves who we are and checks what Meta sends.",
		at + "access_token":    "The Page's long-lived token.",
		at + "verify_token":    "A word of your own that Meta repeats when the webhook is set up. Not needed in mode poll.",
		at + "page":            "The Page's id.",
		at + "instagram":       "For Instagram only.",
		at + "mode":            "How posts come: webhook (if missing) or poll.",
		at + "poll":            "How often Meta is asked: 1m if missing in mode poll, 15m in mode webhook, where it only closes gaps.",
		at + "recent":          "How many of our latest posts are asked for comments. 25 if missing.",
		at + "direct_messages": "Direct messages come and go.",
		at + "human_agent":     "Meta has granted the app the feature of that name: what a person has written may leave up to 7 days after the customer's last message, not only 24 hours.",
		at + "version":         "The Graph API's version. v25.0 if missing.",
		at + "graph":           "The Graph API's address. https://graph.facebook.com if missing.",
	}
	if list == "instagram" {
		out[at+"page"] = "The id of the Page that the account is linked to."
		out[at+"instagram"] = "The professional account's id."
	}
	return out
}
