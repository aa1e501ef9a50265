package domain_test

import (
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/domain"
)

// TestErrorKeepsItsCauseForLogs: what a caller is shown names no cause, what
// the operator reads does.
func TestErrorKeepsItsCauseForLogs(t *testing.T) {
	t.Parallel()
	err := &domain.Error{Code: domain.CodeInternal, Message: "something went wrong", Cause: errors.New("disk on fire")}
	if strings.Contains(err.Error(), "fire") {
		t.Errorf("the message tells the cause: %v", err)
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Error("x", "error", err)
	if !strings.Contains(log.String(), "something went wrong: disk on fire") {
		t.Errorf("the log lacks the cause: %s", log.String())
	}
}
