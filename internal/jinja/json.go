package jinja

import (
	"fmt"
	"sort"
	"strings"

	"github.com/nikolalohinski/gonja/v2/exec"
)

// tojson writes a value as Jinja2's filter of that name: Python's separators, keys in order, everything outside ASCII
// and what HTML reads escaped. An indent puts each element on a line of its own.
func tojson(out *strings.Builder, v *exec.Value, indent, level int) error {
	switch {
	case v.IsError():
		return v
	case isNone(v):
		out.WriteString("null")
	case v.IsString():
		jsonText(out, v.String())
	case v.IsBool():
		out.WriteString(strings.ToLower(v.String()))
	case v.IsNumber():
		out.WriteString(v.String())
	case v.IsDict():
		all := pairs(v)
		for _, p := range all {
			if !p.key.IsString() {
				return faultf("a dict that has other keys than text cannot be written as JSON")
			}
		}
		sort.SliceStable(all, func(i, j int) bool { return all[i].key.String() < all[j].key.String() })
		return sequence(out, "{", "}", len(all), indent, level, func(i int) error {
			jsonText(out, all[i].key.String())
			out.WriteString(": ")
			return tojson(out, all[i].value, indent, level+1)
		})
	case v.IsList():
		return sequence(out, "[", "]", v.Len(), indent, level, func(i int) error {
			return tojson(out, wrap(v.Index(i)), indent, level+1)
		})
	default:
		return faultf("%s cannot be written as JSON", kind(v))
	}
	return nil
}

func sequence(out *strings.Builder, open, closing string, length, indent, level int, each func(int) error) error {
	out.WriteString(open)
	for i := range length {
		if i > 0 {
			out.WriteByte(',')
		}
		switch {
		case indent >= 0:
			out.WriteString("\n" + strings.Repeat(" ", indent*(level+1)))
		case i > 0:
			out.WriteByte(' ')
		}
		if err := each(i); err != nil {
			return err
		}
	}
	if indent >= 0 && length > 0 {
		out.WriteString("\n" + strings.Repeat(" ", indent*level))
	}
	out.WriteString(closing)
	return nil
}

func jsonText(out *strings.Builder, s string) {
	out.WriteByte('"')
	for _, char := range s {
		switch {
		case char == '"', char == '\\':
			out.WriteByte('\\')
			out.WriteRune(char)
		case char == '\n':
			out.WriteString(`\n`)
		case char == '\r':
			out.WriteString(`\r`)
		case char == '\t':
			out.WriteString(`\t`)
		case char == '\b':
			out.WriteString(`\b`)
		case char == '\f':
			out.WriteString(`\f`)
		case char < ' ', char > '~' && char < 0x10000, strings.ContainsRune("<>&'", char):
			fmt.Fprintf(out, `\u%04x`, char)
		case char >= 0x10000:
			char -= 0x10000
			fmt.Fprintf(out, `\u%04x\u%04x`, 0xd800+char>>10, 0xdc00+char&0x3ff)
		default:
			out.WriteRune(char)
		}
	}
	out.WriteByte('"')
}
