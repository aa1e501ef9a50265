package config

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/contact-advocate/advocate/internal/secret"
)

// Load reads a file and the environment (as os.Environ gives it). With no
// path it takes FileName if that is there, and the defaults if not. The
// error is Problems when the file could be read.
func Load(path string, environ []string) (Config, error) {
	name := path
	if name == "" {
		name = FileName
		if _, err := os.Stat(name); os.IsNotExist(err) {
			return Parse("", nil, environ)
		}
	}
	f, err := os.Open(name)
	if err != nil {
		return Config{}, fmt.Errorf("the configuration cannot be read: %w", err)
	}
	defer f.Close()
	src, err := io.ReadAll(io.LimitReader(f, maxSource+1))
	if err != nil {
		return Config{}, fmt.Errorf("the configuration cannot be read: %w", err)
	}
	return Parse(name, src, environ)
}

// Parse is Load of a file that was read. file is used in problems, and
// relative paths start in its folder. With Problems comes what could be read,
// for whoever looks for more of them; nothing may run with it.
func Parse(file string, src []byte, environ []string) (Config, error) {
	c := Default()
	r := &report{file: file}
	dir := "."
	if file != "" {
		dir = filepath.Dir(file)
	}
	c.Vault = &secret.Place{}
	d := &decoder{report: r, dir: dir, at: map[string]*node{}, vault: c.Vault, twin: map[string]bool{}}
	if root := r.parseYAML(src); root != nil && root.kind == 'm' {
		d.object(root, reflect.ValueOf(&c).Elem(), "")
	}
	d.overrides(&c, environ)
	d.places(&c)
	d.unread = slices.Clone(r.found)
	d.check(&c)
	return c, r.err()
}

// overrides takes what the environment sets. Paths there are relative to the
// working directory, as a shell's are.
func (d *decoder) overrides(c *Config, environ []string) {
	set := map[string]string{}
	for _, kv := range environ {
		if name, value, ok := strings.Cut(kv, "="); ok && strings.HasPrefix(name, EnvPrefix) {
			set[name] = value
		}
	}
	if len(set) == 0 {
		return
	}
	dir, file := d.dir, d.file
	d.dir = "."
	defer func() { d.dir, d.file = dir, file }()
	walkScalars(reflect.ValueOf(c).Elem(), "", func(path string, v reflect.Value) {
		name := EnvName(path)
		value, ok := set[name]
		if !ok {
			return
		}
		d.file = name
		d.value(&node{kind: 's', text: value}, v, path)
	})
}

// EnvName is the variable that overrides a key.
func EnvName(path string) string {
	return EnvPrefix + strings.ToUpper(strings.ReplaceAll(path, ".", "_"))
}

// walkScalars visits the keys that are single values, and lists of words,
// outside of lists and maps.
func walkScalars(v reflect.Value, path string, visit func(path string, v reflect.Value)) {
	for _, k := range keysOf(v.Type()) {
		f, p := v.Field(k.index), join(path, k.name)
		switch {
		case k.typ.Kind() == reflect.Struct && k.typ != secretType:
			walkScalars(f, p, visit)
		case k.typ.Kind() == reflect.Slice && k.typ.Elem().Kind() == reflect.String, k.typ.Kind() != reflect.Slice && k.typ.Kind() != reflect.Map && k.typ != secretType:
			visit(p, f)
		}
	}
}
