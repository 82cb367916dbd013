//go:build !unix

package mcpclient

import "os/exec"

// ownGroup does nothing: the server alone is ended.
func ownGroup(*exec.Cmd) {}

func killGroup(cmd *exec.Cmd) { _ = cmd.Process.Kill() }
