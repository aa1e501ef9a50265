package playbook

import (
	"strings"
)

// quoteIndexes lets an operator write {orderid: post.order_refs[0]}. YAML
// ends a plain word at "[" inside braces, so such a word is put in quotes
// before parsing; lines stay where they are. It is used only on a file that
// does not parse as it stands.
func quoteIndexes(src string) string {
	var out strings.Builder
	q := &flowQuoter{out: &out, block: -1}
	for i, line := range strings.Split(src, "\n") {
		if i > 0 {
			out.WriteByte('\n')
		}
		q.line(line)
	}
	return out.String()
}

type flowQuoter struct {
	out   *strings.Builder
	depth int // open braces and brackets
	block int // indentation of the key whose block scalar this is, -1 outside
}

func (q *flowQuoter) line(line string) {
	indent := len(line) - len(strings.TrimLeft(line, " "))
	if q.block >= 0 {
		if strings.TrimSpace(line) == "" || indent > q.block {
			q.out.WriteString(line)
			return
		}
		q.block = -1
	}
	start := true // a value may begin here
	for i := 0; i < len(line); {
		ch := line[i]
		switch {
		case ch == '#' && (i == 0 || line[i-1] == ' '):
			q.out.WriteString(line[i:])
			return
		case start && (ch == '"' || ch == '\''):
			n := quotedLength(line[i:])
			q.out.WriteString(line[i : i+n])
			i, start = i+n, false
			continue
		case start && (ch == '{' || ch == '['):
			q.depth++
		case q.depth > 0 && (ch == '}' || ch == ']'):
			q.depth--
			start = false
		case q.depth > 0 && ch == ',', ch == ':' && (i+1 == len(line) || line[i+1] == ' '), ch == '-' && start && i+1 < len(line) && line[i+1] == ' ':
			start = true
		case ch == ' ' || ch == '\t':
		case start && q.depth > 0:
			n, indexed := plainLength(line[i:])
			word := line[i : i+n]
			if trimmed := strings.TrimRight(word, " "); indexed {
				q.out.WriteString("'" + strings.ReplaceAll(trimmed, "'", "''") + "'" + word[len(trimmed):])
			} else {
				q.out.WriteString(word)
			}
			i, start = i+n, false
			continue
		case start && q.depth == 0 && (ch == '|' || ch == '>'):
			q.block = indent
			if head := strings.TrimLeft(line, " "); strings.HasPrefix(head, "- ") {
				q.block = indent + 2
				if !strings.Contains(head[2:], ":") {
					q.block = indent
				}
			}
			q.out.WriteString(line[i:])
			return
		default:
			start = false
		}
		q.out.WriteByte(ch)
		i++
	}
}

// quotedLength is the length of a quoted word, to the line's end if it is
// not closed there.
func quotedLength(s string) int {
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && s[0] == '"':
			i++
		case s[i] == s[0]:
			if s[0] == '\'' && i+1 < len(s) && s[i+1] == '\'' {
				i++
				continue
			}
			return i + 1
		}
	}
	return len(s)
}

// plainLength is the length of a plain word inside braces, and whether it
// holds an index or a call, whose brackets and commas belong to it. A key
// ends at its colon.
func plainLength(s string) (n int, indexed bool) {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch ch := s[i]; {
		case (ch == '"' || ch == '\'') && depth > 0:
			i += quotedLength(s[i:]) - 1
		case ch == '[' && i > 0 && (isWordByte(s[i-1]) || s[i-1] == ']' || s[i-1] == ')'), ch == '(':
			depth++
			indexed = indexed || ch == '['
		case depth > 0 && ch == ',':
			indexed = true
		case depth > 0 && (ch == ']' || ch == ')'):
			depth--
		case depth > 0:
		case ch == ',' || ch == '}' || ch == ']':
			return i, indexed
		case ch == ':' && (i+1 == len(s) || s[i+1] == ' '):
			return i, false
		case ch == '#' && i > 0 && s[i-1] == ' ':
			return i, indexed
		}
	}
	return len(s), indexed
}

func isWordByte(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}
