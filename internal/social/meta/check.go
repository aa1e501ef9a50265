package meta

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/web"
)

// token is what Meta says of the access token (developers.facebook.com/docs/
// graph-api/reference/debug_token, "Fields").
type token struct {
	App     ident `json:"app_id"`
	Valid   bool  `json:"is_valid"`
	Expires int64 `json:"expires_at"`             // 0: never
	Data    int64 `json:"data_access_expires_at"` // when people's data is told no more, 90 days after the last sign-in
	Error   *struct {
		Code    int `json:"code"`
		Subcode int `json:"subcode"`
	} `json:"error"`
	Scopes []string `json:"scopes"`
}

// ends is when the token is of no use any more, zero for never.
func (t *token) ends() time.Time {
	var out time.Time
	for _, s := range []int64{t.Expires, t.Data} {
		if at := time.Unix(s, 0).UTC(); s > 0 && s < 1e11 && (out.IsZero() || at.Before(out)) {
			out = at
		}
	}
	return out
}

// inspect asks what our token is worth.
func (n *Network) inspect(ctx context.Context) (token, error) {
	var b struct {
		Data token `json:"data"`
	}
	_, err := n.app.Do(ctx, web.Request{Path: "debug_token", Out: &b})
	if err != nil {
		return token{}, fault(err, 0)
	}
	n.Expires(b.Data.ends())
	if !b.Data.Valid {
		g := graphError{Code: 190, Subcode: subcode(&b.Data)}
		e := meaning(g)
		e.Cause = &refused{graphError: g}
		return b.Data, e
	}
	return b.Data, nil
}

func subcode(t *token) int {
	if t.Error == nil {
		return 0
	}
	return t.Error.Subcode
}

// keepAnEye looks at the token now and then, so that its end is seen coming,
// and at a new one at once.
func (n *Network) keepAnEye(ctx context.Context) error {
	secret, err := n.c.AccessToken.Read()
	if err != nil {
		return social.Unreadable("a secret of this network", err)
	}
	which, now := sha256.Sum256([]byte(secret)), n.kit.Clock.Now()
	n.mu.Lock()
	due := n.checked.IsZero() || n.looked != which || now.Sub(n.checked) >= lookAfter
	n.mu.Unlock()
	if !due {
		return nil
	}
	t, err := n.inspect(ctx)
	var e *social.Error
	if errors.As(err, &e) && !e.Retry && t.App == "" && !refusedAs(err, tokenCodes...) {
		// The question was refused, not the token.
		n.log.Warn("the token cannot be looked at", "reason", e.Safe)
		err = nil
	}
	if err != nil {
		return err
	}
	if ends := t.ends(); !ends.IsZero() && ends.Sub(now) < social.ExpirySoon {
		n.log.Warn("the access token ends soon; give a new one", "expires", ends)
	}
	n.mu.Lock()
	n.checked, n.looked = now, which
	n.mu.Unlock()
	return nil
}

// reads lists the permissions without which what customers write in public is
// not shown to us (developers.facebook.com/docs/permissions).
func (c *Config) reads() []string {
	if c.Kind == Instagram {
		return []string{"instagram_basic", "instagram_manage_comments", "pages_read_engagement"}
	}
	return []string{"pages_read_engagement", "pages_read_user_content"}
}

// needs lists the permissions that what is configured takes
// (developers.facebook.com/docs/permissions).
func (c *Config) needs() []string {
	out := c.reads()
	if c.Kind == Instagram {
		if c.DirectMessages {
			out = append(out, "instagram_manage_messages")
		}
	} else {
		out = append(out, "pages_manage_engagement")
		if c.DirectMessages {
			out = append(out, "pages_messaging")
		}
	}
	if c.Mode == Webhook || c.DirectMessages {
		out = append(out, "pages_manage_metadata")
	}
	return out
}

// Check implements social.Checker.
func (n *Network) Check(ctx context.Context) (social.Check, error) {
	out := social.Check{ID: n.self(), Server: "Graph API " + n.c.Version}
	t, err := n.inspect(ctx)
	if err != nil {
		return out, err
	}
	var me author
	field := "name"
	if n.c.Kind == Instagram {
		field = "username"
	}
	if err := n.get(ctx, n.self(), url.Values{"fields": {field}}, &me); err != nil {
		return out, err
	}
	out.Account, out.Expires = me.Name, t.ends()
	if n.c.Kind == Instagram {
		out.Account = "@" + me.Username
	}
	if t.App != "" && string(t.App) != n.c.App {
		out.Warnings = append(out.Warnings, "the token is of another app than the one configured: the proof of the app will be refused; make one for this app")
	}
	var missing []string
	for _, p := range n.c.needs() {
		if !slices.Contains(t.Scopes, p) {
			missing = append(missing, p)
		}
	}
	if len(missing) > 0 {
		out.Warnings = append(out.Warnings, "the token lacks permissions: "+strings.Join(missing, ", ")+"; add them to the app and make a new token")
	}
	if left := out.Expires.Sub(n.kit.Clock.Now()); !out.Expires.IsZero() && left < social.ExpirySoon {
		out.Warnings = append(out.Warnings, fmt.Sprintf("the token ends in %d days; make a new one", max(int(left.Hours()/24), 0)))
	}
	if n.c.Mode == Webhook {
		out.Warnings = append(out.Warnings, n.unsubscribed(ctx)...)
	}
	return out, nil
}

// unsubscribed looks whether the Page lets the app be told
// (developers.facebook.com/docs/graph-api/reference/page/subscribed_apps).
func (n *Network) unsubscribed(ctx context.Context) []string {
	want := []string{"feed"}
	if n.c.DirectMessages && n.c.Kind == Facebook {
		want = append(want, "messages", "message_echoes")
	}
	found := false
	_, err := each(ctx, n, n.c.Page+"/subscribed_apps", url.Values{}, 1, func(a *struct {
		ID     ident    `json:"id"`
		Fields []string `json:"subscribed_fields"`
	}) bool {
		if string(a.ID) == n.c.App {
			found = true
			want = slices.DeleteFunc(want, func(f string) bool { return slices.Contains(a.Fields, f) })
		}
		return true
	})
	switch {
	case err != nil:
		return []string{"whether the Page tells the app of anything cannot be asked: " + social.Safe(err)}
	case !found || len(want) > 0:
		return []string{"the Page does not tell the app of: " + strings.Join(want, ", ") + "; subscribe to them (docs/networks/meta.md)"}
	}
	return nil
}
