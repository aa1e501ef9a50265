package config

import (
	"slices"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/component"
	"github.com/contact-advocate/advocate/internal/component/rest"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/secret"
	"github.com/contact-advocate/advocate/internal/source"
)

// FileName is where serve looks when it is told nothing.
const FileName = "advocate.yaml"

// EnvPrefix begins every variable that overrides a key.
const EnvPrefix = "ADVOCATE_"

// Config is everything an operator can set.
type Config struct {
	Listen         string                 `yaml:"listen"`
	Data           string                 `yaml:"data"`
	Store          string                 `yaml:"store"`
	StorePassword  secret.Ref             `yaml:"store_password"`
	VaultKey       secret.Ref             `yaml:"vault_key"`
	PublicURL      string                 `yaml:"public_url"`
	TLS            TLS                    `yaml:"tls"`
	TrustedProxies []string               `yaml:"trusted_proxies"`
	Log            Log                    `yaml:"log"`
	Auth           Auth                   `yaml:"auth"`
	Policy         Policy                 `yaml:"policy"`
	Playbook       string                 `yaml:"playbook"`
	Knowledge      string                 `yaml:"knowledge"`
	Components     Components             `yaml:"components"`
	Sources        []source.WebhookConfig `yaml:"sources"`
	Webhooks       []Webhook              `yaml:"webhooks"`
	Networks       Networks               `yaml:"networks"`
	OrderPatterns  []string               `yaml:"order_patterns"`
	SettleSeconds  int                    `yaml:"settle_seconds"`
	Workers        int                    `yaml:"workers"`
	AllowPrivate   bool                   `yaml:"allow_private"`

	Vault *secret.Place `yaml:"-"` // opened once the database is: {vault: NAME} is read from it

	lines   map[string]int // where each key that is set stands
	secrets []SecretAt
}

// Log says what is logged and how.
type Log struct {
	Level  string `yaml:"level"`
	Format string `yaml:"format"`
}

// Components are the systems that advocates ask, beside the built-in ones.
type Components struct {
	MaxQuestions   int            `yaml:"max_questions"`
	MaxQuestionsOf map[string]int `yaml:"max_questions_of"`
	HTTP           []rest.Config  `yaml:"http"`
}

// builtInComponents are there without being configured; knowledge where a
// folder of articles is.
var builtInComponents = []string{"customers", "knowledge", "notices", "orders", "queues"}

// Names are the components there are, by name.
func (c *Components) Names() []string {
	out := slices.Clone(builtInComponents)
	for _, x := range c.HTTP {
		out = append(out, x.Name)
	}
	slices.Sort(out)
	return out
}

// Questions is how many questions may be under way at once at a component.
func (c *Components) Questions(name string) int {
	if n, ok := c.MaxQuestionsOf[name]; ok {
		return n
	}
	return c.MaxQuestions
}

// Webhook is a place that notifications are sent to, by name.
type Webhook struct {
	Name         string        `yaml:"name"`
	URL          string        `yaml:"url"`
	Secret       secret.Ref    `yaml:"secret"`
	Timeout      time.Duration `yaml:"timeout"`
	AllowPrivate bool          `yaml:"allow_private"`

	Place string `yaml:"-"` // file:line, for errors
}

// Policy is domain.Policy as operators write it.
type Policy struct {
	Company          string            `yaml:"company"`
	Contact          string            `yaml:"contact"`
	DefaultLang      string            `yaml:"default_lang"`
	TimeZone         string            `yaml:"time_zone"`
	PhoneRegion      string            `yaml:"phone_region"`
	AnswerWithin     time.Duration     `yaml:"answer_within"`
	VerifyWithin     time.Duration     `yaml:"verify_within"`
	NumberWithin     time.Duration     `yaml:"number_within"`
	LookupWithin     time.Duration     `yaml:"lookup_within"`
	ReplyValid       time.Duration     `yaml:"reply_valid"`
	QuietClose       time.Duration     `yaml:"quiet_close"`
	JoinWithin       time.Duration     `yaml:"join_within"`
	QuietFrom        int               `yaml:"quiet_from"`
	QuietTo          int               `yaml:"quiet_to"`
	MaxContacts      int               `yaml:"max_contacts"`
	MaxReplies       int               `yaml:"max_replies"`
	MaxRepliesHour   int               `yaml:"max_replies_hour"`
	MaxVerify        int               `yaml:"max_verify"`
	MaxVerifyDay     int               `yaml:"max_verify_day"`
	MaxVerifyOrder   int               `yaml:"max_verify_order"`
	MaxVerifyNetwork int               `yaml:"max_verify_network"`
	AnswerAll        bool              `yaml:"answer_all"`
	Disclosure       map[string]string `yaml:"disclosure"`
	Queues           map[string]Queue  `yaml:"queues"`
	DefaultQueue     string            `yaml:"default_queue"`
}

// Default is what an operator gets without asking.
func Default() Config {
	p := domain.DefaultPolicy()
	c := Config{
		Listen: "127.0.0.1:8080", Data: "data", Store: SQLite,
		TLS:        TLS{ACME: ACME{Directory: LetsEncrypt}},
		Log:        Log{Level: "info", Format: "text"},
		Networks:   Networks{Sandbox: Sandbox{Enabled: Auto, Handle: "advocate", MaxPosts: 20_000}},
		Components: Components{MaxQuestions: component.DefaultConcurrency},
		Workers:    16,
		Auth:       Auth{SessionIdle: 8 * time.Hour, SessionMax: 24 * time.Hour, AuditKeep: 400 * 24 * time.Hour},
		Policy: Policy{
			Company: p.Company, Contact: p.Contact, DefaultLang: p.DefaultLang, TimeZone: p.TimeZone, PhoneRegion: p.PhoneRegion,
			AnswerWithin: p.AnswerWithin, VerifyWithin: p.VerifyWithin, NumberWithin: p.NumberWithin, LookupWithin: p.LookupWithin,
			ReplyValid: p.ReplyValid, QuietClose: p.QuietClose, JoinWithin: p.JoinWithin, QuietFrom: p.QuietFrom, QuietTo: p.QuietTo,
			MaxContacts: p.MaxContacts, MaxReplies: p.MaxReplies, MaxRepliesHour: p.MaxRepliesHour,
			MaxVerify: p.MaxVerify, MaxVerifyDay: p.MaxVerifyDay, MaxVerifyOrder: p.MaxVerifyOrder, MaxVerifyNetwork: p.MaxVerifyNetwork,
			AnswerAll: p.AnswerAll, Disclosure: p.Disclosure, Queues: map[string]Queue{}, DefaultQueue: p.DefaultQueue,
		},
	}
	for name, q := range p.Queues {
		c.Policy.Queues[name] = Queue{TimeZone: q.TimeZone, Holidays: q.Holidays}
	}
	return c
}

// Domain makes the policy that the engine works under. The Config must have
// come from Load, Parse or Default.
func (p *Policy) Domain() domain.Policy {
	out := domain.Policy{
		Company: p.Company, Contact: strings.TrimSpace(p.Contact), DefaultLang: p.DefaultLang, TimeZone: p.TimeZone, PhoneRegion: p.PhoneRegion,
		AnswerWithin: p.AnswerWithin, VerifyWithin: p.VerifyWithin, NumberWithin: p.NumberWithin, LookupWithin: p.LookupWithin,
		ReplyValid: p.ReplyValid, QuietClose: p.QuietClose, JoinWithin: p.JoinWithin, QuietFrom: p.QuietFrom, QuietTo: p.QuietTo,
		MaxContacts: p.MaxContacts, MaxReplies: p.MaxReplies, MaxRepliesHour: p.MaxRepliesHour,
		MaxVerify: p.MaxVerify, MaxVerifyDay: p.MaxVerifyDay, MaxVerifyOrder: p.MaxVerifyOrder, MaxVerifyNetwork: p.MaxVerifyNetwork,
		AnswerAll: p.AnswerAll, Disclosure: p.Disclosure, Queues: map[string]domain.Queue{}, DefaultQueue: p.DefaultQueue,
	}
	for name, q := range p.Queues {
		out.Queues[name] = q.domain(name)
	}
	return out
}
