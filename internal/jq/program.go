package jq

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/itchyny/gojq"
)

// Limits of one run.
const (
	Timeout    = 100 * time.Millisecond
	MaxProgram = 16 << 10 // bytes of source
	MaxResults = 1000
	MaxOutput  = 1 << 20 // bytes in all results together, unless RunMax says less
	MaxDepth   = 64      // of a result
	maxStep    = 4 << 20 // bytes that one step may build
	maxIndex   = 100_000 // of an array that a program grows
	maxBits    = 4096    // of a whole number that a program multiplies
)

// Program is a compiled program. It is safe for concurrent use.
type Program struct {
	place string
	code  *gojq.Code
}

// Compile parses and compiles src. place names where it stands, for errors:
// "advocate.yaml: sources.shop.map". vars are the variables that Run will be
// given values for, with their "$".
func Compile(place, src string, vars ...string) (p *Program, err error) {
	if strings.TrimSpace(src) == "" {
		return nil, fmt.Errorf("%s: the jq program is empty; want an expression, for example {found: true, data: .}", place)
	}
	if len(src) > MaxProgram {
		return nil, fmt.Errorf("%s: the jq program is %d bytes long; at most %d are accepted", place, len(src), MaxProgram)
	}
	q, err := gojq.Parse(src)
	if err != nil {
		return nil, parseError(place, src, err)
	}
	if err := guard(q); err != nil {
		return nil, fmt.Errorf("%s: %w", place, err)
	}
	defer func() {
		if r := recover(); r != nil { // see RunMax
			p, err = nil, fmt.Errorf("%s: jq: the program cannot be compiled: %.200v", place, r)
		}
	}()
	if err := addRegex(q); err != nil {
		return nil, fmt.Errorf("%s: %w", place, err)
	}
	opts := append(guardFunctions(), regexFunctions()...)
	opts = append(opts, gojq.WithVariables(append(vars[:len(vars):len(vars)], varUntil)))
	code, err := gojq.Compile(q, opts...)
	if err != nil {
		hint := ""
		if len(vars) > 0 && strings.Contains(err.Error(), "variable not defined") {
			hint = "; known are " + strings.Join(vars, ", ")
		}
		return nil, fmt.Errorf("%s: jq: %w%s", place, err, hint)
	}
	return &Program{place: place, code: code}, nil
}

func parseError(place, src string, err error) error {
	var pe *gojq.ParseError
	if !errors.As(err, &pe) {
		return fmt.Errorf("%s: jq: %w", place, err)
	}
	at := min(max(pe.Offset-len(pe.Token), 0), len(src))
	line := 1 + strings.Count(src[:at], "\n")
	col := at - strings.LastIndexByte(src[:at], '\n')
	if pe.Token == "" {
		return fmt.Errorf("%s: jq line %d, column %d: the program ends too early; is a bracket or an \"end\" missing?", place, line, col)
	}
	return fmt.Errorf("%s: jq line %d, column %d: unexpected %.40q", place, line, col, pe.Token)
}

// Run runs the program over v, which is what Decode gives, and returns its
// results in order. v is not changed and must not be changed meanwhile.
// The error of a run names the place and may quote a little of the input, so
// it is for logs and operators, not for customers.
func (p *Program) Run(ctx context.Context, v any, vars ...any) ([]any, error) {
	return p.RunMax(ctx, MaxOutput, v, vars...)
}

// RunMax is Run with a smaller limit on the size of the results.
func (p *Program) RunMax(ctx context.Context, maxBytes int, v any, vars ...any) (out []any, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, Timeout, errTime)
	defer cancel()
	defer func() {
		// The library is not ours; a panic in it must cost one mapping only.
		if r := recover(); r != nil {
			out, err = nil, fmt.Errorf("%s: jq: the program failed inside: %.200v", p.place, r)
		}
	}()
	left := maxBytes
	until, _ := ctx.Deadline()
	iter := p.code.RunWithContext(ctx, v, append(vars[:len(vars):len(vars)], int(until.Sub(started)))...)
	for {
		v, ok := iter.Next()
		if !ok {
			return out, nil
		}
		if e, isErr := v.(error); isErr {
			if ctx.Err() != nil {
				e = context.Cause(ctx)
			}
			return nil, fmt.Errorf("%s: jq: %w", p.place, e)
		}
		if len(out) == MaxResults {
			return nil, fmt.Errorf("%s: jq: more than %d results", p.place, MaxResults)
		}
		if left, err = measure(v, left, MaxDepth); err != nil {
			return nil, fmt.Errorf("%s: jq: the results are %w", p.place, sizeError{err, maxBytes})
		}
		out = append(out, v)
	}
}

var errTime = fmt.Errorf("it ran longer than %v", Timeout)

// Decode reads one JSON value for Run. Numbers keep all their digits.
func Decode(b []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, errors.New("it is empty")
		}
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("something follows the JSON value at byte %d", dec.InputOffset())
	}
	return v, nil
}

// Encode writes a result as compact JSON with sorted keys.
func Encode(v any) ([]byte, error) { return gojq.Marshal(v) }
