package main

import (
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// grid is a table that fits the page: its widest columns are folded.
type grid struct {
	columns []string
	rows    [][]string
	// links are where the first cells lead, by row.
	links []string
}

// apart is the room between two columns.
const apart = 2

// add adds a row whose first cell leads to a page, where there is one.
func (g *grid) add(link string, cells ...string) {
	g.links, g.rows = append(g.links, link), append(g.rows, cells)
}

// lines render the table.
func (g *grid) lines(l look) []string {
	widths := g.widths(l.width)
	t := newTable(nil, g.columns...)
	t.Style().Box.PaddingLeft, t.Style().Box.PaddingRight = "", strings.Repeat(" ", apart)
	configs := make([]table.ColumnConfig, len(widths))
	for i, width := range widths {
		configs[i] = table.ColumnConfig{Number: i + 1, WidthMax: width, WidthMaxEnforcer: text.WrapSoft}
	}
	t.SetColumnConfigs(configs)
	for i, cells := range g.rows {
		row := make(table.Row, len(cells))
		for j, cell := range cells {
			row[j] = cell
		}
		// A link that is folded leads nowhere.
		if text.StringWidthWithoutEscSequences(cells[0]) <= widths[0] {
			row[0] = l.link(g.links[i], cells[0])
		}
		t.AppendRow(row)
	}
	lines := strings.Split(t.Render(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return lines
}

// widths are those of the columns: as wide as what they hold, and the widest ones as narrow as the page demands.
func (g *grid) widths(page int) []int {
	widths := make([]int, len(g.columns))
	for i, column := range g.columns {
		widths[i] = len(column)
		for _, cells := range g.rows {
			widths[i] = max(widths[i], text.StringWidthWithoutEscSequences(cells[i]))
		}
	}
	const narrowest = 12
	for {
		total, widest := -apart, 0
		for i, width := range widths {
			total += width + apart
			if width > widths[widest] {
				widest = i
			}
		}
		if total <= page || widths[widest] <= narrowest {
			return widths
		}
		widths[widest]--
	}
}
