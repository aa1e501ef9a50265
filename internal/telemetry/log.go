package telemetry

import (
	"io"
	"log/slog"
	"strings"
	"unicode"

	"github.com/contact-advocate/advocate/internal/domain"
)

// LogOptions say what is logged and how.
type LogOptions struct {
	Format string // "text" (default) or "json"
	Level  string // "debug", "info" (default), "warn", "error"
}

// NewLogger makes the program's logger. Keys come out in snake_case whatever
// the caller wrote, and the values of keys that name something personal or
// secret (see redactedKeys) are replaced, so that a careless line in one
// place does not fill the logs with what customers wrote.
func NewLogger(w io.Writer, o LogOptions) (*slog.Logger, error) {
	var level slog.Level
	switch o.Level {
	case "", "info":
	case "debug":
		level = slog.LevelDebug
	case "warn":
		level = slog.LevelWarn
	case "error":
		level = slog.LevelError
	default:
		return nil, domain.FieldErrorf("log.level", "is %.40q; want debug, info, warn or error", o.Level)
	}
	ho := &slog.HandlerOptions{Level: level, ReplaceAttr: replaceAttr}
	switch o.Format {
	case "", "text":
		return slog.New(slog.NewTextHandler(w, ho)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(w, ho)), nil
	}
	return nil, domain.FieldErrorf("log.format", "is %.40q; want text or json", o.Format)
}

// redactedKeys name what must not stand in a log. Ids of ours (customer_id,
// case_id) and of networks are not personal by themselves and stay.
var redactedKeys = map[string]bool{
	"text": true, "body": true, "name": true, "handle": true, "author": true, "phone": true, "number": true,
	"email": true, "address": true, "postcode": true, "note": true,
	"token": true, "secret": true, "password": true, "authorization": true, "cookie": true,
}

func replaceAttr(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && (a.Key == slog.TimeKey || a.Key == slog.LevelKey || a.Key == slog.MessageKey) {
		return a
	}
	a.Key = snakeCase(a.Key)
	if redactedKeys[a.Key] && a.Value.Kind() != slog.KindGroup {
		a.Value = slog.StringValue("[redacted]")
	}
	return a
}

// snakeCase folds "customerID", "Customer-Id" and "customer id" to
// "customer_id".
func snakeCase(s string) string {
	var b strings.Builder
	runes := []rune(s)
	for i, r := range runes {
		switch {
		case r == '-' || r == ' ' || r == '.':
			r = '_'
		case unicode.IsUpper(r):
			afterLower := i > 0 && (unicode.IsLower(runes[i-1]) || unicode.IsDigit(runes[i-1]))
			beforeLower := i > 0 && unicode.IsUpper(runes[i-1]) && i+1 < len(runes) && unicode.IsLower(runes[i+1])
			if afterLower || beforeLower {
				b.WriteByte('_')
			}
			r = unicode.ToLower(r)
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Discard is a logger for tests and for commands that report by themselves.
func Discard() *slog.Logger { return slog.New(slog.DiscardHandler) }
