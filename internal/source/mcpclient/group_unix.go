//go:build unix

package mcpclient

import (
	"os/exec"
	"syscall"
)

// ownGroup starts the server in a process group of its own: an interrupt of the terminal is cfdoctor's to handle, and the group can be ended whole.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func killGroup(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
