package main

import (
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestExecute(t *testing.T) {
	for _, tc := range []struct {
		name    string
		command []string
		code    int
		fails   bool
	}{
		{"the command finds the servers in its environment", []string{"sh", "-c", `test "$QT_KUBE_URL" = https://here`}, 0, false},
		{"its exit code is passed on", []string{"sh", "-c", "exit 7"}, 7, false},
		{"a command that a signal ended gives 128 and the signal", []string{"sh", "-c", "kill -TERM $$"}, 143, false},
		{"an unknown command is an error", []string{"/nowhere"}, exitFailure, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if _, err := exec.LookPath("sh"); err != nil {
				t.Skip(err)
			}
			code, err := execute(tc.command, []string{"QT_KUBE_URL=https://here"}, nil)
			require.Equal(t, tc.code, code)
			require.Equal(t, tc.fails, err != nil, "%v", err)
		})
	}
}
