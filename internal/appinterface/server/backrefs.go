package server

import (
	"strings"

	"github.com/app-sre/qontract-temporal/internal/appinterface/schema"
)

// indexBackrefs finds, for every synthetic field of the schema, which datafiles refer to which path. A datafile that
// refers to a path several times stands once, in the bundle's order.
func indexBackrefs(confs schema.Confs, bySchema map[string][]*object) map[schema.Synthetic]map[string][]*object {
	index := map[schema.Synthetic]map[string][]*object{}
	for _, t := range confs {
		for _, field := range t.Fields {
			if field.Synthetic == nil {
				continue
			}
			if _, done := index[*field.Synthetic]; done {
				continue
			}
			referrers := map[string][]*object{}
			attrs := strings.Split(field.Synthetic.SubAttr, ".")
			for _, datafile := range bySchema[field.Synthetic.Schema] {
				eachReference(datafile, attrs, func(path string) {
					known := referrers[path]
					if len(known) == 0 || known[len(known)-1] != datafile {
						referrers[path] = append(known, datafile)
					}
				})
			}
			index[*field.Synthetic] = referrers
		}
	}
	return index
}

// eachReference calls found with the path of every reference at attrs, going through lists on the way.
func eachReference(value any, attrs []string, found func(path string)) {
	switch v := value.(type) {
	case []any:
		for _, element := range v {
			eachReference(element, attrs, found)
		}
	case *object:
		if len(attrs) == 0 {
			if path := v.text("$ref"); path != "" {
				found(path)
			}
			return
		}
		if child, ok := v.get(attrs[0]); ok {
			eachReference(child, attrs[1:], found)
		}
	}
}
