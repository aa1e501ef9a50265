package bluesky

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"
)

func cidBytes(c cid) []byte { return c[:] }

func cidOf(b []byte) (c cid) {
	sum := sha256.Sum256(b)
	copy(c[:], []byte{1, 0x71, 0x12, 32})
	copy(c[4:], sum[:])
	return c
}

func link(c cid) cbor.Tag { return cbor.Tag{Number: 42, Content: append([]byte{0}, c[:]...)} }

func block(b []byte) []byte { return append(binary.AppendUvarint(nil, uint64(len(b))), b...) }

var dagCBOR = func() cbor.EncMode {
	m, err := cbor.EncOptions{Sort: cbor.SortLengthFirst}.EncMode()
	if err != nil {
		panic(err)
	}
	return m
}()

func mustMarshal(t testing.TB, v any) []byte {
	b, err := dagCBOR.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func twoObjects(t testing.TB, head, body any) []byte {
	return append(mustMarshal(t, head), mustMarshal(t, body)...)
}

// encode turns a record's JSON into DAG-CBOR.
func encode(t testing.TB, value json.RawMessage) []byte {
	d := json.NewDecoder(strings.NewReader(string(value)))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return mustMarshal(t, toModel(v))
}

func toModel(v any) any {
	switch v := v.(type) {
	case map[string]any:
		if l, ok := v["$link"].(string); ok && len(v) == 1 {
			b, err := base32Lower.DecodeString(l[1:])
			if err != nil || len(b) != 36 {
				panic("a link in a test is no CID")
			}
			return link(cid(b))
		}
		for k, x := range v {
			v[k] = toModel(x)
		}
	case []any:
		for i, x := range v {
			v[i] = toModel(x)
		}
	case json.Number:
		n, err := v.Int64()
		if err != nil {
			panic(fmt.Sprintf("%v is no integer", v))
		}
		return n
	}
	return v
}
