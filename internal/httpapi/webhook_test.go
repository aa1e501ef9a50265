package httpapi

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/outbound"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/vault"
)

func withWebhooks(t *testing.T) func(*Options) {
	return func(o *Options) {
		v := vault.New(vault.Options{Store: o.Store, Now: o.Now, File: filepath.Join(t.TempDir(), "vault.key")})
		o.Webhooks = outbound.New(outbound.Options{Store: o.Store, Sealer: v})
	}
}

func TestWebhooksOverTheAPI(t *testing.T) {
	t.Parallel()
	f := newFixture(t, withWebhooks(t))
	admin := f.as(auth.RoleAdmin)
	made := f.want(f.call("POST", "/v1/webhooks", `{"url":"https://example.com/x","types":["advocate.case.*"],"description":"crm"}`, admin), 201).json(t)
	id, secret := made["id"].(string), made["secret"].(string)
	if !strings.HasPrefix(secret, "whsec_") || made["created_by"] != "t-admin" {
		t.Fatalf("made %v", made)
	}
	for _, path := range []string{"/v1/webhooks", "/v1/webhooks/" + id} {
		if a := f.want(f.call("GET", path, "", admin), 200); strings.Contains(a.body, "whsec_") || !strings.Contains(a.body, id) {
			t.Errorf("%s: %s", path, a.body)
		}
	}
	tag := f.want(f.call("GET", "/v1/webhooks/"+id, "", admin), 200).header.Get("ETag")
	put := f.want(f.call("PUT", "/v1/webhooks/"+id, `{"url":"https://example.com/y"}`, admin, "If-Match: "+tag), 200)
	a := put.json(t)
	if got := put.header.Get("ETag"); got == tag || got == "" {
		t.Errorf("after the change the ETag is %s, was %s", got, tag)
	}
	if a["url"] != "https://example.com/y" || a["version"] != 2.0 || len(a["types"].([]any)) != 0 {
		t.Errorf("changed: %v", a)
	}
	f.want(f.call("PUT", "/v1/webhooks/"+id, `{"url":"https://example.com/z"}`, admin, "If-Match: "+tag), 412)
	f.want(f.call("PUT", "/v1/webhooks/"+id, `{"url":"https://example.com/z"}`, admin), 428)
	f.want(f.call("PUT", "/v1/webhooks/"+id, `{"url":"https://example.com/z","version":2}`, admin, "If-Match: *"), 400)
	f.want(f.call("PUT", "/v1/webhooks/"+id, `{"url":"http://example.com/z"}`, admin, "If-Match: *"), 400)
	f.want(f.call("PUT", "/v1/webhooks/"+id, `{"url":"https://example.com/z","secret":"mine"}`, admin, "If-Match: *"), 400)
	f.want(f.call("PUT", "/v1/webhooks/nothing", `{"url":"https://example.com/z"}`, admin, "If-Match: *"), 404)
	rotated := f.want(f.call("POST", "/v1/webhooks/"+id+"/rotate?keep_seconds=60", "", admin), 200).json(t)
	if rotated["secret"] == secret || rotated["secrets"] != 2.0 {
		t.Errorf("rotated: %v", rotated)
	}
	if err := f.store.Update(t.Context(), func(tx store.Tx) error {
		rows := make([]store.DeliveryRow, 3)
		for i := range rows {
			seq := string(rune('1' + i))
			rows[i] = store.DeliveryRow{ID: id + "/" + seq, Endpoint: id, EventSeq: int64(i + 1), Type: "t", At: testNow.Add(time.Duration(i) * time.Second), Body: []byte(`{"id":"` + seq + `"}`)}
		}
		if err := tx.DeliveryAdd(rows); err != nil {
			return err
		}
		_, err := tx.DeliverySet(id+"/2", nil, store.DeliveryDead, time.Time{})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	var page struct {
		Items []deliveryView
		Next  string
	}
	body := f.want(f.call("GET", "/v1/webhooks/"+id+"/deliveries?limit=2", "", admin), 200).body
	if err := json.Unmarshal([]byte(body), &page); err != nil || len(page.Items) != 2 || page.Items[0].ID != id+"-3" || page.Next != id+"-2" {
		t.Errorf("deliveries %s %v", body, err)
	}
	if a := f.want(f.call("GET", "/v1/webhooks/"+id+"/deliveries?cursor="+page.Next, "", admin), 200); !strings.Contains(a.body, id+"-1") || strings.Contains(a.body, id+"-2") {
		t.Errorf("the second page %s", a.body)
	}
	f.want(f.call("GET", "/v1/webhooks/"+id+"/deliveries?cursor=nonsense", "", admin), 400)
	if a := f.want(f.call("GET", "/v1/webhooks/"+id+"/deliveries?state=dead", "", admin), 200); strings.Count(a.body, `"event_seq"`) != 1 {
		t.Errorf("dead are %s", a.body)
	}
	if a := f.want(f.call("POST", "/v1/webhook-deliveries/"+id+"-2/replay", "", admin), 200).json(t); a["state"] != "pending" {
		t.Errorf("replayed: %v", a)
	}
	f.want(f.call("POST", "/v1/webhook-deliveries/"+id+"-2/replay", "", admin), 409)
	f.want(f.call("POST", "/v1/webhook-deliveries/x/replay", "", admin), 404)
	f.want(f.call("DELETE", "/v1/webhooks/"+id, "", admin), 204)
	for _, path := range []string{"", "/deliveries"} {
		f.want(f.call("GET", "/v1/webhooks/"+id+path, "", admin), 404)
	}
	f.want(f.call("GET", "/v1/webhooks", "", f.as(auth.RoleAgent)), 403)
}

func TestWithoutWebhooks(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	f.want(f.call("GET", "/v1/webhooks", "", f.as(auth.RoleAdmin)), 503)
}
