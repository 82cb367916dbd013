//go:build !unix

package awscli

import "os/exec"

// ownGroup does nothing: the program alone is killed when its context ends.
func ownGroup(*exec.Cmd) {}
