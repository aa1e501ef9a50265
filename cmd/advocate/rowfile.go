package main

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/source"
)

// Limits on files that are read row by row.
const (
	maxRowBytes = 1 << 20
	maxRows     = 5_000_000
	maxSkipped  = 64 << 20 // of one line of JSON that is too long, before the file is given up
)

// row is one line of a CSV or JSONL file as JSON fields. Err says why it
// could not be read; the rows after it can.
type row struct {
	line   int
	fields map[string]json.RawMessage
	err    error
}

// rowFile reads CSV or JSON lines, whichever the file is.
type rowFile struct {
	name  string
	f     io.Closer
	lines *bufio.Reader // JSON lines
	line  int
	csv   *csv.Reader
	head  []string
	rows  int
}

// openRows opens a file, "-" for standard input. required names the columns
// that a CSV must have, known those that mean something.
func openRows(name string, stdin io.Reader, required, known []string) (*rowFile, error) {
	var in io.Reader = stdin
	var closer io.Closer = io.NopCloser(nil)
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		if st, err := f.Stat(); err == nil && st.IsDir() {
			f.Close()
			return nil, fmt.Errorf("%s: is a folder; want a CSV or JSON lines file", name)
		}
		in, closer = f, f
	}
	r, err := newRows(name, in, closer, required, known)
	if err != nil {
		closer.Close()
	}
	return r, err
}

func newRows(name string, in io.Reader, closer io.Closer, required, known []string) (*rowFile, error) {
	// Spreadsheets write byte order marks, and UTF-16.
	in = transform.NewReader(in, unicode.BOMOverride(encoding.Nop.NewDecoder()))
	short := &shortLines{in: in}
	r := &rowFile{name: name, f: closer, lines: bufio.NewReaderSize(short, 64<<10)}
	isCSV, err := r.looksLikeCSV()
	if !isCSV {
		short.tolerant = true
	}
	if err == nil && isCSV {
		err = r.startCSV(required, known)
	}
	return r, err
}

// shortLines ends a file with an error where a line grows past what one may
// have: a CSV is read line by line, and a line without an end would fill the
// memory. JSON lines may be a little longer, for they are skipped one by one.
type shortLines struct {
	in       io.Reader
	line     int // lines that have ended
	length   int // bytes of the one that has not
	tolerant bool
}

func (s *shortLines) Read(p []byte) (int, error) {
	n, err := s.in.Read(p)
	for _, b := range p[:n] {
		if b == '\n' {
			s.line, s.length = s.line+1, 0
			continue
		}
		if s.length++; s.length > maxRowBytes && !s.tolerant || s.length > maxSkipped {
			return 0, fmt.Errorf("line %d is longer than %d MiB; is this a CSV or JSON lines file?", s.line+1, maxRowBytes>>20)
		}
	}
	return n, err
}

func (r *rowFile) Close() error { return r.f.Close() }

// looksLikeCSV goes by the file's name, else by its first letter.
func (r *rowFile) looksLikeCSV() (bool, error) {
	switch strings.ToLower(filepath.Ext(r.name)) {
	case ".csv", ".tsv":
		return true, nil
	case ".jsonl", ".ndjson":
		return false, nil
	}
	for n := 1; ; n++ {
		b, err := r.lines.Peek(n)
		if len(b) < n {
			if errors.Is(err, io.EOF) {
				return false, nil // empty: no rows, in either format
			}
			return false, err
		}
		switch c := b[n-1]; c {
		case ' ', '\t', '\r', '\n':
		case '{':
			return false, nil
		case '[':
			return false, fmt.Errorf("%s: is a JSON array; want one JSON object a line, or CSV", r.name)
		default:
			return true, nil
		}
	}
}

func (r *rowFile) startCSV(required, known []string) error {
	first, _ := r.lines.Peek(4096)
	if i := strings.IndexByte(string(first), '\n'); i >= 0 {
		first = first[:i]
	}
	r.csv = csv.NewReader(r.lines)
	r.csv.FieldsPerRecord = -1
	for _, sep := range ";\t" {
		if strings.Count(string(first), string(sep)) > strings.Count(string(first), ",") {
			r.csv.Comma = sep
		}
	}
	head, err := r.csv.Read()
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: is empty; want a first line with column names, of %s", r.name, strings.Join(known, ", "))
	}
	if err != nil {
		return fmt.Errorf("%s: %w", r.name, err)
	}
	for i := range head {
		head[i] = strings.ReplaceAll(strings.ToLower(strings.TrimSpace(head[i])), " ", "_")
		if head[i] != "" && slices.Index(head, head[i]) < i {
			return fmt.Errorf("%s:1: the column %q stands there twice", r.name, clean(head[i]))
		}
	}
	for _, c := range required {
		if !slices.Contains(head, c) {
			return fmt.Errorf("%s:1: there is no column %q; the first line must name the columns, of %s", r.name, c, strings.Join(known, ", "))
		}
	}
	r.head = head
	return nil
}

// next returns the next row; io.EOF after the last one. Any other error ends
// the file.
func (r *rowFile) next() (row, error) {
	if r.rows++; r.rows > maxRows {
		return row{}, fmt.Errorf("%s: has more than %d rows; split the file", r.name, maxRows)
	}
	if r.csv != nil {
		return r.nextCSV()
	}
	return r.nextJSON()
}

// errNotUTF8 is of rows from programs that write Latin-1, say. Repaired, the
// ids of two customers could be one.
var errNotUTF8 = errors.New("is not UTF-8; save the file as UTF-8")

func (r *rowFile) nextCSV() (row, error) {
	cells, err := r.csv.Read()
	if errors.Is(err, io.EOF) {
		return row{}, io.EOF
	}
	var bad *csv.ParseError
	if errors.As(err, &bad) {
		return row{line: bad.StartLine, err: bad.Err}, nil
	}
	if err != nil {
		return row{}, fmt.Errorf("%s: %w", r.name, err)
	}
	line, _ := r.csv.FieldPos(0)
	out := row{line: line, fields: make(map[string]json.RawMessage, len(cells))}
	if len(cells) != len(r.head) { // a cell too few shifts the others as one too many does
		out.err = fmt.Errorf("has %s; the first line names %s", amount(len(cells), "cell"), amount(len(r.head), "column"))
		return out, nil
	}
	for i, c := range cells {
		if !utf8.ValidString(c) {
			out.err = errNotUTF8
			return out, nil
		}
		if r.head[i] == "" || strings.TrimSpace(c) == "" {
			continue
		}
		b, err := json.Marshal(c)
		if err != nil {
			return row{}, err
		}
		out.fields[r.head[i]] = b
	}
	return out, nil
}

func (r *rowFile) nextJSON() (row, error) {
	for {
		b, tooLong, err := r.readLine()
		if err != nil {
			return row{}, err
		}
		if tooLong {
			return row{line: r.line, err: fmt.Errorf("is longer than %d bytes", maxRowBytes)}, nil
		}
		text := strings.TrimSpace(string(b))
		if text == "" {
			continue
		}
		out := row{line: r.line}
		if !utf8.ValidString(text) {
			out.err = errNotUTF8
			return out, nil
		}
		if err := json.Unmarshal([]byte(text), &out.fields); err != nil {
			out.err = errors.New(jsonProblem(err))
		} else if out.fields == nil {
			out.err = errors.New("is null; want a JSON object")
		} else if name := source.RepeatedName([]byte(text)); name != "" {
			out.err = fmt.Errorf("%s: stands twice in one object; want each name once", clean(domain.Clip(name, 60)))
		}
		return out, nil
	}
}

// readLine reads one line without its end. The rest of a line that is too
// long is skipped.
func (r *rowFile) readLine() (b []byte, tooLong bool, err error) {
	r.line++
	for {
		part, err := r.lines.ReadSlice('\n')
		if !tooLong {
			b = append(b, part...)
			tooLong = len(b) > maxRowBytes
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && len(b) == 0:
			return nil, false, io.EOF
		case err != nil && !errors.Is(err, io.EOF):
			return nil, false, fmt.Errorf("%s: %w", r.name, err)
		}
		return b, tooLong, nil
	}
}

// jsonProblem says what is wrong with a line of JSON without the words of the
// decoder's own types.
func jsonProblem(err error) string {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Sprintf("is not JSON (byte %d: %s); want one JSON object a line", syntax.Offset, syntax.Error())
	case errors.As(err, &kind):
		if kind.Field != "" {
			return fmt.Sprintf("%s: is a JSON %s; want a %s", kind.Field, kind.Value, kindName(kind.Type.Kind().String()))
		}
		return fmt.Sprintf("is a JSON %s; want a JSON object", kind.Value)
	}
	return err.Error()
}

func kindName(k string) string {
	switch k {
	case "int", "int64", "float64":
		return "number"
	case "slice":
		return "list"
	case "struct", "map":
		return "object"
	case "bool":
		return "true or false"
	}
	return k
}
