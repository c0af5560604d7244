package pyjson

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Form is how a text is laid out.
type Form struct {
	// Item and Key are the separators after an element and after a key.
	Item, Key string
	// Sorted writes Objects sorted by key at every level, by code point. Maps always are.
	Sorted bool
}

// Default is the layout of json.dumps.
func Default() Form { return Form{Item: ", ", Key: ": "} }

// Sorted is the default layout with all keys sorted.
func Sorted() Form { return Form{Item: ", ", Key: ": ", Sorted: true} }

// Compact is the layout without spaces.
func Compact() Form { return Form{Item: ",", Key: ":"} }

// Text writes a value that consists of nil, bool, string, json.Number, []any, map[string]any and Object. Everything outside
// printable ASCII is escaped as \uXXXX, and nothing for HTML. A value of another type is written as encoding/json reads it,
// and as null where that cannot.
func (f Form) Text(value any) string {
	var out strings.Builder
	f.write(&out, value)
	return out.String()
}

func (f Form) write(out *strings.Builder, value any) {
	switch v := value.(type) {
	case nil:
		out.WriteString("null")
	case bool:
		fmt.Fprintf(out, "%t", v)
	case json.Number:
		out.WriteString(v.String())
	case string:
		writeString(out, v)
	case []any:
		out.WriteByte('[')
		for i, item := range v {
			if i > 0 {
				out.WriteString(f.Item)
			}
			f.write(out, item)
		}
		out.WriteByte(']')
	case map[string]any:
		members := make(Object, 0, len(v))
		for _, key := range slices.Sorted(maps.Keys(v)) {
			members = append(members, Member{Key: key, Value: v[key]})
		}
		f.writeMembers(out, members)
	case Object:
		if f.Sorted {
			v = slices.Clone(v)
			slices.SortFunc(v, func(a, b Member) int { return strings.Compare(a.Key, b.Key) })
		}
		f.writeMembers(out, v)
	default:
		f.write(out, plain(v))
	}
}

// plain is a value of any other type in the types that Text knows; nil for what is no JSON.
func plain(value any) any {
	raw, err := json.Marshal(value)
	if err != nil {
		return nil
	}
	decoded, err := Decode(raw)
	if err != nil {
		return nil
	}
	return decoded
}

func (f Form) writeMembers(out *strings.Builder, members Object) {
	out.WriteByte('{')
	for i, member := range members {
		if i > 0 {
			out.WriteString(f.Item)
		}
		writeString(out, member.Key)
		out.WriteString(f.Key)
		f.write(out, member.Value)
	}
	out.WriteByte('}')
}

func writeString(out *strings.Builder, s string) {
	out.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			out.WriteByte('\\')
			out.WriteRune(r)
		case r == '\n':
			out.WriteString(`\n`)
		case r == '\r':
			out.WriteString(`\r`)
		case r == '\t':
			out.WriteString(`\t`)
		case r == '\b':
			out.WriteString(`\b`)
		case r == '\f':
			out.WriteString(`\f`)
		case r >= ' ' && r <= '~':
			out.WriteRune(r)
		case r > 0xFFFF && r <= utf8.MaxRune:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(out, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(out, `\u%04x`, r)
		}
	}
	out.WriteByte('"')
}
