package main

import (
	"errors"
	"regexp"
	"strings"

	"github.com/contact-advocate/advocate/internal/social"
)

// keyFlags is the flag of "advocate connect" for a key that is not called as it.
var keyFlags = map[string]string{"url": "server"}

// keyInText is what stands in quotes, or a key of more than one word, which no
// sentence has otherwise.
var keyInText = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|\b[a-z]+(_[a-z]+)+\b`)

func flagName(key string) string {
	if f := keyFlags[key]; f != "" {
		return "--" + f
	}
	return "--" + strings.ReplaceAll(key, "_", "-")
}

// flagsIn is a sentence with flags for keys; what it quotes, such as what was
// given, stays.
func flagsIn(sentence string) string {
	return keyInText.ReplaceAllStringFunc(sentence, func(s string) string {
		if s[0] == '"' {
			return s
		}
		return flagName(s)
	})
}

// byFlags says what is wrong with an account in the words of who gave it by
// flags: all mistakes, a line each.
func byFlags(err error) error {
	var m *social.Mistakes
	if !errors.As(err, &m) {
		return err
	}
	var lines []string
	for _, x := range m.All {
		x.Key = flagName(x.Key)
		x.Is, x.Want = flagsIn(x.Is), flagsIn(x.Want)
		lines = append(lines, x.String())
	}
	return usagef("%s", strings.Join(lines, "\n"))
}
