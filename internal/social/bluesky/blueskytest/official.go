// Package blueskytest plays servers of the AT Protocol for tests: the official
// ones, and an account of a scripted one.
package blueskytest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

const collection = "app.bsky.feed.post"

// Record is what these tests use of an app.bsky.feed.post.
type Record struct {
	Type      string   `json:"$type"`
	Text      string   `json:"text"`
	CreatedAt string   `json:"createdAt"`
	Langs     []string `json:"langs,omitempty"`
	Facets    []Facet  `json:"facets,omitempty"`
	Reply     *Reply   `json:"reply,omitempty"`
}

// Reply says what a post answers.
type Reply struct {
	Root   Ref `json:"root"`
	Parent Ref `json:"parent"`
}

// Ref names a version of a record.
type Ref struct {
	URI string `json:"uri"`
	CID string `json:"cid"`
}

// Facet gives a meaning to some bytes of a text.
type Facet struct {
	Index    Slice     `json:"index"`
	Features []Feature `json:"features"`
}

// Slice is a range of bytes.
type Slice struct {
	Start int `json:"byteStart"`
	End   int `json:"byteEnd"`
}

// Feature is a facet's meaning.
type Feature struct {
	Type string `json:"$type"`
	DID  string `json:"did,omitempty"`
	URI  string `json:"uri,omitempty"`
}

// folder is e2e/bluesky, from wherever in the module a test runs.
func folder() (string, error) {
	dir, err := os.Getwd()
	for err == nil {
		if _, missing := os.Stat(filepath.Join(dir, "go.mod")); missing == nil {
			return filepath.Join(dir, "e2e", "bluesky"), nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			err = errors.New("there is no go.mod above this test")
		}
		dir = up
	}
	return "", err
}

// Official is the official server of the AT Protocol (npm's @atproto/pds) with
// its directory of identities, on this machine. It has no AppView, so that
// posts are heard from the firehose.
type Official struct {
	t      *testing.T
	folder string // e2e/bluesky
	data   string
	plc    string
	URL    string
	port   int
	pds    *exec.Cmd
	stdin  io.Closer
}

// Start starts both, or skips the test where they are not installed.
func Start(t *testing.T) *Official {
	home, err := folder()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(home, "node_modules", ".installed")); err != nil {
		if os.Getenv("ADVOCATE_TEST_ALL") != "" {
			t.Fatal("the official Bluesky server is not installed: make bluesky")
		}
		t.Skip("the official Bluesky server is not installed: make bluesky")
	}
	if testing.Short() {
		t.Skip("takes a server of its own")
	}
	o := &Official{t: t, folder: home, data: t.TempDir()}
	plcPort := freePort(t)
	o.plc = fmt.Sprintf("http://localhost:%d", plcPort)
	o.spawn("plc", strconv.Itoa(plcPort))
	o.port = freePort(t)
	o.URL = fmt.Sprintf("http://localhost:%d", o.port)
	o.Begin()
	return o
}

func freePort(t *testing.T) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// Begin begins the server on its port and its data, and waits until it answers.
func (o *Official) Begin() {
	o.pds, o.stdin = o.spawn("pds", strconv.Itoa(o.port), o.plc, o.data)
}

func (o *Official) spawn(args ...string) (*exec.Cmd, io.Closer) {
	o.t.Helper()
	cmd := exec.Command("node", append([]string{"server.mjs"}, args...)...)
	cmd.Dir = o.folder
	var trouble bytes.Buffer
	cmd.Stderr = &trouble
	in, err := cmd.StdinPipe()
	if err != nil {
		o.t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		o.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		o.t.Fatal(err)
	}
	o.t.Cleanup(func() {
		in.Close()
		cmd.Process.Kill()
		cmd.Wait()
	})
	ready := make(chan bool, 1)
	go func() {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if strings.Contains(lines.Text(), `"url"`) {
				ready <- true
			}
		}
		close(ready)
	}()
	select {
	case ok := <-ready:
		if !ok {
			o.t.Fatalf("%v did not start: %s", args, trouble.String())
		}
	case <-time.After(90 * time.Second):
		o.t.Fatalf("%v does not answer", args)
	}
	return cmd, in
}

// Kill ends the server in the middle of what it does.
func (o *Official) Kill() {
	o.pds.Process.Kill()
	o.pds.Wait()
	o.stdin.Close()
}

// Person is somebody with an account on the server.
type Person struct {
	o                     *Official
	Handle, DID, Password string
	token                 string
}

// Person makes an account.
func (o *Official) Person(handle string) *Person {
	o.t.Helper()
	p := &Person{o: o, Handle: handle, Password: "pw-" + handle}
	var out struct {
		DID    string `json:"did"`
		Access string `json:"accessJwt"`
	}
	p.Call("com.atproto.server.createAccount", map[string]any{"email": handle + "@example.com", "handle": handle, "password": p.Password}, &out)
	p.DID, p.token = out.DID, out.Access
	return p
}

// Call calls a procedure.
func (p *Person) Call(name string, body, out any) {
	p.o.t.Helper()
	if err := p.try(name, body, out); err != nil {
		p.o.t.Fatalf("%s: %v", name, err)
	}
}

func (p *Person) try(name string, body, out any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequest("POST", p.o.URL+"/xrpc/"+name, bytes.NewReader(b))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	if p.token != "" {
		req.Header.Set("Authorization", "Bearer "+p.token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != 200 {
		return fmt.Errorf("status %d: %s", resp.StatusCode, answer)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(answer, out)
}

// Write posts a text; "@handle" at its beginning becomes a mention of whom.
func (p *Person) Write(text string, whom *Person, reply *Reply) Ref {
	p.o.t.Helper()
	r := Record{Type: collection, Text: text, CreatedAt: time.Now().UTC().Format("2006-01-02T15:04:05.000Z"), Langs: []string{"en"}, Reply: reply}
	if whom != nil {
		r.Facets = []Facet{{Index: Slice{0, len(whom.Handle) + 1}, Features: []Feature{{Type: "app.bsky.richtext.facet#mention", DID: whom.DID}}}}
	}
	var out Ref
	p.Call("com.atproto.repo.createRecord", map[string]any{"repo": p.DID, "collection": collection, "record": r}, &out)
	return out
}

// Delete deletes a post.
func (p *Person) Delete(uri string) {
	p.o.t.Helper()
	key := uri[strings.LastIndexByte(uri, '/')+1:]
	p.Call("com.atproto.repo.deleteRecord", map[string]any{"repo": p.DID, "collection": collection, "rkey": key}, nil)
}

// List gives somebody's posts as the server has them.
func (o *Official) List(did string) (all []Record) {
	o.t.Helper()
	cursor := ""
	for {
		resp, err := http.Get(o.URL + "/xrpc/com.atproto.repo.listRecords?" + url.Values{"repo": {did}, "collection": {collection}, "limit": {"100"}, "cursor": {cursor}}.Encode())
		if err != nil {
			o.t.Fatal(err)
		}
		var out struct {
			Cursor  string `json:"cursor"`
			Records []struct {
				Value Record `json:"value"`
			} `json:"records"`
		}
		err = json.NewDecoder(resp.Body).Decode(&out)
		resp.Body.Close()
		if err != nil {
			o.t.Fatal(err)
		}
		for _, r := range out.Records {
			all = append(all, r.Value)
		}
		if cursor = out.Cursor; cursor == "" {
			return all
		}
	}
}

// Lossy is a proxy before the server that loses the answers of writes after
// the server has acted.
type Lossy struct {
	*httptest.Server
	Lose  atomic.Int32 // answers yet to be lost
	Wrote atomic.Int32 // writes that came by
}

// NewLossy puts one before a server.
func NewLossy(t *testing.T, target string) *Lossy {
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	l := &Lossy{}
	proxy := httputil.NewSingleHostReverseProxy(u)
	proxy.ErrorLog = nil
	proxy.ErrorHandler = func(w http.ResponseWriter, _ *http.Request, _ error) {
		panic(http.ErrAbortHandler) // as if nothing listened
	}
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "com.atproto.repo.putRecord") {
			l.Wrote.Add(1)
			if l.Lose.Add(-1) >= 0 {
				proxy.ServeHTTP(httptest.NewRecorder(), r)
				panic(http.ErrAbortHandler)
			}
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(l.Close)
	return l
}
