//go:build unix

package awscli

import (
	"os/exec"
	"syscall"
)

// ownGroup starts the program in a process group of its own, and kills the whole group when its context ends: credential helpers and
// wrapper scripts are processes of their own.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
