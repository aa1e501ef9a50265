// Command bridge is a forum of one page, connected to Contact Advocate: all
// that it takes to bring a network of your own. What people write goes to
// /hooks/forum, and replies come to /callback; both ways signed as Standard
// Webhooks (www.standardwebhooks.com). docs/networks/webhook.md says more.
//
// It keeps everything in memory, and after a restart begins with an empty page
// and ids of another run: an id that was used once is a conflict for ever. A
// real one keeps what it has published, with the ids that it was sent with, and
// what it could not deliver.
package main

import (
	"context"
	"encoding/base64"
	"log"
	"net/http"
	"os"
	"strings"
	"time"
)

func main() {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(os.Getenv("FORUM_SECRET"), "whsec_"))
	if err != nil || len(key) < 24 {
		log.Fatal("FORUM_SECRET is not whsec_ and base64 of at least 24 bytes")
	}
	hook := os.Getenv("ADVOCATE_HOOK") // another address of the server's /hooks/NAME
	if hook == "" {
		hook = "http://127.0.0.1:8080/hooks/forum"
	}
	f := newForum(key, hook)
	go f.deliver(context.Background(), 2*time.Second)
	log.Print("the forum is at http://127.0.0.1:8090")
	log.Fatal(http.ListenAndServe("127.0.0.1:8090", f))
}
