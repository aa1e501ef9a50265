package bluesky

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"regexp"
	"strings"
	"time"
)

const postCollection = "app.bsky.feed.post"

var (
	// https://atproto.com/specs/did, "AT Protocol DID Identifier Syntax".
	didPattern = regexp.MustCompile(`^did:[a-z]+:[a-zA-Z0-9._:%-]*[a-zA-Z0-9._-]$`)
	// https://atproto.com/specs/record-key, "Record Key Syntax".
	keyPattern = regexp.MustCompile(`^[a-zA-Z0-9._~:-]{1,256}$`)
)

func validDID(s string) bool { return len(s) <= 200 && didPattern.MatchString(s) }

func validKey(s string) bool { return keyPattern.MatchString(s) && s != "." && s != ".." }

// postURI is the address of a post, which is its id.
func postURI(did, key string) string { return "at://" + did + "/" + postCollection + "/" + key }

// splitURI takes a post's address apart.
func splitURI(uri string) (did, key string, ok bool) {
	rest, ok := strings.CutPrefix(uri, "at://")
	if !ok {
		return "", "", false
	}
	did, rest, ok = strings.Cut(rest, "/")
	if !ok || !validDID(did) {
		return "", "", false
	}
	key, ok = strings.CutPrefix(rest, postCollection+"/")
	return did, key, ok && validKey(key)
}

// ownerOf is the DID that an address begins with, "" if it has none.
func ownerOf(uri string) string {
	rest, _ := strings.CutPrefix(uri, "at://")
	did, _, _ := strings.Cut(rest, "/")
	return did
}

// sortable is the alphabet of a TID (https://atproto.com/specs/tid, "TID
// Syntax"): 13 letters of five bits, the first bit 0, then 53 bits of
// microseconds since 1970 and 10 of a clock's id.
const sortable = "234567abcdefghijklmnopqrstuvwxyz"

func tid(micros uint64, clock uint16) string {
	v := micros&(1<<53-1)<<10 | uint64(clock&0x3ff)
	var out [13]byte
	for i := 12; i >= 0; i-- {
		out[i] = sortable[v&31]
		v >>= 5
	}
	return string(out[:])
}

// tidTime is the time in a TID.
func tidTime(s string) (micros uint64, ok bool) {
	if len(s) != 13 {
		return 0, false
	}
	var v uint64
	for i := range len(s) {
		d := strings.IndexByte(sortable, s[i])
		if d < 0 || i == 0 && d > 15 {
			return 0, false
		}
		v = v<<5 | uint64(d)
	}
	return v >> 10, true
}

// replyKey is the record key of our answer: always the same for one message.
// It is a valid TID of soon after the post that is answered, so that it sorts
// where a reader expects it.
func replyKey(messageKey, inReplyTo string) string {
	sum := sha256.Sum256([]byte(messageKey + "\x00" + inReplyTo))
	bits := binary.BigEndian.Uint64(sum[:])
	clock := binary.BigEndian.Uint16(sum[8:])
	_, parent, _ := splitURI(inReplyTo)
	if at, ok := tidTime(parent); ok && at < 1<<52 {
		return tid(at+1+bits%(1<<30), clock) // within 18 minutes
	}
	base := uint64(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro())
	return tid(base+bits%(1<<45), clock)
}

// cid is a content identifier in its one form for records: version 1, DAG-CBOR,
// SHA-256 (https://atproto.com/specs/data-model, "link and CID Formats").
type cid [36]byte

var base32Lower = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

func (c cid) String() string { return "b" + base32Lower.EncodeToString(c[:]) }

// isRecord reports whether c names a record, not a blob.
func (c cid) isRecord() bool { return c[0] == 1 && c[1] == 0x71 && c[2] == 0x12 && c[3] == 32 }

func (c cid) names(block []byte) bool {
	sum := sha256.Sum256(block)
	return c.isRecord() && [32]byte(c[4:]) == sum
}
