// Command starter starts, shows and steers runs of the integrations.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/app-sre/qontract-temporal/integrations"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := execute(ctx, program{
		args: os.Args[1:], stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr,
		getenv: os.Getenv, families: integrations.All(),
	})
	stop()
	os.Exit(code)
}
