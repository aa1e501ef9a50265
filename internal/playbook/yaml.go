package playbook

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"github.com/contact-advocate/advocate/internal/domain"
)

// Limits on a file that an operator wrote.
const (
	maxSource = 1 << 20
	maxDepth  = 24
	maxLines  = 20_000 // the parser's time grows with the square of a map's keys
	maxLine   = 32 << 10
)

type nodeKind byte

const (
	scalarNode nodeKind = iota
	mapNode
	listNode
	nullNode
)

func (k nodeKind) String() string {
	return [...]string{"a word", "a map", "a list", "nothing"}[k]
}

// node is a YAML value with its place. Anchors, aliases, merge keys and tags
// are refused before: a playbook needs none, and they are how a small file
// becomes a huge one.
type node struct {
	kind    nodeKind
	line    int
	column  int
	text    string // scalar
	quoted  bool   // a quoted scalar is text, never a number or true
	literal bool   // a block scalar: its text begins on the next line
	entries []entry
	items   []*node
}

type entry struct {
	key   string
	at    *node
	value *node
}

// get returns a map's value, nil if it has none of that key.
func (n *node) get(key string) *node {
	if n == nil {
		return nil
	}
	for i := range n.entries {
		if n.entries[i].key == key {
			return n.entries[i].value
		}
	}
	return nil
}

// parseYAML reads one document. It returns nil after reporting what is wrong.
func parseYAML(r *report, src []byte) (root *node) {
	if len(src) > maxSource {
		r.put(Problem{Kind: ProblemFile, What: fmt.Sprintf("the file is %d bytes long", len(src)), Expected: "at most 1 MiB"})
		return nil
	}
	lines := strings.Split(string(src), "\n")
	if len(lines) > maxLines {
		r.put(Problem{Line: maxLines + 1, Kind: ProblemFile, What: fmt.Sprintf("the file has %d lines", len(lines)), Expected: fmt.Sprintf("at most %d", maxLines)})
		return nil
	}
	for i := range lines {
		if len(lines[i]) > maxLine {
			r.put(Problem{Line: i + 1, Kind: ProblemFile, What: fmt.Sprintf("this line is %d bytes long", len(lines[i])), Expected: "at most 32 KiB"})
			return nil
		}
	}
	if line := tooDeep(lines); line > 0 {
		r.put(Problem{Line: line, Kind: ProblemFile, What: "this is nested too deeply", Expected: fmt.Sprintf("at most %d levels", maxDepth)})
		return nil
	}
	// The parser has no promise about hostile input.
	defer func() {
		if p := recover(); p != nil {
			r.put(Problem{Kind: ProblemFile, What: "this is not YAML that can be read", Expected: "a YAML map"})
			root = nil
		}
	}()
	file, err := parser.ParseBytes(src, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		file, err = parser.ParseBytes([]byte(quoteIndexes(string(src))), 0, parser.AllowDuplicateMapKey())
	}
	if err != nil {
		unreadable(r, err, lines)
		return nil
	}
	var bodies []ast.Node
	for _, d := range file.Docs {
		if d.Body != nil {
			bodies = append(bodies, d.Body)
		}
	}
	if len(bodies) == 0 {
		r.put(Problem{Line: 1, Kind: ProblemFile, What: "the file is empty", Expected: "a YAML map"})
		return nil
	}
	if len(bodies) > 1 {
		pos := position(bodies[1])
		r.put(Problem{Line: pos.Line, Column: pos.Column, Kind: ProblemFile, What: "a second document begins here", Expected: "one document"})
		return nil
	}
	before := len(r.found)
	root = convert(r, bodies[0], 0)
	if len(r.found) > before {
		return nil
	}
	return root
}

// unreadable reports why the parser refused a file: by the mistake that led to
// it where that can be found, else in the parser's words and at its place.
func unreadable(r *report, err error, lines []string) {
	var at yaml.Error
	var pos token.Position
	said := domain.Clip(firstLine(err.Error()), 200)
	if errors.As(err, &at) && at.GetToken() != nil && at.GetToken().Position != nil {
		pos, said = *at.GetToken().Position, at.GetMessage()
	}
	// What stands below the place where the parser gave up is not its reason;
	// a line too deep is noticed at the one above.
	if s := findSlip(lines); s != nil && (pos.Line == 0 || s.line <= pos.Line+1) {
		r.put(Problem{Line: s.line, Column: s.column, Kind: ProblemFile, Found: s.word, What: s.what, Expected: s.expected, DidYouMean: s.meant})
		return
	}
	r.put(Problem{Line: pos.Line, Column: pos.Column, Kind: ProblemFile, What: "this is not valid YAML: " + said})
}

// tooDeep finds, before parsing, the first line whose nesting could pass the
// limit by far: parsers recurse, and a stack that overflows cannot be
// recovered from.
func tooDeep(lines []string) int {
	depth := 0
	for i, line := range lines {
		marks, indent, lead := 0, 0, true
		for _, c := range line {
			switch c {
			case '[', '{':
				depth++
				lead = false
			case ']', '}':
				depth = max(0, depth-1)
				lead = false
			case '-', '?', '&', '!', ':':
				if lead {
					marks++
				}
			case ' ', '\t':
				if lead && marks == 0 {
					indent++
				}
			default:
				lead = false
			}
		}
		if depth > 60 || marks > 60 && strings.Trim(line, "- \t\r") != "" || indent > 400 {
			return i + 1
		}
	}
	return 0
}

func position(n ast.Node) token.Position {
	if t := n.GetToken(); t != nil && t.Position != nil {
		return *t.Position
	}
	return token.Position{}
}

func convert(r *report, in ast.Node, depth int) *node {
	pos := position(in)
	n := &node{line: pos.Line, column: pos.Column}
	if depth > maxDepth {
		r.at(n, fmt.Sprintf("at most %d levels", maxDepth), "", "this is nested too deeply")
		return n
	}
	switch v := in.(type) {
	case *ast.MappingNode:
		n.kind = mapNode
		convertEntries(r, n, v.Values, depth)
	case *ast.MappingValueNode:
		n.kind = mapNode
		convertEntries(r, n, []*ast.MappingValueNode{v}, depth)
	case *ast.SequenceNode:
		n.kind = listNode
		for _, item := range v.Values {
			n.items = append(n.items, convert(r, item, depth+1))
		}
	case *ast.NullNode:
		n.kind = nullNode
	case *ast.StringNode:
		n.text = v.Value
		n.quoted = v.Token != nil && (v.Token.Type == token.SingleQuoteType || v.Token.Type == token.DoubleQuoteType)
	case *ast.LiteralNode:
		n.literal, n.quoted = true, true
		if v.Value != nil {
			n.text = v.Value.Value
		}
	case *ast.BoolNode, *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		n.text = in.GetToken().Value
	case *ast.AnchorNode, *ast.AliasNode, *ast.MergeKeyNode:
		r.at(n, "the value itself", "", "anchors, aliases and merge keys are not accepted")
		n.kind = nullNode
	case *ast.TagNode:
		r.at(n, "a plain value", "", "tags are not accepted")
		n.kind = nullNode
	default:
		r.at(n, "a map, a list or a word", "", "this kind of YAML is not accepted")
		n.kind = nullNode
	}
	return n
}

func convertEntries(r *report, n *node, values []*ast.MappingValueNode, depth int) {
	if len(values) > 0 {
		pos := position(values[0].Key)
		n.line, n.column = pos.Line, pos.Column
	}
	seen := make(map[string]int, len(values))
	for _, v := range values {
		at := &node{}
		if key, ok := v.Key.(ast.Node); ok {
			at = convert(r, key, maxDepth)
		}
		if at.kind != scalarNode {
			if at.kind != nullNode {
				r.at(at, "a word", "", "this key is not a word")
			}
			continue
		}
		if line, twice := seen[at.text]; twice {
			r.at(at, "each key once", "", "key %q stands twice, first in line %d", domain.Clip(at.text, 60), line)
			continue
		}
		seen[at.text] = at.line
		value := &node{kind: nullNode, line: at.line, column: at.column}
		if v.Value != nil {
			value = convert(r, v.Value, depth+1)
		}
		n.entries = append(n.entries, entry{key: at.text, at: at, value: value})
	}
}

// keys reports every key of a map that is not an accepted one.
func (r *report) keys(n *node, where string, accepted ...string) {
	for _, e := range n.entries {
		ok := false
		for _, a := range accepted {
			ok = ok || a == e.key
		}
		if !ok {
			r.oneOf(e.at, where+" has no", e.key, accepted)
		}
	}
}

// isMap reports a value that is not a map.
func (r *report) isMap(n *node, what string) bool {
	if n.kind == mapNode {
		return true
	}
	r.at(n, "a map", "", "%s is %s", what, n.kind)
	return false
}

// word returns a scalar's text; it reports anything else and an empty one.
func (r *report) word(n *node, what string) (string, bool) {
	if n.kind != scalarNode {
		r.at(n, "a word", "", "%s is %s", what, n.kind)
		return "", false
	}
	s := strings.TrimSpace(n.text)
	if s == "" {
		r.at(n, "a word", "", "%s is empty", what)
		return "", false
	}
	return s, true
}

// words returns a list of words; one word stands for a list of one.
func (r *report) words(n *node, what string) []*node {
	switch n.kind {
	case scalarNode:
		return []*node{n}
	case listNode:
		var out []*node
		for _, item := range n.items {
			if _, ok := r.word(item, what); ok {
				out = append(out, item)
			}
		}
		return out
	}
	r.at(n, "a word or a list of words", "", "%s is %s", what, n.kind)
	return nil
}

// boolean returns a scalar's truth; it reports anything else.
func (r *report) boolean(n *node, what string) bool {
	if n.kind == scalarNode && !n.quoted {
		if v, err := strconv.ParseBool(n.text); err == nil {
			return v
		}
	}
	r.at(n, "true or false", "", "%s is not true or false", what)
	return false
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return s
}
