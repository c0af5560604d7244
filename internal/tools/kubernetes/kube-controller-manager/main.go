// Command kube-controller-manager runs the few controllers that an API server without nodes needs, and nothing else:
// without them namespaces stay Terminating, aggregated roles stay empty and service account tokens stay unwritten.
//
// It understands the flags of the stock program that the tests pass, so that either serves. It exists because it shares
// nearly all packages with kube-apiserver: built after it, it takes seconds where the stock program takes minutes.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := execute(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "kube-controller-manager:", err)
		os.Exit(1)
	}
}

// execute parses the arguments and runs until ctx ends.
func execute(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("kube-controller-manager", flag.ContinueOnError)
	klog.InitFlags(flags)
	kubeconfig := flags.String("kubeconfig", "", "file with the API server's address and credentials")
	names := flags.String("controllers", strings.Join(available(), ","), "comma-separated names of the controllers to run")
	keyFile := flags.String("service-account-private-key-file", "", "PEM file with the key that signs service account tokens")
	caFile := flags.String("root-ca-file", "", "PEM file with the certificate put into service account tokens' Secrets")
	qps := flags.Float64("kube-api-qps", 20, "requests a second to the API server")
	burst := flags.Int("kube-api-burst", 30, "requests that may exceed kube-api-qps for a moment")
	flags.Bool("leader-elect", false, "accepted as the stock program's flag: there is never a second instance here")
	flags.Int("secure-port", 0, "accepted as the stock program's flag: nothing is served here")
	if err := flags.Parse(args); err != nil {
		return err
	}

	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		return fmt.Errorf("read --kubeconfig: %w", err)
	}
	config.QPS, config.Burst = float32(*qps), *burst
	signer := signing{keyFile: *keyFile, caFile: *caFile}
	return run(ctx, config, strings.Split(*names, ","), signer)
}
