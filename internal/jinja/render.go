// Package jinja renders Jinja2 templates as the reference does: StrictUndefined, with the filters, tags and functions
// that the reference adds. The templates are resources of app-interface, written for Jinja2 and its Python.
//
// Gonja reads the templates; what their expressions mean is said here, because gonja's own meaning is loose where
// Python's is not: None would print as nothing, text and numbers would add up, and what is undefined within a list
// would pass. So every expression is rewritten, before the template runs, into calls of filters of this package
// (rewrite.go), and only tags, filters and methods that agree with Jinja2 are known. What is not known is an
// error, never another text. Templates load no other templates.
package jinja

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/nikolalohinski/gonja/v2/config"
	"github.com/nikolalohinski/gonja/v2/tokens"
)

// Bounds of one rendering. Gonja recurses, and a Go stack that is full cannot be recovered from.
const (
	maxTemplate = 1 << 20
	maxOutput   = 8 << 20
	maxBrackets = 100
	maxTags     = 10_000
	maxDepth    = 50
	maxRounds   = 100_000
)

// vet refuses templates that nest deeper than the stack suffers, and returns where tags and comments begin.
func vet(text string, settings *config.Config) (tags []int, err error) {
	open := 0
	stream := tokens.LexAll(text, settings)
	for ; !stream.End(); stream.Next() {
		switch token := stream.Current(); token.Type {
		case tokens.LeftParenthesis, tokens.LeftBracket, tokens.LeftBrace:
			open++
		case tokens.RightParenthesis, tokens.RightBracket, tokens.RightBrace:
			open--
		case tokens.BlockBegin, tokens.CommentBegin:
			tags = append(tags, token.Pos)
		default:
			continue
		}
		if open > maxBrackets || len(tags) > maxTags {
			return nil, fmt.Errorf("line %d: brackets nest deeper than %d, or more than %d tags", stream.Current().Line, maxBrackets, maxTags)
		}
	}
	return tags, nil
}

// lstrip removes the blanks before a tag that is the first thing in its line, whose opening has that many bytes. Gonja
// would also remove those between an expression and a tag.
func lstrip(text string, tags []int, opening int) string {
	var out strings.Builder
	done := 0
	for _, tag := range tags {
		kept := strings.TrimRight(text[done:tag], " \t\f\v")
		starts := kept == "" && done == 0 || strings.HasSuffix(kept, "\n")
		if !starts || strings.HasPrefix(text[tag+opening:], "+") {
			kept = text[done:tag]
		}
		out.WriteString(kept)
		done = tag
	}
	return out.String() + text[done:]
}

// bounded takes the output, up to maxOutput.
type bounded struct{ bytes.Buffer }

// Write implements io.Writer.
func (b *bounded) Write(data []byte) (int, error) {
	if b.Len()+len(data) > maxOutput {
		return 0, faultf("renders to more than %d bytes", maxOutput)
	}
	return b.Buffer.Write(data)
}

// WriteString implements io.StringWriter, which io.WriteString would otherwise find in the buffer.
func (b *bounded) WriteString(text string) (int, error) { return b.Write([]byte(text)) }
