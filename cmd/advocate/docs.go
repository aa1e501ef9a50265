package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/contact-advocate/advocate/internal/config"
	"github.com/contact-advocate/advocate/internal/httpapi"
)

// docsCmd writes what is documentation and can be read off the program, so
// that it cannot differ from it. "go generate ./..." runs it.
type docsCmd struct {
	Root string `arg:"" help:"The repository."`
}

func (*docsCmd) Help() string {
	return "Writes docs/reference/commands.md, docs/reference/config.md and internal/httpapi/openapi.json."
}

func (c *docsCmd) Run(kctx *kong.Context) error {
	spec, err := httpapi.Spec()
	if err != nil {
		return err
	}
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, spec, "", "  "); err != nil {
		return err
	}
	pretty.WriteByte('\n')
	for path, body := range map[string][]byte{
		"docs/reference/commands.md":    commandReference(kctx.Model),
		"docs/reference/config.md":      configReference(),
		"internal/httpapi/openapi.json": pretty.Bytes(),
	} {
		path = filepath.Join(c.Root, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, body, 0o644); err != nil {
			return err
		}
	}
	return nil
}

const written = "<!-- Written by the program: \"make generate\" writes it again. -->\n\n"

func configReference() []byte {
	return []byte("# Every setting\n\n" + written +
		"The configuration is one YAML file, `advocate.yaml` in the working directory or the one that `--config` names. Everything has a default; an empty file is a sound one. " +
		"[examples/config/advocate.yaml](../../examples/config/advocate.yaml) has every key with a comment, and `advocate check advocate.yaml` says what is wrong with yours.\n\n" +
		"A single value can be set by its variable instead, which wins over the file; a flag (`--listen`, `--data`, `--log-format`) wins over both. " +
		"Durations are written `30s`, `15m`, `4h`, `3d` or `1w`. A secret is never written down but referred to: `{env: NAME}` or `{file: PATH}`. Relative paths start at the file's folder.\n\n" +
		config.Markdown())
}

func commandReference(app *kong.Application) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Every command\n\n%s%s\n\n", written, app.Help)
	b.WriteString("Commands that look at or change data go through the running server's local socket, or open the database themselves when no server runs. What a script would read has `--json`.\n\n")
	b.WriteString("| exit code | means |\n|---|---|\n")
	fmt.Fprintf(&b, "| %d | done |\n| %d | it did not succeed; the message says why |\n| %d | the command line is wrong |\n", exitOK, exitFailed, exitUsage)
	fmt.Fprintf(&b, "| %d | it ran, and what it looked at is not well (`check`, `playbook test`, `replay`, `import`, `doctor`, `sim`) |\n| 130 | interrupted |\n\n", exitProblem)
	b.WriteString("Flags of every command:\n\n")
	writeFlags(&b, app.Flags)
	b.WriteString("\n")
	for _, n := range app.Leaves(true) {
		writeCommand(&b, n)
	}
	return append(bytes.TrimRight(b.Bytes(), "\n"), '\n')
}

func writeCommand(b *bytes.Buffer, n *kong.Node) {
	fmt.Fprintf(b, "## advocate %s\n\n%s\n\n```\n%s\n```\n\n", n.Path(), n.Help, usageOf(n))
	if len(n.Positional) > 0 {
		b.WriteString("| argument | |\n|---|---|\n")
		for _, p := range n.Positional {
			fmt.Fprintf(b, "| `%s` | %s |\n", strings.ToUpper(p.Name), cellOf(p.Help))
		}
		b.WriteString("\n")
	}
	if len(n.Flags) > 0 {
		writeFlags(b, n.Flags)
		b.WriteString("\n")
	}
	if n.Detail != "" {
		b.WriteString(detailOf(n.Detail) + "\n\n")
	}
}

func usageOf(n *kong.Node) string {
	words := []string{n.FullPath()}
	for _, p := range n.Positional {
		word := strings.ToUpper(p.Name)
		if p.IsSlice() {
			word += "…"
		}
		if !p.Required {
			word = "[" + word + "]"
		}
		words = append(words, word)
	}
	for _, f := range n.Flags {
		if f.Required {
			words = append(words, flagOf(f))
		}
	}
	return strings.Join(append(words, "[flags]"), " ")
}

func flagOf(f *kong.Flag) string {
	s := "--" + f.Name
	if f.Tag.Negatable != "" {
		s = "--[no-]" + f.Name
	}
	if !f.IsBool() && !f.IsCounter() {
		holder := f.PlaceHolder
		if holder == "" {
			holder = f.Name
		}
		s += " " + strings.ToUpper(holder)
	}
	if f.Short != 0 {
		s = "-" + string(f.Short) + ", " + s
	}
	return s
}

func writeFlags(b *bytes.Buffer, flags []*kong.Flag) {
	b.WriteString("| flag | default | |\n|---|---|---|\n")
	for _, f := range flags {
		if f.Hidden || f.Name == "help" {
			continue
		}
		value := ""
		if f.HasDefault && f.Default != "" && !f.IsBool() {
			value = "`" + f.Default + "`"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", flagOf(f), value, cellOf(f.Help))
	}
}

func cellOf(s string) string { return strings.ReplaceAll(s, "|", "\\|") }

// columns are lines of the help's own tables: a word, two spaces, its meaning.
var columns = regexp.MustCompile(`^\S+ {2,}\S`)

// detailOf makes Markdown of a command's long help: lines in columns stay as
// they are, others that begin with two spaces are commands.
func detailOf(s string) string {
	var out []string
	fenced := ""
	for _, line := range strings.Split(strings.TrimSpace(s), "\n") {
		kind := ""
		switch {
		case strings.HasPrefix(line, "  "):
			kind, line = "```sh", strings.TrimPrefix(line, "  ")
		}
		if columns.MatchString(line) {
			kind = "```"
		}
		if kind != fenced {
			if fenced != "" {
				out = append(out, "```")
			}
			if kind != "" {
				if len(out) > 0 && out[len(out)-1] != "" {
					out = append(out, "")
				}
				out = append(out, kind)
			}
			fenced = kind
		}
		out = append(out, line)
	}
	if fenced != "" {
		out = append(out, "```")
	}
	return strings.Join(out, "\n")
}
