package engine_test

import (
	"context"
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/socialtest"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/memory"
)

// directory is a network that knows people by name.
type directory struct {
	*socialtest.Scripted
	label string
	ids   map[string]string
}

func (d *directory) Account() string { return d.label }

func (d *directory) Resolve(_ context.Context, name string) (string, error) {
	if id := d.ids[strings.TrimPrefix(name, "@")]; id != "" {
		return id, nil
	}
	return "", &social.Error{Fault: social.FaultCustomer, Safe: "nobody there is called that"}
}

const carla = "did:plc:ewvi7nxzyoun6zhxrhs64oiz"

func withDirectory(t *testing.T) *kit {
	named := func(name, label string) *directory {
		return &directory{socialtest.NewScripted(socialtest.ScriptedOptions{Name: name}), label, map[string]string{"carla.test": carla}}
	}
	return newKit(t, memory.New(), setup{networks: []social.Network{named("bluesky", ""), named("mastodon:m.example", "shop")}})
}

func identity(s string) domain.Identity {
	parts := strings.Split(s, "/")
	k := domain.IdentityKey{Network: parts[0], Author: parts[len(parts)-1]}
	if len(parts) == 3 {
		k.Account = parts[1]
	}
	return domain.Identity{IdentityKey: k}
}

// TestImportByHandle: a known customer who is imported by the name that people
// know is recognised when they write.
func TestImportByHandle(t *testing.T) {
	t.Parallel()
	k := withDirectory(t)
	r, err := k.engine.CustomersImport(k.ctx, []engine.CustomerImport{{Profile: domain.Profile{Ref: "C-1"}, Identities: []domain.Identity{identity("bluesky/@carla.test")}}})
	if err != nil || len(r.Refused) > 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	p := k.post(carla, "where is my order?")
	p.Network = "bluesky"
	if got := k.snapshot(k.take(p)).Customer; got.Ref != "C-1" {
		t.Errorf("%+v", got)
	}
}

// TestIdentitiesThatCannotBe: nobody would ever be recognised by them, so each
// is refused with what is accepted, by an import and by a link.
func TestIdentitiesThatCannotBe(t *testing.T) {
	t.Parallel()
	k := withDirectory(t)
	one := k.take(k.post("ann", "hello"))
	for who, says := range map[string]string{
		"bluesky/nobody.test":            "want a DID, such as did:plc:ewvi7nxzyoun6zhxrhs64oiz, not a handle; looked up as a name: nobody there is called that",
		"bluesky/help/" + carla:          "accepted are bluesky/AUTHOR",
		"mastodon:m.example/5":           "accepted are mastodon:m.example/shop/AUTHOR",
		"mastodon:m.exmaple/shop/5":      `did you mean "mastodon:m.example"?`,
		"mastodon:elsewhere.social/5":    "",
		"mastodon:elsewhere.social/dora": "want the account's id on our server",
		"blueksy/" + carla:               `there is no network "blueksy"; connected: bluesky, mastodon:m.example, sandbox; did you mean "bluesky"?`,
		"x/carla":                        "want the user's id, a number such as 783214, not a username; names are not looked up there",
		"x/783214":                       "",
		"forum/carla":                    "there is no network",
		"sandbox/carla":                  "",
	} {
		r, err := k.engine.CustomersImport(k.ctx, []engine.CustomerImport{{Profile: domain.Profile{Ref: "R " + who}, Identities: []domain.Identity{identity(who)}}})
		if err != nil || (len(r.Refused) == 0) != (says == "") || says != "" && !strings.Contains(r.Refused[0].Reason, says) {
			t.Errorf("import %s: %+v, %v; want %q", who, r, err, says)
		}
		if says == "" {
			continue // it is somebody's by now
		}
		err = k.engine.Command(k.ctx, one, domain.Command{Kind: domain.CommandLink, By: "anna", Identities: []domain.Identity{identity(who)}})
		if wantCode(t, err, domain.CodeInvalid); !strings.Contains(err.Error(), says) {
			t.Errorf("link %s: %v", who, err)
		}
	}
}

// TestIdentitiesOfWhichSomethingIsLost: repaired, they could be somebody else,
// whatever is to be done to them.
func TestIdentitiesOfWhichSomethingIsLost(t *testing.T) {
	t.Parallel()
	k := withDirectory(t)
	one := k.take(k.post("zoe", "hello"))
	for _, kind := range []domain.CommandKind{domain.CommandLink, domain.CommandUnlink, domain.CommandIgnore, domain.CommandUnignore} {
		for _, who := range []string{"zo\x00e", "zo\xffe", "zo\uFFFDe"} {
			err := k.engine.Command(k.ctx, one, domain.Command{Kind: kind, By: "anna", Identities: []domain.Identity{{IdentityKey: domain.IdentityKey{Network: "sandbox", Author: who}}}})
			if wantCode(t, err, domain.CodeInvalid); !strings.Contains(err.Error(), "author: holds U+FFFD") {
				t.Errorf("%s %q: %v", kind, who, err)
			}
		}
	}
	if id := k.snapshot(one).Customer.Identities[0]; id.Ignored {
		t.Errorf("%+v", id)
	}
}

// TestSwitchBeforeConnecting: a network can be held in shadow before its first
// post; a slip in the name of one that is connected is told.
func TestSwitchBeforeConnecting(t *testing.T) {
	t.Parallel()
	k := withDirectory(t)
	for scope, says := range map[string]string{
		"network:x": "", "network:mastodon:elsewhere.social": "", "network:bluesky": "",
		"network:mastodon:m.exmaple": `did you mean "network:mastodon:m.example"`,
		"network:blueksy":            `did you mean "network:bluesky"`,
		"network:forum":              "there is no network", "network:mastodon": "there is no network",
	} {
		err := k.engine.SwitchSet(k.ctx, store.Switch{Scope: scope, Mode: engine.ModeShadow})
		if (err == nil) != (says == "") || err != nil && !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", scope, err)
		}
	}
}
