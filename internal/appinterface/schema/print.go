package schema

import (
	"fmt"
	"strings"
)

// Plain returns the schema as SDL without directives: the types, fields and arguments that a query may use.
func (c Confs) Plain() string {
	var out strings.Builder
	out.WriteString("scalar JSON\n")
	for i := range c {
		t := &c[i]
		keyword := "type"
		if t.IsInterface {
			keyword = "interface"
		}
		fmt.Fprintf(&out, "\n%s %s", keyword, t.Name)
		if names := c.Implements(t); len(names) > 0 {
			fmt.Fprintf(&out, " implements %s", strings.Join(names, " & "))
		}
		out.WriteString(" {\n")
		for _, field := range t.Fields {
			fmt.Fprintf(&out, "  %s", field.Name)
			if args := c.Arguments(&field); len(args) > 0 {
				fmt.Fprintf(&out, "(%s)", strings.Join(args, ", "))
			}
			fmt.Fprintf(&out, ": %s\n", field.SDLType())
		}
		out.WriteString("}\n")
	}
	return out.String()
}

// SDLType returns the type of the field's answer in SDL. Elements of lists are never null; a resource always may be.
func (f *Field) SDLType() string {
	if f.Resource() {
		return ResourceType
	}
	name := f.Type
	if scalar := ScalarName(name); scalar != "" {
		name = scalar
	}
	if f.IsList {
		name = "[" + name + "!]"
	}
	if f.IsRequired {
		name += "!"
	}
	return name
}
