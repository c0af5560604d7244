package main

import (
	"cmp"
	"context"
	"os"

	"github.com/mattn/go-isatty"
	"golang.org/x/term"

	"github.com/app-sre/qontract-temporal/internal/connect"
	"github.com/app-sre/qontract-temporal/internal/uilink"
	"github.com/app-sre/qontract-temporal/internal/views"
)

// views opens the connection and what is seen through it. The caller closes it.
func (p *program) views(ctx context.Context) (views.Source, error) {
	c, err := p.connect(ctx)
	if err != nil {
		return views.Source{}, err
	}
	return views.Source{Connection: c, Links: p.links(c)}, nil
}

// links leads to the user interface that the flag or the environment names, or to that of a server on this machine.
func (p *program) links(c *connect.Connection) uilink.Links {
	// An address that is none was refused when the connection was opened.
	links, _ := uilink.New(cmp.Or(p.uiAddress(), uilink.Local(c.Address)), c.Namespace)
	return links
}

// uiAddress is what the flag or the environment says.
func (p *program) uiAddress() string { return cmp.Or(p.uiURL, p.getenv(uilink.Env)) }

// look is how output is shown.
type look struct {
	// terminal says that people see it as it is written; colour that it may have colours.
	terminal, colour bool
	width, height    int
}

// pageWidth is what output that is no terminal has, and more than few terminals have less than.
const pageWidth = 100

// look finds out where the standard output leads.
func (p *program) look() look {
	file, ok := p.stdout.(*os.File)
	if !ok || !isatty.IsTerminal(file.Fd()) || p.getenv("TERM") == "dumb" {
		return look{width: pageWidth}
	}
	l := look{terminal: true, colour: p.getenv("NO_COLOR") == "", width: pageWidth}
	if width, height, err := term.GetSize(int(file.Fd())); err == nil {
		l.width, l.height = max(width, pageWidth), height
	}
	return l
}

// colour is a sequence that terminals understand.
type colour string

const (
	red    colour = "31"
	green  colour = "32"
	yellow colour = "33"
	blue   colour = "34"
	faint  colour = "2"
)

// paint colours a text where there are colours.
func (l look) paint(c colour, text string) string {
	if !l.colour || c == "" || text == "" {
		return text
	}
	return "\x1b[" + string(c) + "m" + text + "\x1b[0m"
}

// link makes a text lead to a page where a terminal shows it.
func (l look) link(url, text string) string {
	if !l.terminal || url == "" {
		return text
	}
	return "\x1b]8;;" + url + "\x1b\\" + text + "\x1b]8;;\x1b\\"
}
