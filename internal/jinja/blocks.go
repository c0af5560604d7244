package jinja

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"

	"github.com/nikolalohinski/gonja/v2/exec"
	"github.com/nikolalohinski/gonja/v2/nodes"
	"github.com/nikolalohinski/gonja/v2/parser"
	"github.com/nikolalohinski/gonja/v2/tokens"
)

// encodedTag is {% b64encode %}...{% endb64encode %}: its body in base64, without the indentation that all lines share.
type encodedTag struct {
	at   *tokens.Token
	body *nodes.Wrapper
}

func (e *encodedTag) Position() *tokens.Token { return e.at }
func (e *encodedTag) String() string          { return "b64encode" }

// Execute implements exec.ControlStructure.
func (e *encodedTag) Execute(r *exec.Renderer, _ *nodes.ControlStructureBlock) error {
	var out bounded
	sub := r.Inherit()
	sub.Output = &out
	if err := sub.ExecuteWrapper(e.body); err != nil {
		return err
	}
	_, err := r.Output.Write([]byte(base64.StdEncoding.EncodeToString([]byte(dedent(out.String())))))
	return err
}

func parseEncoded(p, args *parser.Parser) (nodes.ControlStructure, error) {
	tag := &encodedTag{at: p.Current()}
	if err := ended(args); err != nil {
		return nil, err
	}
	var err error
	tag.body, err = body(p, "endb64encode")
	return tag, err
}

// raisedTag is {% raise_error TEXT %}, which ends the rendering.
type raisedTag struct {
	run  *run
	at   *tokens.Token
	text nodes.Expression
}

func (t *raisedTag) Position() *tokens.Token { return t.at }
func (t *raisedTag) String() string          { return "raise_error" }

// Execute implements exec.ControlStructure.
func (t *raisedTag) Execute(r *exec.Renderer, _ *nodes.ControlStructureBlock) error {
	value := r.Eval(t.text)
	if value.IsError() {
		return value
	}
	raised, err := text(value)
	if err != nil {
		return err
	}
	return t.run.fail(fmt.Errorf("line %d: %w", t.at.Line, &RaisedError{Text: raised}))
}

func (r *run) parseRaised(_, args *parser.Parser) (nodes.ControlStructure, error) {
	tag := &raisedTag{run: r, at: args.Current()}
	var err error
	if tag.text, err = args.ParseExpression(); err != nil {
		return nil, err
	}
	return tag, ended(args)
}

var (
	blankLine   = regexp.MustCompile(`(?m)^[ \t]+$`)
	indentation = regexp.MustCompile(`(?m)^[ \t]*`)
)

// dedent is Python's textwrap.dedent: lines of blanks alone become empty, and the blanks that all others begin with go.
func dedent(s string) string {
	s = blankLine.ReplaceAllString(s, "")
	lines := strings.Split(s, "\n")
	var shared *string
	for _, line := range lines {
		if line == "" {
			continue
		}
		begins := indentation.FindString(line)
		if shared != nil {
			begins = commonPrefix(*shared, begins)
		}
		shared = &begins
	}
	if shared == nil {
		return s
	}
	for i, line := range lines {
		lines[i] = strings.TrimPrefix(line, *shared)
	}
	return strings.Join(lines, "\n")
}

func commonPrefix(a, b string) string {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return a[:n]
}
