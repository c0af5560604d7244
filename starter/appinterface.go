package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/Khan/genqlient/graphql"
	"github.com/spf13/cobra"

	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/appinterface/embedded"
	"github.com/app-sre/qontract-temporal/internal/appinterface/server"
	"github.com/app-sre/qontract-temporal/internal/config"
)

func (p *program) appinterfaceCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "appinterface",
		Short:   "Serve, pack and query app-interface data",
		Example: "  starter appinterface serve --folder deploy/sample\n  starter appinterface query '{ apps_v1 { name } }'",
	}
	cmd.AddCommand(p.serveCommand(), p.bundleCommand(), p.queryCommand())
	return cmd
}

// bundleFlags name where the data is.
type bundleFlags struct {
	folder, bundle    string
	commit, timestamp string
}

func (f *bundleFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.folder, "folder", "", "folder with data/ and resources/, as in an app-interface repository")
	cmd.Flags().StringVar(&f.commit, "commit", "", "git commit that the folder stands for")
	cmd.Flags().StringVar(&f.timestamp, "timestamp", "", "time of that commit in seconds since 1970")
}

func (f *bundleFlags) options() server.FolderOptions {
	return server.FolderOptions{Schema: embedded.Schema, Commit: f.commit, Timestamp: f.timestamp}
}

// read is the source that the server reloads.
func (f *bundleFlags) read(context.Context) (*server.Bundle, error) {
	if f.folder != "" {
		return server.ReadFolder(os.DirFS(f.folder), f.options())
	}
	file, err := os.Open(f.bundle)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	return server.ReadBundle(file)
}

func (p *program) serveCommand() *cobra.Command {
	f := bundleFlags{}
	var listen string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve a folder or a bundle as qontract-server does",
		Long: "serve answers /graphql, /graphqlsha/<sha>, /sha256, /git-commit-info, /diff, /reload and /metrics.\n" +
			"POST /reload reads the data anew; broken data is reported with file and path, and the previous bundle stays served.",
		Example: "  starter appinterface serve --folder deploy/sample\n  starter appinterface serve --bundle data.json --listen :4000",
		Args:    exactly(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if (f.folder == "") == (f.bundle == "") {
				return usageError{errors.New("expected one of --folder and --bundle")}
			}
			s, err := server.New(server.Options{Source: f.read, Log: slog.New(slog.NewTextHandler(p.stderr, nil))})
			if err != nil {
				return err
			}
			if _, err := s.Reload(cmd.Context()); err != nil {
				return err
			}
			return p.listen(cmd.Context(), listen, "app-interface", "/graphql", s.Handler())
		},
	}
	f.add(cmd)
	cmd.Flags().StringVar(&f.bundle, "bundle", "", "bundle file as qontract-server reads it")
	cmd.Flags().StringVar(&listen, "listen", "localhost:4000", "address to serve at")
	return cmd
}

// headerTimeout is how long a client may take to send a request's header.
const headerTimeout = 10 * time.Second

// listen serves until ctx ends, and says what it serves, and below which path.
func (p *program) listen(ctx context.Context, address, what, path string, handler http.Handler) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "Serving %s at http://%s%s\n", what, listener.Addr(), path)
	s := &http.Server{Handler: handler, ReadHeaderTimeout: headerTimeout}
	stop := context.AfterFunc(ctx, func() { _ = s.Close() })
	defer stop()
	if err := s.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func (p *program) bundleCommand() *cobra.Command {
	f := bundleFlags{}
	var output string
	cmd := &cobra.Command{
		Use:     "bundle --folder DIR",
		Short:   "Check a folder and pack it into a bundle",
		Long:    "bundle reads all datafiles and resources, reports everything that is wrong with them, and writes the bundle that qontract-server reads.",
		Example: "  starter appinterface bundle --folder deploy/sample --output data.json",
		Args:    exactly(0, "no arguments"),
		RunE: func(*cobra.Command, []string) error {
			if f.folder == "" {
				return usageError{errors.New("expected --folder")}
			}
			data, warnings, err := server.EncodeFolder(os.DirFS(f.folder), f.options())
			if err != nil {
				return err
			}
			for _, warning := range warnings {
				fmt.Fprintln(p.stderr, "Warning:", warning)
			}
			if output != "-" {
				return os.WriteFile(output, data, 0o644)
			}
			_, err = p.stdout.Write(data)
			return err
		},
	}
	f.add(cmd)
	cmd.Flags().StringVar(&output, "output", "-", "file to write; - is the standard output")
	return cmd
}

func (p *program) queryCommand() *cobra.Command {
	var path, url, sha string
	cmd := &cobra.Command{
		Use:     "query QUERY",
		Short:   "Send a GraphQL query to app-interface",
		Long:    "query asks the app-interface that config.toml names, and prints the data as JSON. A query of - is read from the standard input.",
		Example: "  starter appinterface query '{ namespaces_v1 { name cluster { name } } }'\n  starter appinterface query --url http://localhost:4000/graphql - < queries.graphql",
		Args:    exactly(1, "one query"),
		RunE: func(cmd *cobra.Command, args []string) error {
			query := args[0]
			if query == "-" {
				text, err := io.ReadAll(p.stdin)
				if err != nil {
					return err
				}
				query = string(text)
			}
			c, err := queryClient(path, url)
			if err != nil {
				return err
			}
			var data any
			if err := c.For("", sha, false).MakeRequest(cmd.Context(), &graphql.Request{Query: query}, &graphql.Response{Data: &data}); err != nil {
				return err
			}
			return writeJSON(p.stdout, data)
		},
	}
	cmd.Flags().StringVar(&path, "config", "", "configuration file (default $QONTRACT_CONFIG)")
	cmd.Flags().StringVar(&url, "url", "", "GraphQL endpoint, instead of a configuration file")
	cmd.Flags().StringVar(&sha, "sha", "", "bundle to ask; the current one by default")
	return cmd
}

func queryClient(path, url string) (*appinterface.Client, error) {
	if url != "" {
		return appinterface.New(appinterface.Config{URL: url})
	}
	located, err := config.Locate(path)
	if err != nil {
		return nil, err
	}
	loaded, err := config.Load(located)
	if err != nil {
		return nil, err
	}
	return appinterface.New(appinterface.Config{URL: loaded.GraphQL.Server, Token: loaded.GraphQL.Token})
}
