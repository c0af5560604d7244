package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/Khan/genqlient/graphql"
	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/config"
	"github.com/app-sre/qontract-temporal/internal/readonly"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/state"
)

func (p *program) stateCommand() *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:   "state",
		Short: "Look at and mend what integrations remember between runs",
		Long: "State is a JSON value under a key, for each integration. It is where " + state.EnvURL + " says, a URL such as\n" +
			"file:///var/lib/qontract/state or s3://bucket?region=us-east-1; else where the other APP_INTERFACE_STATE_ variables say;\n" +
			"else where the app-interface-settings datafile says.",
		Example: "  starter state ls sql-query\n  starter state get sql-query my-query\n  starter state set sql-query my-query '\"DONE\"' --force\n  starter state rm sql-query my-query",
	}
	cmd.PersistentFlags().StringVar(&path, "config", "", "configuration file (default $QONTRACT_CONFIG); needed only where app-interface or its secrets say where state is")
	cmd.AddCommand(p.stateListCommand(&path), p.stateGetCommand(&path), p.stateSetCommand(&path), p.stateRemoveCommand(&path))
	return cmd
}

// store returns the state of an integration, of all where the name is empty.
func (p *program) store(configPath, integration string) *state.Store {
	return state.New(state.Options{Getenv: p.getenv, AppInterface: func() (graphql.Client, secret.Reader, error) {
		path, err := config.Locate(configPath)
		if err != nil {
			return nil, nil, err
		}
		loaded, err := config.Load(path)
		if err != nil {
			return nil, nil, err
		}
		app, err := appinterface.New(appinterface.Config{URL: loaded.GraphQL.Server, Token: loaded.GraphQL.Token})
		if err != nil {
			return nil, nil, err
		}
		secrets, err := clients.NewSecrets(loaded, app)
		return app.For("", "", false), secrets, err
	}}).Store(integration)
}

// stateKey is a key as it is listed.
type stateKey struct {
	Integration string `json:"integration"`
	Key         string `json:"key"`
}

// stateEntry is a key with what stands under it.
type stateEntry struct {
	stateKey
	Value    json.RawMessage   `json:"value"`
	Metadata map[string]string `json:"metadata"`
}

func (p *program) stateListCommand(path *string) *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:     "ls [INTEGRATION]",
		Short:   "List the keys of an integration, or of all",
		Example: "  starter state ls\n  starter state ls openshift-saas-deploy -o json",
		Args:    between(0, 1, "the name of one integration, or nothing"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := format(output, "table", "json"); err != nil {
				return err
			}
			integration := strings.Join(args, "")
			keys, err := p.store(*path, integration).List(cmd.Context())
			if err != nil {
				return err
			}
			listed := make([]stateKey, len(keys))
			for i, key := range keys {
				listed[i] = stateKey{Integration: integration, Key: key}
				if integration == "" {
					listed[i].Integration, listed[i].Key, _ = strings.Cut(key, "/")
				}
			}
			if output == "json" {
				return writeJSON(p.stdout, listed)
			}
			t := newTable(p.stdout, "integration", "key")
			for _, one := range listed {
				t.AppendRow(table.Row{one.Integration, one.Key})
			}
			t.Render()
			return nil
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "table", "table or json")
	return cmd
}

func (p *program) stateGetCommand(path *string) *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:     "get INTEGRATION KEY",
		Short:   "Print the value of a key",
		Long:    "get prints the value as JSON; with -o json together with the metadata.",
		Example: "  starter state get sql-query my-query\n  starter state get early-exit-cache terraform-resources/0.1.0/no-dry-run/latest -o json",
		Args:    exactly(2, "an integration and a key"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := format(output, "text", "json"); err != nil {
				return err
			}
			found, err := p.store(*path, args[0]).Get(cmd.Context(), args[1])
			if err != nil {
				return err
			}
			if output == "json" {
				return writeJSON(p.stdout, stateEntry{stateKey{args[0], args[1]}, found.Value, found.Metadata})
			}
			return writeJSON(p.stdout, found.Value)
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "text", "text or json")
	return cmd
}

func (p *program) stateSetCommand(path *string) *cobra.Command {
	var output string
	var force bool
	cmd := &cobra.Command{
		Use:   "set INTEGRATION KEY [VALUE]",
		Short: "Store a value under a key",
		Long: "VALUE is JSON: text needs quotes of its own. Without VALUE, or with -, it is read from the standard input.\n" +
			"A key that is there already is left alone and fails, unless --force is given; its metadata then goes as well.",
		Example: "  starter state set sql-query my-query '\"DONE\"'\n  starter state get ldap-groups managed_groups | jq '. + [\"sre\"]' | starter state set ldap-groups managed_groups --force",
		Args:    between(2, 3, "an integration, a key and a value"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := format(output, "text", "json"); err != nil {
				return err
			}
			value, err := p.stateValue(args[2:])
			if err != nil {
				return err
			}
			ctx, store := readonly.Grant(cmd.Context()), p.store(*path, args[0])
			if force {
				err = store.Set(ctx, args[1], value, nil)
			} else {
				err = store.Add(ctx, args[1], value, nil)
			}
			if !force && apierr.Is(err, apierr.Conflict) {
				return fmt.Errorf("%w; --force replaces it", err)
			}
			if err != nil {
				return err
			}
			if output == "json" {
				return writeJSON(p.stdout, stateEntry{stateKey{args[0], args[1]}, value, map[string]string{}})
			}
			fmt.Fprintf(p.stdout, "Stored %s of %s.\n", args[1], args[0])
			return nil
		},
	}
	cmd.Flags().BoolVar(&force, "force", false, "replace the value where the key is there already")
	cmd.Flags().StringVarP(&output, "output", "o", "text", "text or json")
	return cmd
}

// stateValue is the value on the command line or, without one, on the standard input.
func (p *program) stateValue(args []string) (json.RawMessage, error) {
	text := strings.Join(args, "")
	if text == "" && len(args) == 0 || text == "-" {
		read, err := io.ReadAll(p.stdin)
		if err != nil {
			return nil, err
		}
		text = string(read)
	}
	if !json.Valid([]byte(text)) {
		return nil, usageError{errors.New(`the value is not JSON; text needs quotes of its own: '"DONE"'`)}
	}
	return json.RawMessage(text), nil
}

func (p *program) stateRemoveCommand(path *string) *cobra.Command {
	var output string
	var force bool
	cmd := &cobra.Command{
		Use:     "rm INTEGRATION KEY",
		Short:   "Remove a key",
		Long:    "rm fails where the key is not there, unless --force is given.",
		Example: "  starter state rm sql-query my-query\n  starter state rm sql-query my-query --force -o json",
		Args:    exactly(2, "an integration and a key"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := format(output, "text", "json"); err != nil {
				return err
			}
			err := p.store(*path, args[0]).Remove(readonly.Grant(cmd.Context()), args[1])
			missing := apierr.Is(err, apierr.Missing)
			if err != nil && !(missing && force) {
				return err
			}
			if output == "json" {
				return writeJSON(p.stdout, struct {
					stateKey
					Removed bool `json:"removed"`
				}{stateKey{args[0], args[1]}, !missing})
			}
			done := "Removed %s of %s.\n"
			if missing {
				done = "There is no %s of %s.\n"
			}
			fmt.Fprintf(p.stdout, done, args[1], args[0])
			return nil
		},
	}
	cmd.Flags().BoolVar(&force, "force", false, "succeed where the key is not there")
	cmd.Flags().StringVarP(&output, "output", "o", "text", "text or json")
	return cmd
}

// between is the check for a number of arguments within bounds, as a usage error.
func between(least, most int, what string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) < least || len(args) > most {
			return usageError{fmt.Errorf("expected %s", what)}
		}
		return nil
	}
}
