package config

import (
	"bytes"
	"errors"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/contact-advocate/advocate/internal/domain"
)

// Limits on a file.
const (
	maxSource = 1 << 20
	maxDepth  = 16
	maxIndent = 200
)

// node is a YAML value with its place. Tags, anchors and merges are refused:
// a configuration needs none, and they are how a small file becomes huge.
type node struct {
	line, column int
	kind         byte // 's' scalar, 'm' map, 'l' list, 'n' null
	text         string
	keys         []member
	items        []*node
}

type member struct {
	name string
	at   *node
	val  *node
}

// parseYAML reads one document; nil means an empty one, or that problems were
// reported.
func (r *report) parseYAML(src []byte) (root *node) {
	if len(src) > maxSource {
		r.add(0, 0, "the file is larger than 1 MiB", "a configuration", "")
		return nil
	}
	if line := deepLine(src); line > 0 {
		r.add(line, 0, "this is nested too deeply", "at most 16 levels", "")
		return nil
	}
	defer func() { // the parser promises nothing about hostile input
		if p := recover(); p != nil {
			r.add(0, 0, "this is not YAML that can be read", "a YAML map", "")
			root = nil
		}
	}()
	file, err := parser.ParseBytes(src, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		var at yaml.Error
		if errors.As(err, &at) && at.GetToken() != nil && at.GetToken().Position != nil {
			r.add(at.GetToken().Position.Line, at.GetToken().Position.Column, "this is not valid YAML: "+at.GetMessage(), "", "")
		} else {
			first, _, _ := strings.Cut(err.Error(), "\n")
			r.add(0, 0, "this is not valid YAML: "+domain.Clip(first, 200), "", "")
		}
		return nil
	}
	for _, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		if root != nil {
			at := r.convert(doc.Body, 0)
			r.add(at.line, at.column, "a second document begins here", "one document", "")
			return nil
		}
		root = r.convert(doc.Body, 0)
	}
	if root != nil && root.kind != 'm' && root.kind != 'n' {
		r.add(root.line, root.column, "the file is not a map", "keys such as listen:, data: and policy:", "")
		return nil
	}
	return root
}

// deepLine finds, before parsing, the first line that nests without end:
// the parser recurses, and nothing recovers from a stack that overflows.
func deepLine(src []byte) int {
	open, line := 0, 0
	for text := range bytes.Lines(src) {
		line++
		lead := len(text) - len(bytes.TrimLeft(text, " \t-?:&!"))
		open += bytes.Count(text, []byte("[")) + bytes.Count(text, []byte("{"))
		open = max(0, open-bytes.Count(text, []byte("]"))-bytes.Count(text, []byte("}")))
		if open > maxIndent || lead > maxIndent && !dashes(text) {
			return line
		}
	}
	return 0
}

// dashes reports a line that only separates or is blank.
func dashes(text []byte) bool {
	return len(bytes.Trim(text, "- \t\r\n")) == 0 && !bytes.Contains(text, []byte("- "))
}

func (r *report) convert(in ast.Node, depth int) *node {
	n := &node{kind: 'n'}
	if t := in.GetToken(); t != nil && t.Position != nil {
		n.line, n.column = t.Position.Line, t.Position.Column
	}
	if depth > maxDepth {
		r.add(n.line, n.column, "this is nested too deeply", "at most 16 levels", "")
		return n
	}
	switch v := in.(type) {
	case *ast.MappingNode:
		r.members(n, v.Values, depth)
	case *ast.MappingValueNode:
		r.members(n, []*ast.MappingValueNode{v}, depth)
	case *ast.SequenceNode:
		n.kind = 'l'
		for _, item := range v.Values {
			n.items = append(n.items, r.convert(item, depth+1))
		}
	case *ast.NullNode:
	case *ast.StringNode:
		n.kind, n.text = 's', v.Value
	case *ast.LiteralNode:
		n.kind = 's'
		if v.Value != nil {
			n.text = v.Value.Value
		}
	case *ast.BoolNode, *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		n.kind, n.text = 's', in.GetToken().Value
	case *ast.AnchorNode, *ast.AliasNode, *ast.MergeKeyNode, *ast.TagNode:
		r.add(n.line, n.column, "anchors, aliases, merge keys and tags are not accepted", "the value itself", "")
	default:
		r.add(n.line, n.column, "this kind of YAML is not accepted", "a map, a list or a value", "")
	}
	return n
}

func (r *report) members(n *node, values []*ast.MappingValueNode, depth int) {
	n.kind = 'm'
	if len(values) > 0 {
		// a map's own token is its first colon; its first key is a better place
		if t := values[0].Key.GetToken(); t != nil && t.Position != nil {
			n.line, n.column = t.Position.Line, t.Position.Column
		}
	}
	seen := map[string]int{}
	for _, v := range values {
		at := r.convert(v.Key, depth+1)
		name := at.text
		if at.kind != 's' {
			r.add(at.line, at.column, "this key is not a word", "a word and a colon", "")
			continue
		}
		if first, ok := seen[name]; ok {
			r.addf(at, "", "", "%q stands a second time; the first is in line %d", domain.Clip(name, 60), first)
			continue
		}
		seen[name] = at.line
		val := &node{kind: 'n', line: at.line, column: at.column}
		if v.Value != nil {
			val = r.convert(v.Value, depth+1)
		}
		n.keys = append(n.keys, member{name, at, val})
	}
}
