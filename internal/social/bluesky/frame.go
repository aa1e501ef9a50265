package bluesky

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/fxamacker/cbor/v2"
)

// Limits on a frame. The data model allows 200 operations and 2 MB of blocks
// in a commit (https://atproto.com/specs/sync, "Firehose Event Validation Best
// Practices").
const (
	maxFrame = 5 << 20 // bytes
	maxOps   = 200
)

var decoder = func() cbor.DecMode {
	m, err := cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, IndefLength: cbor.IndefLengthForbidden,
		MaxNestedLevels: 32, MaxArrayElements: 4096, MaxMapPairs: 1024,
		DefaultMapType: reflect.TypeFor[map[string]any](),
	}.DecMode()
	if err != nil {
		panic(err)
	}
	return m
}()

// frame is one message of com.atproto.sync.subscribeRepos, of which only what
// we use is kept.
type frame struct {
	Kind   string // "#commit", "#identity", "#info", "error", …
	Seq    int64
	Time   time.Time
	DID    string
	Name   string // an error's or an info's
	Writes []write
}

// write is a change of one post.
type write struct {
	Action string // "create", "update", "delete"
	Key    string
	CID    cid
	Block  []byte // the record as it came; nil for a deletion
}

// wireFrame has the fields of all kinds of messages.
type wireFrame struct {
	Seq    int64    `cbor:"seq"`
	Repo   string   `cbor:"repo"`
	DID    string   `cbor:"did"`
	Time   string   `cbor:"time"`
	Blocks []byte   `cbor:"blocks"`
	Ops    []wireOp `cbor:"ops"`
	Name   string   `cbor:"name"`
	Error  string   `cbor:"error"`
}

type wireOp struct {
	Action string          `cbor:"action"`
	Path   string          `cbor:"path"`
	CID    cbor.RawMessage `cbor:"cid"`
}

// parseFrame reads a frame: two DAG-CBOR objects one after the other, a header
// and a payload (https://atproto.com/specs/event-stream, "Framing").
func parseFrame(b []byte) (frame, error) {
	var head struct {
		Op int64  `cbor:"op"`
		T  string `cbor:"t"`
	}
	rest, err := decoder.UnmarshalFirst(b, &head)
	if err != nil {
		return frame{}, errors.New("the frame's header cannot be read")
	}
	if head.Op != 1 && head.Op != -1 {
		return frame{Kind: "unknown"}, nil // "clients should ignore frames with unknown op"
	}
	var w wireFrame
	if err := decoder.Unmarshal(rest, &w); err != nil {
		return frame{}, errors.New("the frame's payload cannot be read")
	}
	f := frame{Kind: head.T, Seq: w.Seq, DID: w.DID, Name: w.Name}
	f.Time, _ = time.Parse(time.RFC3339Nano, w.Time)
	if head.Op == -1 {
		f.Kind, f.Name = "error", w.Error
		return f, nil
	}
	if head.T != "#commit" {
		return f, nil
	}
	f.DID = w.Repo
	if !validDID(f.DID) || len(w.Ops) > maxOps {
		return f, errors.New("the commit is malformed")
	}
	return f, f.readOps(&w)
}

// readOps keeps the operations on posts, with their records.
func (f *frame) readOps(w *wireFrame) error {
	for _, op := range w.Ops {
		key, ok := strings.CutPrefix(op.Path, postCollection+"/")
		if !ok || !validKey(key) {
			continue
		}
		x := write{Action: op.Action, Key: key}
		if op.Action != "delete" {
			c, ok := readLink(op.CID)
			if !ok {
				continue
			}
			x.CID = c
		}
		f.Writes = append(f.Writes, x)
	}
	if len(f.Writes) == 0 {
		return nil
	}
	return f.readBlocks(w.Blocks)
}

// readLink reads a CID in DAG-CBOR: tag 42 over 37 bytes, the first of them 0.
func readLink(b []byte) (cid, bool) {
	if len(b) != 41 || !bytes.Equal(b[:5], []byte{0xd8, 42, 0x58, 37, 0}) {
		return cid{}, false
	}
	return cid(b[5:]), true
}

// readBlocks looks up the records in a CAR file: a header, then blocks, each
// with its length and its CID before it (https://ipld.io/specs/transport/car/carv1).
func (f *frame) readBlocks(b []byte) error {
	if !slices.ContainsFunc(f.Writes, func(w write) bool { return w.Action != "delete" }) {
		return nil
	}
	if _, err := section(&b); err != nil {
		return err
	}
	for len(b) > 0 {
		s, err := section(&b)
		if err != nil {
			return err
		}
		if len(s) < len(cid{}) {
			continue
		}
		c := cid(s[:len(cid{})])
		for i := range f.Writes {
			if w := &f.Writes[i]; w.CID == c && w.Action != "delete" {
				w.Block = s[len(c):]
			}
		}
	}
	return nil
}

func section(b *[]byte) ([]byte, error) {
	n, size := binary.Uvarint(*b)
	if size <= 0 || n > uint64(len(*b)-size) {
		return nil, errors.New("the commit's blocks cannot be read")
	}
	s := (*b)[size : size+int(n)]
	*b = (*b)[size+int(n):]
	return s, nil
}

// record reads the write's record, after holding it against its hash.
func (w *write) record() (*record, error) {
	if w.Block == nil || len(w.Block) > maxRecord || !w.CID.names(w.Block) {
		return nil, errors.New("the record is missing, too large or not the one that is named")
	}
	var v any
	if err := decoder.Unmarshal(w.Block, &v); err != nil {
		return nil, errors.New("the record cannot be read")
	}
	b, err := json.Marshal(plain(v))
	if err != nil {
		return nil, errors.New("the record cannot be read")
	}
	return parseRecord(b)
}

// plain turns the data model's CBOR into its JSON
// (https://atproto.com/specs/data-model, "JSON Representation").
func plain(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			v[k] = plain(x)
		}
		return v
	case []any:
		for i, x := range v {
			v[i] = plain(x)
		}
		return v
	case cbor.Tag:
		if b, ok := v.Content.([]byte); ok && v.Number == 42 && len(b) == 37 && b[0] == 0 {
			return map[string]any{"$link": cid(b[1:]).String()}
		}
		return nil
	case []byte:
		return nil // no field of ours
	}
	return v
}
