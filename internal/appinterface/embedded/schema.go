// Package embedded has the schema of our own queries, ready to serve bundles by. It is not part of appinterface, so that a
// client of app-interface does not bring the server along.
package embedded

import (
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/appinterface/server"
)

// Schema is what integrations ask of app-interface: the queries of all of them.
var Schema = server.SchemaFrom(appinterface.SchemaSDL())
