// Command cfdoctor tells why an Amazon CloudFront distribution fails, proves it, and fixes it.
package main

import (
	"context"
	"os"
	"os/signal"

	"cfdoctor/internal/cli"
	"cfdoctor/internal/ui"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	status := cli.Run(ctx, os.Args[1:], ui.Standard())
	stop()
	os.Exit(status)
}
