package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestASecretTypedIsNotShown: on a terminal, what is typed after the question
// is echoed nowhere.
func TestASecretTypedIsNotShown(t *testing.T) {
	t.Parallel()
	in := onBluesky(t)
	dir := t.TempDir()
	must(t, dir, "migrate")
	screen, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no terminals here: ", err)
	}
	defer screen.Close()
	fd := int(screen.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Skip("no terminals here: ", err)
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	tty, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer tty.Close()
	var stdout bytes.Buffer
	cmd := exec.Command(binary, in.line()...)
	cmd.Dir, cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = dir, cleanEnv(), tty, &stdout, tty
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it waits for what is not shown", func() bool {
		mode, err := unix.IoctlGetTermios(int(tty.Fd()), unix.TCGETS)
		return err == nil && mode.Lflag&unix.ECHO == 0
	})
	if _, err := io.WriteString(screen, in.secrets[0]+"\n"); err != nil {
		t.Fatal(err)
	}
	failed := cmd.Wait()
	tty.Close() // what was shown ends here
	shown, _ := io.ReadAll(screen)
	if failed != nil || !strings.Contains(stdout.String(), "Connected to bluesky as @shop.example") {
		t.Fatalf("%v\n%s%s", failed, stdout.String(), shown)
	}
	if !strings.Contains(string(shown), "The app password (it is not shown)") || strings.Contains(string(shown)+stdout.String(), secretMark) {
		t.Errorf("shown is\n%s%s", shown, stdout.String())
	}
}
