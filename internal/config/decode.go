package config

import (
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/secret"
)

// decoder walks a file and the types of config.go side by side.
type decoder struct {
	*report
	dir string           // relative paths start here
	at  map[string]*node // where each key that is set stands

	vault *secret.Place // where the vault's secrets will be

	unread  Problems // what decoding found, before the values are looked at
	secrets []SecretAt
	twin    map[string]bool // accounts that are configured twice
}

var (
	durationType = reflect.TypeFor[time.Duration]()
	secretType   = reflect.TypeFor[secret.Ref]()
)

// beforeVault are the secrets that opening the vault takes.
var beforeVault = []string{"store_password", "vault_key"}

// paths are the keys that name a file or folder: by their own name, wherever
// they stand, or whole.
var paths = []string{"data", "playbook", "knowledge", "ca_file", "tls.cert", "tls.key", "tls.acme.ca"}

// key is one field of a struct as a file names it.
type key struct {
	name  string
	index int
	typ   reflect.Type
}

// keysOf lists a struct's keys in the order of the type.
func keysOf(t reflect.Type) []key {
	var out []key
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
		if name != "" && name != "-" {
			out = append(out, key{name, i, t.Field(i).Type})
		}
	}
	return out
}

func join(path, name string) string { return strings.TrimPrefix(path+"."+name, ".") }

// value decodes a node into v. path names it.
func (d *decoder) value(n *node, v reflect.Value, path string) {
	d.at[path] = n
	t := v.Type()
	switch {
	case n.kind == 'n':
		d.addf(n, "a value, or leave the key out for its default", "", "%s has no value", path)
	case t == secretType:
		d.secret(n, v, path)
	case t.Kind() == reflect.Pointer:
		inner := reflect.New(t.Elem())
		d.value(n, inner.Elem(), path)
		v.Set(inner)
	case t.Kind() == reflect.Struct:
		d.object(n, v, path)
	case t.Kind() == reflect.Map:
		d.mapping(n, v, path)
	case t.Kind() == reflect.Slice:
		d.list(n, v, path)
	default:
		d.scalar(n, v, path)
	}
}

func (d *decoder) object(n *node, v reflect.Value, path string) {
	if n.kind != 'm' {
		d.addf(n, "a map of keys", "", "%s is %s", path, kindWord(n))
		return
	}
	keys := keysOf(v.Type())
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k.name
	}
	for _, m := range n.keys {
		i := slices.Index(names, m.name)
		if i < 0 {
			d.addf(m.at, oneOf(names), domain.Nearest(m.name, names), "unknown key %q", domain.Clip(join(path, m.name), 80))
			continue
		}
		d.value(m.val, v.Field(keys[i].index), join(path, m.name))
	}
	if place := v.FieldByName("Place"); place.IsValid() && place.Kind() == reflect.String {
		place.SetString(fmt.Sprintf("%s:%d: %s", d.file, n.line, path))
	}
}

// mapping decodes a map. Words of text are laid over the default, so that one
// language can be changed alone; anything larger replaces it.
func (d *decoder) mapping(n *node, v reflect.Value, path string) {
	if n.kind != 'm' {
		d.addf(n, "a map of names", "", "%s is %s", path, kindWord(n))
		return
	}
	out := reflect.MakeMap(v.Type())
	if v.Type().Elem().Kind() == reflect.String {
		for _, k := range v.MapKeys() {
			out.SetMapIndex(k, v.MapIndex(k))
		}
	}
	for _, m := range n.keys {
		item := reflect.New(v.Type().Elem()).Elem()
		if m.val.kind == 'n' && item.Kind() == reflect.Struct {
			d.at[join(path, m.name)] = m.at // "care:" alone is a queue that is always open
		} else {
			d.value(m.val, item, join(path, m.name))
		}
		out.SetMapIndex(reflect.ValueOf(m.name), item)
	}
	v.Set(out)
}

func (d *decoder) list(n *node, v reflect.Value, path string) {
	items := n.items
	if n.kind == 's' && v.Type().Elem().Kind() == reflect.String {
		items = []*node{n} // one word stands for a list of one
	} else if n.kind != 'l' {
		d.addf(n, "a list", "", "%s is %s", path, kindWord(n))
		return
	}
	out := reflect.MakeSlice(v.Type(), len(items), len(items))
	for i, item := range items {
		d.value(item, out.Index(i), fmt.Sprintf("%s[%d]", path, i))
	}
	v.Set(out)
}

func (d *decoder) secret(n *node, v reflect.Value, path string) {
	want, names := "{env: NAME}, {file: PATH} or {vault: NAME}", []string{"env", "file", "vault"}
	if slices.Contains(beforeVault, path) {
		want, names = "{env: NAME} or {file: PATH}", names[:2]
	}
	if n.kind != 'm' {
		d.addf(n, want, "", "%s holds a secret itself; secrets do not belong in this file", path)
		return
	}
	var ref secret.Ref
	for _, m := range n.keys {
		switch {
		case m.name == "value":
			d.addf(m.at, want, "", "%s holds a secret itself; secrets do not belong in this file", path)
		case m.name == "vault" && len(names) < 3:
			d.addf(m.at, want, "", "%s is needed before the vault can be opened", path)
		case !slices.Contains(names, m.name):
			d.addf(m.at, want, domain.Nearest(m.name, names), "unknown key %q", domain.Clip(join(path, m.name), 80))
		case m.val.kind != 's' || m.val.text == "":
			d.addf(m.val, "a name", "", "%s is empty", join(path, m.name))
		case m.name == "env":
			ref.Env = m.val.text
		case m.name == "vault":
			if ref.Vault = m.val.text; !secretOK.MatchString(ref.Vault) {
				d.addf(m.val, "small letters, digits, \".\", \"_\" and \"-\"", "", "%s is no name of a secret", join(path, m.name))
			}
		default:
			ref.File = d.resolve(m.val.text)
		}
	}
	if len(n.keys) > 1 {
		d.addf(n, "one of "+strings.Join(names, ", "), "", "%s is in several places", path)
	}
	ref = ref.At(d.vault)
	if !ref.IsZero() {
		d.secrets = append(d.secrets, SecretAt{path, n.line, ref})
	}
	v.Set(reflect.ValueOf(ref))
}

func (d *decoder) scalar(n *node, v reflect.Value, path string) {
	if n.kind != 's' {
		d.addf(n, typeWord(v.Type()), "", "%s is %s", path, kindWord(n))
		return
	}
	text := strings.TrimSpace(n.text)
	wrong := func() { d.addf(n, typeWord(v.Type()), "", "%s is %q", path, domain.Clip(n.text, 60)) }
	if path == "store" { // it may hold a password
		wrong = func() { d.addf(n, typeWord(v.Type()), "", "%s cannot be read", path) }
	}
	switch {
	case v.Type() == durationType:
		dur, err := ParseDuration(text)
		if err != nil {
			wrong()
			return
		}
		v.SetInt(int64(dur))
	case v.Kind() == reflect.String:
		if strings.ContainsRune(n.text, 0) {
			wrong()
			return
		}
		v.SetString(n.text)
		if slices.Contains(paths, lastName(path)) || slices.Contains(paths, path) {
			v.SetString(d.resolve(n.text))
		}
	case v.Kind() == reflect.Bool:
		switch text {
		case "true":
			v.SetBool(true)
		case "false":
			v.SetBool(false)
		default:
			wrong()
		}
	case v.CanInt():
		i, err := strconv.ParseInt(text, 10, 64)
		if err != nil || v.OverflowInt(i) {
			wrong()
			return
		}
		v.SetInt(i)
	default:
		panic("config: a key of type " + v.Type().String())
	}
}

// resolve makes a path relative to the file it stands in.
func (d *decoder) resolve(p string) string {
	if p == "" || filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(d.dir, p)
}

// lastName is the key's own name: "ca_file" of "components.http[0].ca_file".
func lastName(path string) string {
	name := path[strings.LastIndexByte(path, '.')+1:]
	name, _, _ = strings.Cut(name, "[")
	return name
}

func typeWord(t reflect.Type) string {
	switch {
	case t == durationType:
		return "a duration such as 90s, 15m, 2h or 3d"
	case t.Kind() == reflect.Bool:
		return "true or false"
	case t.Kind() == reflect.String:
		return "text"
	}
	return "a whole number"
}

func kindWord(n *node) string {
	switch n.kind {
	case 'm':
		return "a map"
	case 'l':
		return "a list"
	case 'n':
		return "empty"
	}
	return strconv.Quote(domain.Clip(n.text, 60))
}
