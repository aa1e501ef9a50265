package console

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// hashedFolder holds the files whose name has a hash of what is in them
// (build.assetsDir in web/vite.config.ts).
const hashedFolder = "console/"

const (
	forever = "public, max-age=31536000, immutable" // another content has another name
	ask     = "no-cache"
)

// minGzip is from where on compressing is worth a header.
const minGzip = 512

// types are what a console is made of. They are written down here since the
// machine's own table, which Go's mime package reads, may say otherwise.
var types = map[string]string{
	".css":         "text/css; charset=utf-8",
	".gif":         "image/gif",
	".html":        "text/html; charset=utf-8",
	".ico":         "image/x-icon",
	".jpg":         "image/jpeg",
	".js":          "text/javascript; charset=utf-8",
	".json":        "application/json",
	".map":         "application/json",
	".mjs":         "text/javascript; charset=utf-8",
	".mp3":         "audio/mpeg",
	".ogg":         "audio/ogg",
	".png":         "image/png",
	".svg":         "image/svg+xml",
	".ttf":         "font/ttf",
	".txt":         "text/plain; charset=utf-8",
	".wasm":        "application/wasm",
	".wav":         "audio/wav",
	".webmanifest": "application/manifest+json",
	".webp":        "image/webp",
	".woff":        "font/woff",
	".woff2":       "font/woff2",
	".xml":         "text/xml; charset=utf-8",
}

// brotliSuffix ends the name of a file's form that the build has compressed by
// Brotli (web/squeeze.mjs), a tenth smaller than gzip makes it.
const brotliSuffix = ".br"

// packed are the types that are compressed by themselves.
var packed = []string{"image/gif", "image/jpeg", "image/png", "image/webp", "audio/mpeg", "audio/ogg", "font/woff"}

// IsFile reports whether a path looks like a file's and not like a page's: a
// browser that asks for a script that is gone must not be given a page.
func IsFile(p string) bool {
	return types[strings.ToLower(path.Ext(p))] != ""
}

// asset is one file. Its content stays where the folder has it, in the
// program's own image as a rule; only the compressed form takes memory.
type asset struct {
	files   fs.FS
	name    string
	kind    string
	tag     string        // hex
	brotli  bool          // it is there compressed by Brotli as well
	squeeze func() []byte // gzip, made once, when it is first asked for; gives nil where it is not worth it
}

type file interface {
	io.ReadSeeker
	io.Closer
}

func newAsset(files fs.FS, name string) (*asset, error) {
	a := &asset{files: files, name: name, kind: types[strings.ToLower(path.Ext(name))]}
	if a.kind == "" {
		a.kind = "application/octet-stream"
	}
	if _, err := fs.Stat(files, name+brotliSuffix); err == nil {
		a.brotli = true
	}
	f, err := a.open("")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return nil, err
	}
	a.tag = hex.EncodeToString(sum.Sum(nil)[:8])
	a.squeeze = sync.OnceValue(a.gzip)
	return a, nil
}

// open opens the file itself, or a form of it.
func (a *asset) open(suffix string) (file, error) {
	f, err := a.files.Open(a.name + suffix)
	if err != nil {
		return nil, err
	}
	s, ok := f.(file)
	if !ok {
		return nil, fmt.Errorf("%s: the files of a console must be seekable, %T is not", a.name, f)
	}
	return s, nil
}

// gzip compresses the content; nil where that gains nothing.
func (a *asset) gzip() []byte {
	for _, kind := range packed {
		if strings.HasPrefix(a.kind, kind) {
			return nil
		}
	}
	plain, err := fs.ReadFile(a.files, a.name)
	if err != nil || len(plain) < minGzip {
		return nil
	}
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil
	}
	_, _ = z.Write(plain) // into memory
	_ = z.Close()
	if b.Len() >= len(plain) {
		return nil
	}
	return bytes.Clone(b.Bytes()) // without what the buffer has to spare
}

// ServeAsset answers with a file, named as it is below the folder: a path
// without its first slash. It answers nothing and returns false when there is
// none of that name. It answers GET and HEAD, parts of a file, and 304 to who
// has it.
func (c *Console) ServeAsset(w http.ResponseWriter, r *http.Request, name string) bool {
	a := c.assets[name]
	if a == nil {
		return false
	}
	h := w.Header()
	h.Set("Content-Type", a.kind)
	h.Set("Cache-Control", ask)
	if strings.HasPrefix(name, hashedFolder) {
		h.Set("Cache-Control", forever)
	}
	accept := r.Header.Get("Accept-Encoding")
	if a.brotli {
		h.Add("Vary", "Accept-Encoding")
		if takes(accept, "br") {
			a.serveBrotli(w, r)
			return true
		}
	}
	squeezed := a.squeeze()
	if squeezed != nil && !a.brotli {
		h.Add("Vary", "Accept-Encoding")
	}
	if squeezed != nil && takes(accept, "gzip", "x-gzip") {
		serveEncoded(w, r, a, "gzip", "-gz", bytes.NewReader(squeezed), len(squeezed))
		return true
	}
	f := a.mustOpen("")
	defer f.Close()
	h.Set("ETag", `"`+a.tag+`"`)
	http.ServeContent(w, r, name, time.Time{}, f)
	return true
}

// mustOpen opens what was there at the start.
func (a *asset) mustOpen(suffix string) file {
	f, err := a.open(suffix)
	if err != nil {
		panic("console: " + err.Error())
	}
	return f
}

func (a *asset) serveBrotli(w http.ResponseWriter, r *http.Request) {
	f := a.mustOpen(brotliSuffix)
	defer f.Close()
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		panic("console: " + err.Error())
	}
	serveEncoded(w, r, a, "br", "-br", f, int(size)) // which seeks by itself
}

// serveEncoded answers with a compressed form, which is another content under
// the same name.
func serveEncoded(w http.ResponseWriter, r *http.Request, a *asset, encoding, mark string, content io.ReadSeeker, size int) {
	h := w.Header()
	h.Set("Content-Encoding", encoding)
	h.Set("Content-Length", strconv.Itoa(size)) // which ServeContent leaves out of what is encoded
	h.Set("ETag", `"`+a.tag+mark+`"`)
	http.ServeContent(w, r, a.name, time.Time{}, content)
}

// takes reads Accept-Encoding (RFC 9110 §12.5.3): an encoding by one of its own
// names first, else what * says; weight 0 means no.
func takes(accept string, names ...string) bool {
	star := false
	for part := range strings.SplitSeq(accept, ",") {
		name, params, _ := strings.Cut(part, ";")
		wanted := true
		if _, q, ok := strings.Cut(params, "q="); ok {
			x, err := strconv.ParseFloat(strings.TrimSpace(q), 64)
			wanted = err == nil && x > 0
		}
		switch name = strings.ToLower(strings.TrimSpace(name)); {
		case slices.Contains(names, name):
			return wanted
		case name == "*":
			star = wanted
		}
	}
	return star
}
