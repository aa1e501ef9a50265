package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/component"
	"github.com/contact-advocate/advocate/internal/component/rest"
	"github.com/contact-advocate/advocate/internal/config"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/secret"
)

const (
	webhookTimeout  = 10 * time.Second
	webhookMaxReply = 64 << 10
)

// webhookSender posts notifications to one configured address, signed as
// Standard Webhooks 1.0 says: webhook-id, webhook-timestamp, and
// webhook-signature over "id.timestamp.body". The id is the effect's, so that
// the receiver knows a repeat.
type webhookSender struct {
	config config.Webhook
	client *http.Client
	now    func() time.Time
}

var _ engine.WebhookSender = (*webhookSender)(nil)

func newWebhookSender(c config.Webhook) (*webhookSender, error) {
	if !c.Secret.IsZero() {
		if _, err := c.Secret.Read(); err != nil && !errors.Is(err, secret.ErrNoVault) {
			return nil, fmt.Errorf("%s: secret: %w", c.Place, err)
		}
	}
	timeout := c.Timeout
	if timeout <= 0 {
		timeout = webhookTimeout
	}
	dialer := &net.Dialer{Timeout: timeout, Control: rest.Control(c.AllowPrivate)}
	return &webhookSender{config: c, now: time.Now, client: &http.Client{
		Timeout:   timeout,
		Transport: &http.Transport{DialContext: dialer.DialContext, TLSHandshakeTimeout: timeout, MaxConnsPerHost: 8, IdleConnTimeout: time.Minute},
		// A redirect would carry the notification to an address nobody configured.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// Send implements engine.WebhookSender.
func (w *webhookSender) Send(ctx context.Context, key string, n domain.Notify) error {
	at := w.now().UTC()
	body, err := json.Marshal(map[string]any{
		"type": "advocate.notification", "id": key, "time": at.Format(time.RFC3339), "text": n.Text, "alarm": n.Alarm, "data": n.Data,
	})
	if err != nil {
		return &component.Error{Safe: "the notification could not be written", Cause: err}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.config.URL, bytes.NewReader(body))
	if err != nil {
		return &component.Error{Safe: "the webhook's address cannot be used", Cause: err}
	}
	stamp := strconv.FormatInt(at.Unix(), 10)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "contact-advocate/"+version)
	req.Header.Set("Webhook-Id", key)
	req.Header.Set("Webhook-Timestamp", stamp)
	if !w.config.Secret.IsZero() {
		secret, err := w.config.Secret.Read()
		if err != nil {
			return &component.Error{Retry: true, Safe: "the webhook's secret cannot be read", Cause: err}
		}
		req.Header.Set("Webhook-Signature", "v1,"+sign(secret, key+"."+stamp+"."+string(body)))
	}
	resp, err := w.client.Do(req)
	if err != nil {
		return &component.Error{Retry: true, Safe: "the webhook did not answer", Cause: err}
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, webhookMaxReply))
	switch {
	case resp.StatusCode >= 200 && resp.StatusCode < 300:
		return nil
	case resp.StatusCode == http.StatusRequestTimeout, resp.StatusCode == http.StatusTooManyRequests, resp.StatusCode >= 500:
		return &component.Error{Retry: true, Safe: "the webhook answered " + resp.Status}
	}
	return &component.Error{Safe: "the webhook answered " + resp.Status}
}

// sign is HMAC-SHA256 in base64. "whsec_" begins a secret that is base64
// itself.
func sign(secret, text string) string {
	key := []byte(secret)
	if enc, ok := strings.CutPrefix(secret, "whsec_"); ok {
		if raw, err := base64.StdEncoding.DecodeString(enc); err == nil {
			key = raw
		}
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
