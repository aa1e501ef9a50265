package config

import (
	"fmt"
	"maps"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/contact-advocate/advocate/internal/component"
	"github.com/contact-advocate/advocate/internal/domain"
)

var (
	nameOK   = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,62}$`)
	secretOK = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,62}$`) // as the vault has it
	langOK   = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$`)
	regionOK = regexp.MustCompile(`^[A-Z]{2}$`)
)

// problem reports on a key where it stands; a default's problem has no line.
// Of a line that could not be read the first word is enough: what else is
// missed there may follow from it.
func (d *decoder) problem(path, expected, didYouMean, format string, args ...any) {
	n := d.at[path]
	if n == nil {
		n = &node{}
	}
	if slices.ContainsFunc(d.unread, func(p Problem) bool { return p.File == d.file && p.Line == n.line }) {
		return
	}
	d.addf(n, expected, didYouMean, "%s "+format, append([]any{path}, args...)...)
}

func (d *decoder) word(path, got string, words ...string) {
	if !slices.Contains(words, got) {
		d.problem(path, oneOf(words), domain.Nearest(got, words), "is %q", domain.Clip(got, 60))
	}
}

func (d *decoder) between(path string, n, low, high int) {
	if n < low || n > high {
		d.problem(path, fmt.Sprintf("a number from %d to %d", low, high), "", "is %d", n)
	}
}

func (d *decoder) within(path string, t, low, high time.Duration) {
	if t < low || t > high {
		d.problem(path, "a duration from "+FormatDuration(low)+" to "+FormatDuration(high), "", "is %s", FormatDuration(t))
	}
}

func (d *decoder) zone(path, name string) {
	if _, err := time.LoadLocation(name); err != nil || name == "Local" {
		d.problem(path, "a time zone such as Europe/Berlin or UTC", "", "is %q", domain.Clip(name, 60))
	}
}

// check looks at what the types cannot say.
func (d *decoder) check(c *Config) {
	if _, port, err := net.SplitHostPort(c.Listen); err != nil || !validPort(port) {
		d.problem("listen", "an address such as 127.0.0.1:8080 or :8080", "", "is %q", domain.Clip(c.Listen, 60))
	}
	if c.Data == "" {
		d.problem("data", "a folder", "", "is empty")
	}
	d.checkStore(c)
	d.word("log.level", c.Log.Level, "debug", "info", "warn", "error")
	d.word("log.format", c.Log.Format, "text", "json")
	d.between("settle_seconds", c.SettleSeconds, 0, 300)
	d.between("workers", c.Workers, 1, 1000)
	for i, p := range c.OrderPatterns {
		path := fmt.Sprintf("order_patterns[%d]", i)
		re, err := regexp.Compile(p)
		switch {
		case err != nil:
			d.problem(path, "a regular expression (RE2)", "", "cannot be read: %v", err)
		case re.MatchString(""):
			d.problem(path, "one that asks for at least a letter or digit", "", "matches empty text")
		}
	}
	d.checkAuth(c)
	d.checkTLS(c)
	d.checkPolicy(&c.Policy)
	d.checkNamed(c)
	d.checkNetworks(&c.Networks)
}

// checkStore looks at where rows are kept. What it says repeats nothing of
// the value, which may hold a password.
func (d *decoder) checkStore(c *Config) {
	if err := CheckStore(c.Store); err != nil {
		d.problem("store", storeWanted, domain.Nearest(c.Store, []string{SQLite}), "names no store")
		return
	}
	// A node without a line is from the environment.
	if n := d.at["store"]; n != nil && n.line > 0 && c.Store != SQLite && StoreSecret(c.Store) {
		d.problem("store", "a URL without a password, and store_password: {env: NAME} or {file: PATH}", "", "holds a password; secrets do not belong in this file")
	}
}

// What the guard on public messages leaves out is neither a stray letter nor a
// page of text.
const minContact, maxContact = 6, 200

func (d *decoder) checkPolicy(p *Policy) {
	if strings.TrimSpace(p.Company) == "" {
		d.problem("policy.company", "a name, as messages sign", "", "is empty")
	}
	if c := strings.TrimSpace(p.Contact); c != "" && len(c) < minContact || len(c) > maxContact || strings.ContainsFunc(p.Contact, unicode.IsControl) {
		d.problem("policy.contact", fmt.Sprintf("one line of %d to %d bytes: an address, a number or a page of yours", minContact, maxContact), "", "is %q", domain.Clip(p.Contact, 60))
	}
	if !langOK.MatchString(p.DefaultLang) {
		d.problem("policy.default_lang", "a language tag such as en or pt-BR", "", "is %q", domain.Clip(p.DefaultLang, 60))
	}
	d.zone("policy.time_zone", p.TimeZone)
	if !regionOK.MatchString(p.PhoneRegion) {
		d.problem("policy.phone_region", "a country in two capital letters, such as US or DE", strings.ToUpper(domain.Nearest(strings.ToLower(p.PhoneRegion), []string{"us", "gb", "de"})), "is %q", domain.Clip(p.PhoneRegion, 60))
	}
	const day = 24 * time.Hour
	for _, x := range []struct {
		name      string
		value     time.Duration
		low, high time.Duration
	}{
		{"answer_within", p.AnswerWithin, time.Minute, 7 * day}, {"verify_within", p.VerifyWithin, time.Minute, 30 * day},
		{"number_within", p.NumberWithin, time.Minute, 7 * day}, {"lookup_within", p.LookupWithin, time.Second, time.Hour},
		{"reply_valid", p.ReplyValid, time.Minute, 30 * day}, {"quiet_close", p.QuietClose, time.Hour, 365 * day},
		{"join_within", p.JoinWithin, time.Hour, 365 * day},
	} {
		d.within("policy."+x.name, x.value, x.low, x.high)
	}
	d.between("policy.quiet_from", p.QuietFrom, 0, 24)
	d.between("policy.quiet_to", p.QuietTo, 0, 24)
	for _, x := range []struct {
		name  string
		value int
		most  int
	}{
		{"max_contacts", p.MaxContacts, 100}, {"max_replies", p.MaxReplies, 1000}, {"max_replies_hour", p.MaxRepliesHour, 1000},
		{"max_verify", p.MaxVerify, 20}, {"max_verify_day", p.MaxVerifyDay, 100}, {"max_verify_order", p.MaxVerifyOrder, 100},
		{"max_verify_network", p.MaxVerifyNetwork, 100_000},
	} {
		low := 1
		if x.name == "max_contacts" {
			low = 0 // nothing proactive at all is a sound wish
		}
		d.between("policy."+x.name, x.value, low, x.most)
	}
	for _, lang := range slices.Sorted(maps.Keys(p.Disclosure)) {
		path := "policy.disclosure." + lang
		if !langOK.MatchString(lang) {
			d.problem(path, "a language tag such as en", "", "is no language")
		}
		if strings.TrimSpace(p.Disclosure[lang]) == "" {
			d.problem(path, "a sentence that says that the message is automatic", "", "is empty")
		}
	}
	d.checkQueues(p)
}

// checkNamed looks at what others refer to by name. What else must hold of a
// component or source is checked where it is made, with its Place.
func (d *decoder) checkNamed(c *Config) {
	components, sources, webhooks := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, name := range builtInComponents {
		components[name] = true
	}
	for i, x := range c.Components.HTTP {
		d.named(fmt.Sprintf("components.http[%d]", i), x.Name, components)
	}
	d.between("components.max_questions", c.Components.MaxQuestions, 1, component.MaxConcurrency)
	for _, name := range slices.Sorted(maps.Keys(c.Components.MaxQuestionsOf)) {
		path := "components.max_questions_of." + name
		if !components[name] {
			known := slices.Sorted(maps.Keys(components))
			d.problem(path, oneOf(known), domain.Nearest(name, known), "is about no component")
		}
		d.between(path, c.Components.MaxQuestionsOf[name], 1, component.MaxConcurrency)
	}
	for i, x := range c.Sources {
		d.named(fmt.Sprintf("sources[%d]", i), x.Name, sources)
	}
	for i, x := range c.Webhooks {
		path := fmt.Sprintf("webhooks[%d]", i)
		d.named(path, x.Name, webhooks)
		if u, err := url.Parse(x.URL); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			d.problem(path, "url: an address such as https://example.com/hook", "", "has no usable url")
		} else if u.User != nil {
			d.problem(path+".url", "an address without a password; use secret", "", "holds a password")
		}
		if x.Timeout != 0 {
			d.within(path+".timeout", x.Timeout, time.Second, time.Minute)
		}
	}
}

func (d *decoder) named(path, name string, taken map[string]bool) {
	at := path + ".name"
	if d.at[at] == nil {
		at = path
	}
	switch {
	case name == "":
		d.problem(at, "name: a word that playbooks and paths refer to", "", "has no name")
	case !nameOK.MatchString(name):
		d.problem(at, "small letters, digits, \"_\" and \"-\"", "", "has the name %q", domain.Clip(name, 60))
	case taken[name]:
		d.problem(at, "another name", "", "has the name %q, which is taken", name)
	}
	taken[name] = true
}

func validPort(s string) bool {
	n, err := strconv.Atoi(s)
	return err == nil && n >= 0 && n <= 65535
}
